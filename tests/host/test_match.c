/* SPDX-License-Identifier: BSD-2-Clause */
/* LINK: servers/devmgr/match.c */
/* Which driver a device gets: by its numbers, by its class, or none. */
#include "host_test.h"

#include "../../servers/devmgr/match.h"

static const struct match table[] = {
    {.kind = DEVICE_KIND_PCI, .by_class = true, .code = 0x0106, .program = "ahci"},
    {.kind = DEVICE_KIND_PCI, .vendor = 0x1af4, .device = 0x1042, .program = "virtio_blk"},
    {.kind = DEVICE_KIND_PCI, .vendor = 0x8086, .device = 0x2922, .program = "ich9"},
    {.kind = DEVICE_KIND_PLATFORM, .platform = "rtc", .program = "rtc"},
};
#define COUNT (sizeof table / sizeof table[0])

static const char *driver_of(uint16_t vendor, uint16_t device, uint8_t class, uint8_t subclass)
{
    const struct pci_function f = {.vendor = vendor, .device = device, .class = class, .subclass = subclass};
    const struct match *m = match_pci(table, COUNT, &f);

    return m ? m->program : "";
}

static void numbers_and_classes_match(void **state)
{
    (void)state;
    assert_string_equal(driver_of(0x1af4, 0x1042, 1, 0), "virtio_blk");
    assert_string_equal(driver_of(0x1234, 0x5678, 1, 6), "ahci");
    assert_string_equal(driver_of(0x8086, 0x2922, 1, 6), "ich9"); /* the numbers come first */
}

static void what_nobody_drives_has_no_match(void **state)
{
    (void)state;
    assert_string_equal(driver_of(0x1af4, 0x1043, 1, 0), "");
    assert_string_equal(driver_of(0x1042, 0x1af4, 6, 1), "");
    assert_string_equal(driver_of(0, 0, 0, 0), ""); /* an entry by class has no numbers, one by numbers no class */
}

static void platform_devices_match_by_name(void **state)
{
    (void)state;
    assert_ptr_equal(match_platform(table, COUNT, "rtc"), &table[3]);
    assert_null(match_platform(table, COUNT, "rt"));
    assert_null(match_platform(table, COUNT, ""));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST("match: a driver is found by vendor and device, else by class [M315]", numbers_and_classes_match),
        TEST("match: what nobody drives has no match [M315]", what_nobody_drives_has_no_match),
        TEST("match: platform devices are found by name", platform_devices_match_by_name),
    };

    return RUN_TESTS(tests);
}
