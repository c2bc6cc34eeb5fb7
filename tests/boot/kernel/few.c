/* SPDX-License-Identifier: BSD-2-Clause */
/* The fewest requests that the probe can work with. */
#include "requests.h"

REQUEST(hhdm_request, LIMINE_ID_HHDM);
REQUEST(memmap_request, LIMINE_ID_MEMMAP);
struct limine_request info_request, cmdline_request, firmware_request, framebuffer_request, file_request, rsdp_request,
    smbios_request, efi_table_request, efi_memmap_request, date_request, address_request;
struct limine_paging_mode_request paging_request;
struct limine_mp_request mp_request;
