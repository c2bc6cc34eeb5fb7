/* SPDX-License-Identifier: BSD-2-Clause */
#include "efi.h"

#include <boot/console.h>
#include <boot/cpu.h>
#include <boot/load.h>

enum { PUT_AT_ONCE = 64, ZONE_UNKNOWN = 0x7ff };

struct efi_system_table *efi_system;
efi_handle efi_image;
efi_handle efi_volume_device;
static bool firmware_left;

efi_status efi_main(efi_handle image, struct efi_system_table *system);

void platform_put(const char *text, size_t length)
{
    efi_char wide[PUT_AT_ONCE + 1];
    while (length > 0) {
        size_t n = length < PUT_AT_ONCE ? length : PUT_AT_ONCE;
        for (size_t i = 0; i < n; i++)
            wide[i] = (uint8_t)text[i];
        wide[n] = 0;
        (void)efi_system->output->put(efi_system->output, wide);
        text += n;
        length -= n;
    }
}

int platform_key(uint64_t milliseconds)
{
    struct efi_key key;
    for (uint64_t i = 0; i < milliseconds; i += 10) {
        if (efi_system->input->read_key(efi_system->input, &key) == EFI_SUCCESS)
            return key.character < 128 ? key.character : 0;
        (void)efi_system->boot->stall(10000);
    }
    return -1;
}

/* Leaves the line on the screen until somebody has seen it, then lets the firmware go on. */
_Noreturn void platform_stop(void)
{
    if (!firmware_left) {
        while (platform_key(1000) < 0)
            continue;
        (void)efi_system->boot->exit(efi_image, EFI_LOAD_ERROR, 0, NULL);
    }
    for (;;)
        cpu_halt();
}

const char *platform_cmdline(void)
{
    return "";
}

static uint64_t table(uint32_t a, uint16_t b, uint16_t c, uint64_t d)
{
    for (uint64_t i = 0; i < efi_system->table_count; i++) {
        const struct efi_table *entry = &efi_system->tables[i];
        uint64_t tail = 0;
        for (unsigned k = 0; k < 8; k++)
            tail = tail << 8 | entry->guid.d[k];
        if (entry->guid.a == a && entry->guid.b == b && entry->guid.c == c && tail == d)
            return entry->address;
    }
    return 0;
}

/* Days from 1970-01-01: years and months counted from March, so that leap days come last. */
static int64_t days(int64_t year, int64_t month, int64_t day)
{
    year -= month <= 2;
    month += month <= 2 ? 9 : -3;
    return 365 * year + year / 4 - year / 100 + year / 400 + (153 * month + 2) / 5 + day - 1 - 719468;
}

static int64_t date(void)
{
    struct efi_time time;
    if (efi_system->runtime->get_time(&time, NULL) != EFI_SUCCESS)
        return 0;
    int64_t minutes = days(time.year, time.month, time.day) * 1440 + time.hour * 60 + time.minute;
    if (time.zone != ZONE_UNKNOWN)
        minutes += time.zone;
    return minutes * 60 + time.second;
}

void platform_firmware(struct firmware *firmware)
{
    uint64_t acpi_2 = table(0x8868e871, 0xe4f1, 0x11d3, 0xbc220080c73c8881);
    *firmware = (struct firmware){
        .type = LIMINE_FIRMWARE_EFI64,
        .rsdp = acpi_2 != 0 ? acpi_2 : table(0xeb9d2d30, 0x2d88, 0x11d3, 0x9a160090273fc14d),
        .smbios_32 = table(0xeb9d2d31, 0x2d88, 0x11d3, 0x9a160090273fc14d),
        .smbios_64 = table(0xf2fd1544, 0x9794, 0x4a2c, 0x992ee5bbcf20e394),
        .efi_system_table = (uint64_t)(uintptr_t)efi_system,
        .date = date(),
    };
}

void platform_leave(struct ram_map *map, struct firmware *firmware)
{
    memory_leave(map, firmware);
    firmware_left = true;
}

efi_status efi_main(efi_handle image, struct efi_system_table *system)
{
    efi_image = image;
    efi_system = system;
    (void)system->boot->set_watchdog(0, 0, 0, NULL);
    console_firmware(true);
    if (cr4_read() & CR4_LA57)
        BOOT_FAIL("the firmware uses 5-level paging, which this loader does not leave");
    volume_open();
    load_main();
}
