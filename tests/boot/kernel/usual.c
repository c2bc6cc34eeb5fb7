/* SPDX-License-Identifier: BSD-2-Clause */
/* The requests that most variants make. */
#include "requests.h"

REQUEST(info_request, LIMINE_ID_BOOTLOADER_INFO);
REQUEST(cmdline_request, LIMINE_ID_EXECUTABLE_CMDLINE);
REQUEST(firmware_request, LIMINE_ID_FIRMWARE_TYPE);
REQUEST(framebuffer_request, LIMINE_ID_FRAMEBUFFER);
REQUEST(file_request, LIMINE_ID_EXECUTABLE_FILE);
REQUEST(rsdp_request, LIMINE_ID_RSDP);
REQUEST(smbios_request, LIMINE_ID_SMBIOS);
REQUEST(efi_table_request, LIMINE_ID_EFI_SYSTEM_TABLE);
REQUEST(efi_memmap_request, LIMINE_ID_EFI_MEMMAP);
REQUEST(date_request, LIMINE_ID_DATE_AT_BOOT);
REQUEST(address_request, LIMINE_ID_EXECUTABLE_ADDRESS);
REQUEST(hhdm_request, LIMINE_ID_HHDM);
REQUEST(memmap_request, LIMINE_ID_MEMMAP);
struct limine_paging_mode_request IN_REQUESTS paging_request = {.head.id = LIMINE_REQUEST_ID(LIMINE_ID_PAGING_MODE)};
struct limine_mp_request IN_REQUESTS mp_request = {.head.id = LIMINE_REQUEST_ID(LIMINE_ID_MP)};
