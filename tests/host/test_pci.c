/* SPDX-License-Identifier: BSD-2-Clause */
/* LINK: lib/pci/ tests/host/fake_pci.c */
/* PCI configuration space, against a fake that answers as a bus does, and against hostile ones. */
#include "host_test.h"

#include "fake_pci.h"

static struct fake_pci pci;

static struct pci_access fresh(void)
{
    memset(&pci, 0, sizeof pci);
    return fake_access(&pci);
}

struct seen {
    uint16_t bdf[FAKE_FUNCTIONS];
    unsigned count, limit;
};

static bool see(void *context, uint16_t bdf)
{
    struct seen *seen = context;

    assert_true(seen->count < FAKE_FUNCTIONS);
    seen->bdf[seen->count++] = bdf;
    return seen->limit == 0 || seen->count < seen->limit;
}

static void all_functions_are_found(void **state)
{
    struct pci_access access = fresh();
    struct seen seen = {.count = 0};
    static const uint16_t expected[] = {PCI_BDF(0, 0, 0), PCI_BDF(0, 3, 0),  PCI_BDF(0, 3, 2),    PCI_BDF(0, 3, 7),
                                        PCI_BDF(0, 5, 0), PCI_BDF(7, 31, 0), PCI_BDF(255, 31, 0), PCI_BDF(255, 31, 7)};

    (void)state;
    for (unsigned i = 0; i < sizeof expected / sizeof expected[0]; i++)
        fake_add(&pci, expected[i], 0x1234, (uint16_t)i);
    /* Two devices have more than one function and say so; one has a function 1 that must not be looked for. */
    fake_set(&pci.function[1], PCI_HEADER, 1, 0x80);
    fake_set(&pci.function[6], PCI_HEADER, 1, 0x80);
    fake_add(&pci, PCI_BDF(0, 5, 1), 0x1234, 99);
    fake_add(&pci, PCI_BDF(0, 9, 3), 0x1234, 99);
    pci_scan(&access, 0, 255, see, &seen);
    assert_int_equal(seen.count, sizeof expected / sizeof expected[0]);
    assert_memory_equal(seen.bdf, expected, sizeof expected);
    assert_true(pci.accesses < 256 * 32 + 64);
    seen = (struct seen){.limit = 2};
    pci_scan(&access, 0, 255, see, &seen);
    assert_int_equal(seen.count, 2);
}

static void every_access_form_reads_the_same(void **state)
{
    struct pci_access direct = fresh();
    struct pci_ports io = fake_ports(&pci);
    struct pci_access ports = pci_access_ports(&io);
    struct fake_function *f = fake_add(&pci, PCI_BDF(3, 17, 5), 0xabcd, 0x1357);
    uint8_t *memory = calloc(4, 1 << 20);
    struct pci_ecam window = {.window = memory, .first = 2, .last = 5};
    struct pci_access ecam = pci_access_ecam(&window);

    (void)state;
    for (unsigned i = 4; i < 256; i++)
        f->space[i] = (uint8_t)(i * 7);
    memcpy(memory + (1 << 20) + (17 << 15) + (5 << 12), f->space, 256);
    memory[(1 << 20) + (17 << 15) + (5 << 12) + 0xfff] = 0x5a;
    for (unsigned width = 1; width <= 4; width *= 2)
        for (unsigned offset = 0; offset < 256; offset += width) {
            uint32_t value = pci_read(&direct, f->bdf, offset, width);
            assert_int_equal(pci_read(&ports, f->bdf, offset, width), value);
            assert_int_equal(pci_read(&ecam, f->bdf, offset, width), value);
        }
    assert_int_equal(pci_read(&ecam, f->bdf, 0xfff, 1), 0x5a);
    assert_int_equal(pci_read(&ports, f->bdf, 0x100, 4), UINT32_MAX);
    assert_int_equal(pci_read(&ecam, f->bdf, 0x1000, 4), UINT32_MAX);
    assert_int_equal(pci_read(&ecam, PCI_BDF(6, 0, 0), 0, 2), 0xffff);
    assert_int_equal(pci_read(&ecam, PCI_BDF(1, 0, 0), 0, 2), 0xffff);
    assert_int_equal(pci_read(&direct, f->bdf, 3, 2), UINT32_MAX);
    pci_write(&ports, f->bdf, PCI_INTERRUPT_LINE, 1, 11);
    assert_int_equal(f->space[PCI_INTERRUPT_LINE], 11);
    pci_write(&ecam, f->bdf, PCI_INTERRUPT_LINE, 1, 10);
    assert_int_equal(memory[(1 << 20) + (17 << 15) + (5 << 12) + PCI_INTERRUPT_LINE], 10);
    pci_write(&ecam, PCI_BDF(6, 0, 0), 0, 4, 1);
    free(memory);
}

static void bars_have_kind_base_and_size(void **state)
{
    struct pci_access access = fresh();
    struct fake_function *f = fake_add(&pci, PCI_BDF(0, 4, 0), 0x1af4, 0x1001), before;
    struct pci_function out;

    (void)state;
    fake_bar(f, 0, 0xc001, 128, false);
    f->writable[PCI_BAR + 2] = f->writable[PCI_BAR + 3] = 0; /* the upper half of a port register may be missing */
    fake_bar(f, 1, 0x81060000, 4096, false);
    fake_bar(f, 2, 0xfd000008, 1 << 24, false);
    fake_bar(f, 4, 0xc00000000c, 16384, true);
    fake_set(f, PCI_COMMAND, 2, 0x0107);
    before = *f;
    assert_true(pci_function_read(&access, f->bdf, &out));
    assert_int_equal(out.bar[0].kind, PCI_BAR_IO);
    assert_int_equal(out.bar[0].base, 0xc000);
    assert_int_equal(out.bar[0].size, 128);
    assert_false(out.bar[0].odd);
    assert_int_equal(out.bar[1].kind, PCI_BAR_MEM32);
    assert_int_equal(out.bar[1].base, 0x81060000);
    assert_int_equal(out.bar[1].size, 4096);
    assert_false(out.bar[1].prefetchable);
    assert_true(out.bar[2].prefetchable);
    assert_int_equal(out.bar[2].size, 1 << 24);
    assert_int_equal(out.bar[3].kind, PCI_BAR_NONE);
    assert_int_equal(out.bar[4].kind, PCI_BAR_MEM64);
    assert_int_equal(out.bar[4].base, 0xc000000000);
    assert_int_equal(out.bar[4].size, 16384);
    assert_true(out.bar[4].prefetchable && !out.bar[4].odd);
    assert_int_equal(out.bar[5].kind, PCI_BAR_NONE);
    /* Nothing has changed, and nothing was decoded while the registers held ones. */
    assert_memory_equal(f->space, before.space, sizeof before.space);
    assert_int_equal(f->decoding_writes, 0);
    assert_true(pci_function_peek(&access, f->bdf, &out));
    assert_int_equal(out.bar[4].base, 0xc000000000);
    assert_int_equal(out.bar[4].size, 0);
}

static void odd_bars_are_told(void **state)
{
    struct pci_access access = fresh();
    struct fake_function *f = fake_add(&pci, 0x20, 1, 2);
    struct pci_function out;

    (void)state;
    fake_bar(f, 0, 0x10000000, 1 << 16, false);
    f->writable[PCI_BAR + 3] = 0x7f;               /* a hole in the mask */
    fake_bar(f, 1, 0x20000002, 1 << 12, false);    /* "below 1 MiB", reserved */
    fake_bar(f, 2, 0x300000004, 1ull << 32, true); /* 4 GiB: the lower half keeps nothing but its flags */
    fake_bar(f, 5, 0x40000004, 1 << 12, false);    /* 64 bits, and no register behind it */
    assert_true(pci_function_read(&access, f->bdf, &out));
    assert_true(out.bar[0].odd);
    assert_int_equal(out.bar[0].size, 1 << 16);
    assert_true(out.bar[1].odd);
    assert_int_equal(out.bar[2].kind, PCI_BAR_MEM64);
    assert_int_equal(out.bar[2].size, 1ull << 32);
    assert_true(out.bar[5].odd);
    assert_int_equal(out.bar[5].kind, PCI_BAR_MEM32);
    /* A function that keeps only the type bits has no BAR there at all. */
    memset(f->writable + PCI_BAR, 0, 24);
    memset(f->space + PCI_BAR, 0, 24);
    f->space[PCI_BAR] = 1;
    f->space[PCI_BAR + 4] = 0xc;
    assert_true(pci_function_read(&access, f->bdf, &out));
    for (unsigned i = 0; i < PCI_BARS; i++)
        assert_int_equal(out.bar[i].kind, PCI_BAR_NONE);
}

static void bridges_have_two_bars_and_their_buses(void **state)
{
    struct pci_access access = fresh();
    struct fake_function *f = fake_add(&pci, 0x10, 0x1b36, 0x000c);
    struct pci_function out;

    (void)state;
    fake_set(f, PCI_HEADER, 1, 1);
    fake_set(f, PCI_BUS_NUMBERS, 4, 0x00090700);
    fake_set(f, PCI_CLASS, 1, 0);
    fake_set(f, PCI_CLASS + 1, 2, 0x0604);
    fake_bar(f, 0, 0xfe000000, 4096, false);
    assert_true(pci_function_read(&access, f->bdf, &out));
    assert_int_equal(out.secondary, 7);
    assert_int_equal(out.subordinate, 9);
    assert_int_equal(out.class, 6);
    assert_int_equal(out.subclass, 4);
    assert_int_equal(out.bar[0].size, 4096);
    assert_int_equal(out.bar[2].kind, PCI_BAR_NONE);
    assert_int_equal(fake_get(f, PCI_BUS_NUMBERS, 4), 0x00090700);
}

static void capability_add(struct fake_function *f, unsigned at, uint8_t id, uint8_t next)
{
    fake_set(f, PCI_STATUS, 2, PCI_STATUS_LIST);
    if (f->space[PCI_CAPABILITIES] == 0)
        f->space[PCI_CAPABILITIES] = (uint8_t)at;
    f->space[at] = id;
    f->space[at + 1] = next;
}

static void capabilities_are_walked(void **state)
{
    struct pci_access access = fresh();
    struct fake_function *f = fake_add(&pci, 0x20, 1, 2);
    struct pci_function out;

    (void)state;
    capability_add(f, 0x98, PCI_CAP_MSIX, 0x40);
    fake_set(f, 0x9a, 2, 2);
    fake_set(f, 0x9c, 4, 0x00000801);
    fake_set(f, 0xa0, 4, 0x00000c01);
    capability_add(f, 0x40, PCI_CAP_VENDOR, 0x50);
    capability_add(f, 0x50, PCI_CAP_VENDOR, 0x60);
    capability_add(f, 0x60, PCI_CAP_MSI, 0);
    fake_set(f, 0x62, 2, 0x0184);
    assert_true(pci_function_read(&access, f->bdf, &out));
    assert_false(out.list_broken);
    assert_int_equal(out.capability_count, 4);
    assert_int_equal(out.msix.offset, 0x98);
    assert_int_equal(out.msix.vectors, 3);
    assert_int_equal(out.msix.table_bar, 1);
    assert_int_equal(out.msix.table_offset, 0x800);
    assert_int_equal(out.msix.pending_offset, 0xc00);
    assert_int_equal(out.msi.offset, 0x60);
    assert_true(out.msi.wide && out.msi.maskable);
    assert_int_equal(out.msi.vectors, 4);
    assert_int_equal(pci_capability_find(&out, PCI_CAP_VENDOR, 0), 0x40);
    assert_int_equal(pci_capability_find(&out, PCI_CAP_VENDOR, 0x40), 0x50);
    assert_int_equal(pci_capability_find(&out, PCI_CAP_VENDOR, 0x50), 0);
    assert_int_equal(pci_capability_find(&out, PCI_CAP_POWER, 0), 0);
    assert_int_equal(pci_capability_find(&out, PCI_CAP_VENDOR, 0x44), 0);
}

static void broken_lists_end(void **state)
{
    struct pci_access access = fresh();
    struct fake_function *f = fake_add(&pci, 0x20, 1, 2);
    struct pci_function out;

    (void)state;
    capability_add(f, 0x40, 9, 0x50);
    capability_add(f, 0x50, 9, 0x60);
    capability_add(f, 0x60, 9, 0x50);
    assert_true(pci_function_read(&access, f->bdf, &out));
    assert_true(out.list_broken);
    assert_int_equal(out.capability_count, 3);
    f->space[0x41] = 0x40; /* one that points at itself */
    assert_true(pci_function_read(&access, f->bdf, &out));
    assert_true(out.list_broken);
    assert_int_equal(out.capability_count, 1);
    f->space[0x41] = 0x10; /* into the header */
    assert_true(pci_function_read(&access, f->bdf, &out));
    assert_true(out.list_broken);
    f->space[0x40] = 0xff; /* nobody answers */
    assert_true(pci_function_read(&access, f->bdf, &out));
    assert_true(out.list_broken);
    assert_int_equal(out.capability_count, 0);
    /* As many as there can be, and a record that would reach over the end. */
    for (unsigned at = 0x40; at <= 0xfc; at += 4)
        capability_add(f, at, at == 0xfc ? PCI_CAP_MSIX : 9, (uint8_t)(at + 4));
    f->space[PCI_CAPABILITIES] = 0x40;
    assert_true(pci_function_read(&access, f->bdf, &out));
    assert_false(out.list_broken);
    assert_int_equal(out.capability_count, PCI_CAPABILITIES_MAX);
    assert_int_equal(out.msix.offset, 0);
}

static void messages_are_programmed(void **state)
{
    struct pci_access access = fresh();
    struct fake_function *f = fake_add(&pci, 0x20, 1, 2);
    struct pci_function out;
    uint32_t table[8] = {0};

    (void)state;
    memset(f->writable + 0x40, 0xff, 0xc0);
    capability_add(f, 0x40, PCI_CAP_MSI, 0x60);
    fake_set(f, 0x42, 2, 0x01fe);
    capability_add(f, 0x60, PCI_CAP_MSIX, 0);
    fake_set(f, 0x62, 2, 0x4001);
    assert_true(pci_function_read(&access, f->bdf, &out));
    pci_msi_enable(&access, &out, 0x1fee00000, 0x4041);
    assert_int_equal(fake_get(f, 0x44, 4), 0xfee00000);
    assert_int_equal(fake_get(f, 0x48, 4), 1);
    assert_int_equal(fake_get(f, 0x4c, 2), 0x4041);
    assert_int_equal(fake_get(f, 0x42, 2), 0x018f); /* on, and one message of the many */
    assert_int_equal(fake_get(f, PCI_COMMAND, 2), PCI_COMMAND_NO_INTX);
    pci_msix_entry(table, 1, 0x2fee01000, 0x77, false);
    const uint32_t expected[8] = {0, 0, 0, 0, 0xfee01000, 2, 0x77, 0};
    assert_memory_equal(table, expected, sizeof expected);
    pci_msix_enable(&access, &out, true);
    assert_int_equal(fake_get(f, 0x62, 2), 0x8001);
    pci_msi_disable(&access, &out);
    assert_int_equal(fake_get(f, 0x62, 2), 0x0001);
    assert_int_equal(fake_get(f, 0x42, 2), 0x018e);
    assert_false(pci_reset(&access, &out));
}

static void plugged_functions_get_addresses(void **state)
{
    struct pci_access access = fresh();
    struct fake_function *bridge = fake_add(&pci, 0x10, 0x1b36, 0x000c), *f = fake_add(&pci, PCI_BDF(3, 0, 0), 1, 2);
    struct pci_windows windows;
    struct pci_function out;

    (void)state;
    fake_set(bridge, 0x20, 4, 0xfe50fe40);
    fake_set(bridge, 0x24, 4, 0x0001fff1);
    fake_set(bridge, 0x28, 4, 0x8);
    fake_set(bridge, 0x2c, 4, 0x9);
    pci_windows_read(&access, 0x10, &windows);
    assert_int_equal(windows.memory.next, 0xfe400000);
    assert_int_equal(windows.memory.end, 0xfe600000);
    assert_int_equal(windows.prefetchable.next, 0x8fff00000);
    assert_int_equal(windows.prefetchable.end, 0x900100000);
    fake_bar(f, 0, 0x1, 128, false); /* ports: no place for those */
    fake_bar(f, 1, 0, 4096, false);
    fake_bar(f, 2, 0xc, 1 << 20, true);
    fake_bar(f, 4, 0x8, 1 << 13, false); /* prefetchable, but 32 bits wide */
    assert_true(pci_function_read(&access, f->bdf, &out));
    assert_false(pci_assign(&access, &out, &windows));
    assert_int_equal(out.bar[0].base, 0);
    assert_int_equal(out.bar[1].base, 0xfe400000);
    assert_int_equal(out.bar[2].base, 0x8fff00000);
    assert_int_equal(out.bar[4].base, 0xfe402000);
    assert_int_equal(fake_get(f, PCI_BAR + 8, 4), 0xfff0000c);
    assert_int_equal(fake_get(f, PCI_BAR + 12, 4), 8);
    /* The next function behind the same bridge gets what is left. */
    struct fake_function *g = fake_add(&pci, PCI_BDF(3, 0, 1), 1, 2);
    fake_bar(g, 0, 0, 1 << 20, false);
    fake_bar(g, 1, 0, 1 << 20, false);
    assert_true(pci_function_read(&access, g->bdf, &out));
    assert_false(pci_assign(&access, &out, &windows));
    assert_int_equal(out.bar[0].base, 0xfe500000);
    assert_int_equal(out.bar[1].base, 0);
    /* A closed bridge has nothing to give. */
    fake_set(bridge, 0x20, 4, 0x0000fff0);
    fake_set(bridge, 0x24, 4, 0);
    pci_windows_read(&access, 0x10, &windows);
    assert_true(windows.memory.end == 0 && windows.prefetchable.end == 0);
    assert_false(pci_assign(&access, &out, &windows));
}

static void slots_tell_and_are_switched(void **state)
{
    struct pci_access access = fresh();
    struct fake_function *f = fake_add(&pci, 0x10, 0x1b36, 0x000c);
    struct pci_function out;

    (void)state;
    fake_set(f, PCI_HEADER, 1, 1);
    capability_add(f, 0x54, PCI_CAP_EXPRESS, 0);
    fake_set(f, 0x56, 2, 0x0142);
    assert_true(pci_function_read(&access, f->bdf, &out));
    assert_false(pci_slot_can(&access, &out));
    fake_set(f, 0x68, 4, 0x40);
    assert_true(pci_slot_can(&access, &out));
    f->writable[0x6c] = f->writable[0x6d] = 0xff;
    fake_set(f, 0x6e, 2, 0x0049);
    pci_slot_listen(&access, &out);
    assert_int_equal(fake_get(f, 0x6c, 2), 0x0029);
    struct pci_slot_event event = pci_slot_take(&access, &out);
    assert_true(event.button && event.changed && event.present);
    pci_slot_power(&access, &out, true);
    assert_int_equal(fake_get(f, 0x6c, 2), 0x0129);
    pci_slot_power(&access, &out, false);
    assert_int_equal(fake_get(f, 0x6c, 2), 0x0729);
}

static void nobody_is_no_function(void **state)
{
    static const uint32_t ids[] = {0xffffffffu, 0, 0x1234ffffu, 0xffff0000u};
    struct pci_access access = fresh();
    struct fake_function *f = fake_add(&pci, 0x20, 1, 2);
    struct pci_function out;

    (void)state;
    for (unsigned i = 0; i < sizeof ids / sizeof ids[0]; i++) {
        fake_set(f, PCI_VENDOR, 4, ids[i]);
        assert_false(pci_function_read(&access, f->bdf, &out));
    }
}

/* Whatever a function holds and lets write: reading it ends, changes nothing, and tells nothing impossible. */
static void random_spaces_are_survived(void **state)
{
    struct rng rng = rng_seeded(11);

    (void)state;
    for (unsigned round = 0; round < 20000; round++) {
        struct pci_access access = fresh();
        struct fake_function *f = fake_add(&pci, 0x20, 1, 2), before;
        struct pci_function out;
        for (unsigned i = 4; i < 256; i++) {
            f->space[i] = (uint8_t)rng_next(&rng);
            f->writable[i] = rng_below(&rng, 3) ? (uint8_t)rng_next(&rng) : 0;
        }
        f->writable[PCI_STATUS] = f->writable[PCI_STATUS + 1] = 0;
        before = *f;
        assert_true(pci_function_read(&access, f->bdf, &out));
        assert_memory_equal(f->space, before.space, 256);
        assert_true(pci.accesses < 400);
        assert_true(out.capability_count <= PCI_CAPABILITIES_MAX);
        for (unsigned i = 0; i < PCI_BARS; i++)
            assert_true(out.bar[i].kind == PCI_BAR_NONE ||
                        (out.bar[i].size != 0 && (out.bar[i].size & (out.bar[i].size - 1)) == 0));
    }
}

static void *file_read(const char *path, size_t *size)
{
    FILE *file = fopen(path, "rb");
    uint8_t *bytes = malloc(1 << 20);

    if (!file || !bytes)
        fail_msg("cannot read %s", path);
    *size = fread(bytes, 1, 1 << 20, file);
    fclose(file);
    return bytes;
}

static void names_are_found(void **state)
{
    struct pci_names names;
    size_t size;
    uint8_t *bytes = file_read("build/gen/pci.names", &size);

    (void)state;
    assert_true(pci_names_open(&names, bytes, size));
    assert_string_equal(pci_names_class(&names, 1, 0), "SCSI storage controller");
    assert_string_equal(pci_names_class(&names, 6, 1), "ISA bridge");
    assert_string_equal(pci_names_class(&names, 1, 0x7f), "Mass storage controller");
    assert_null(pci_names_class(&names, 0x6d, 0));
    assert_string_equal(pci_names_vendor(&names, 0x1af4), "Red Hat, Inc.");
    assert_string_equal(pci_names_device(&names, 0x1af4, 0x1001), "Virtio block device");
    assert_string_equal(pci_names_device(&names, 0x8086, 0x7000), "82371SB PIIX3 ISA [Natoma/Triton II]");
    assert_null(pci_names_device(&names, 0x1af4, 0xfffe));
    assert_null(pci_names_vendor(NULL, 0x1af4));
    for (size_t cut = 0; cut < size; cut += 997)
        assert_false(pci_names_open(&names, bytes, cut));
    bytes[28] = bytes[29] = bytes[30] = 0xff; /* a name behind the text */
    assert_false(pci_names_open(&names, bytes, size));
    free(bytes);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST("pci: all functions of 256 buses are found, those behind a bridge too", all_functions_are_found),
        TEST("pci: ports, memory window and accessor read the same", every_access_form_reads_the_same),
        TEST("pci: BARs have kind, base and size, and are put back", bars_have_kind_base_and_size),
        TEST("pci: BARs of odd sizes and types are told", odd_bars_are_told),
        TEST("pci: a bridge has two BARs and its buses", bridges_have_two_bars_and_their_buses),
        TEST("pci: capabilities, MSI and MSI-X are found", capabilities_are_walked),
        TEST("pci: a capability list that loops or leaves its area ends [M264]", broken_lists_end),
        TEST("pci: MSI and MSI-X are programmed", messages_are_programmed),
        TEST("pci: a function that is plugged in gets addresses of its bridge", plugged_functions_get_addresses),
        TEST("pci: slots tell what happens, and are switched", slots_tell_and_are_switched),
        TEST("pci: what answers as nobody is no function", nobody_is_no_function),
        TEST("pci: random configuration spaces are survived and left as they were", random_spaces_are_survived),
        TEST("pci: names come from the table, and a damaged table is refused", names_are_found),
    };

    return RUN_TESTS(tests);
}
