/* SPDX-License-Identifier: BSD-2-Clause */
#include <idl/init.h>
#include <pci.h>

#include "dev.h"

mnos_handle_t devmgr;

static const char *bar_text(const struct device_bar *bar, char text[64])
{
    static const char *const kinds[] = {"none", "io", "mem32", "mem64"};

    fmt_snprint(text, 64, "%s%s 0x%lx+0x%lx", kinds[bar->kind], bar->prefetchable ? " prefetchable" : "", bar->base,
                bar->size);
    return text;
}

/* For a reader, and for the script that compares it with what QEMU says. */
static void devices_show(void)
{
    struct device_record r;
    char text[64];

    for (uint64_t i = 0; devmgr_list(devmgr, i, &r) == 0; i++) {
        printf("# device %s kind %u id %04x:%04x class %02x%02x header %u irq %u pin %u state %s driver %s\n", r.name,
               r.kind, r.vendor, r.device, r.class, r.subclass, r.header, r.irq_line, r.irq_pin,
               device_state_name(r.state), r.driver[0] ? r.driver : "-");
        for (unsigned b = 0; b < DEVICE_BARS; b++)
            if (r.bar[b].kind != DEVICE_BAR_KIND_NONE)
                printf("# device %s bar %u %s\n", r.name, b, bar_text(&r.bar[b], text));
        for (unsigned c = 0; c < r.capabilities; c++)
            printf("# device %s capability 0x%02x at 0x%02x\n", r.name, r.capability[c].id, r.capability[c].offset);
        if (r.header == PCI_HEADER_BRIDGE)
            printf("# device %s buses %u-%u\n", r.name, r.secondary, r.subordinate);
        printf("# device %s is %s / %s / %s\n", r.name, r.class_name, r.vendor_name, r.device_name);
    }
}

static void manager_tests(void)
{
    struct device_record r;
    struct tally tally = {0};
    mnos_handle_t plain = devices_look();
    uint64_t count;

    tap_ok(devmgr_list(devmgr, 0, &r) == 0, "the device manager answers");
    devices_show();
    tap_ok(devmgr_find(devmgr, "serial", &r) >= 0 && r.state == DEVICE_STATE_OTHER && devmgr_find(devmgr, "rtc", &r) >= 0 &&
               devmgr_find(devmgr, "ps2", &r) >= 0,
           "serial line, clock and keyboard controller are listed");
    tally_status(&tally, devmgr_start(devmgr, 1000), MNOS_E_NOT_FOUND, "no such device", 0);
    tally_status(&tally, devmgr_stop(devmgr, 0), MNOS_E_NOT_FOUND, "no driver", 0);
    tally_status(&tally, host_ready(devmgr), IDL_E_WRONG_INTERFACE, "a driver's call", 0);
    tally_status(&tally, host_release(plain, 0), IDL_E_WRONG_INTERFACE, "a driver's call, of nobody", 0);
    tally_status(&tally, init_power_off(devmgr), IDL_E_WRONG_INTERFACE, "another interface", 0);
    tally_status(&tally, devmgr_kill(plain, 0), MNOS_E_NO_RIGHTS, "a kill by who may only list", 0);
    tally_status(&tally, devmgr_start(plain, 0), MNOS_E_NO_RIGHTS, "a start", 0);
    tally_status(&tally, devmgr_service(plain, 0), MNOS_E_NO_RIGHTS, "a device's service", 0);
    tally_status(&tally, devmgr_scan(plain, &count), MNOS_E_NO_RIGHTS, "a scan", 0);
    tally_status(&tally, devmgr_list(plain, 1000, &r), MNOS_E_NOT_FOUND, "the end of the list", 0);
    tally_done(&tally, "senseless requests are refused");
}

static void tests(void)
{
    devmgr = devices_start();
    if (machine_option("talk"))
        talk();
    if (machine_option("wrong")) {
        wrong_tests();
        return;
    }
    if (machine_option("serial")) {
        serial_tests();
        return;
    }
    if (machine_option("nosy")) {
        nosy_tests();
        return;
    }
    if (machine_option("image")) {
        image_tests();
        return;
    }
    manager_tests();
    block_tests();
    if (machine_option("disk"))
        return;
    net_tests();
    small_tests();
    edu_tests();
}

int main(int argc, char **argv)
{
    return test_main(argc, argv, NULL, 0, tests);
}
