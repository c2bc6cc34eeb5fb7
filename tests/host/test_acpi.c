/* SPDX-License-Identifier: BSD-2-Clause */
/* LINK: lib/acpi/ lib/power/ */
#include "host_test.h"

#include <acpi_power.h>

/* A small physical memory.  Each mapping is a copy of just the bytes asked for, so that the sanitizer sees a read behind
 * them; they are freed together at the end of a test. */
#define MEMORY_BASE 0xe0000u
#define MEMORY_SIZE 0x2000u
#define MAPPINGS    64

static uint8_t memory[MEMORY_SIZE];
static void *mappings[MAPPINGS];
static size_t mapping_count;

static const void *memory_map(void *context, uint64_t physical, size_t size)
{
    (void)context;
    if (physical < MEMORY_BASE || physical - MEMORY_BASE > MEMORY_SIZE || size > MEMORY_SIZE - (physical - MEMORY_BASE))
        return NULL;
    uint8_t *copy = malloc(size);
    assert_non_null(copy);
    memcpy(copy, memory + (physical - MEMORY_BASE), size);
    assert_true(mapping_count < MAPPINGS);
    return mappings[mapping_count++] = copy;
}

static int memory_clear(void **state)
{
    (void)state;
    while (mapping_count > 0)
        free(mappings[--mapping_count]);
    memset(memory, 0, sizeof memory);
    return 0;
}

static void put(uint64_t physical, const void *bytes, size_t size)
{
    memcpy(memory + (physical - MEMORY_BASE), bytes, size);
}

static void put32(uint64_t physical, uint32_t value)
{
    put(physical, &value, 4);
}

static void put64(uint64_t physical, uint64_t value)
{
    put(physical, &value, 8);
}

/* Sets the byte at `at` so that all bytes add up to 0. */
static void seal(uint64_t physical, size_t at, size_t length)
{
    uint8_t *bytes = memory + (physical - MEMORY_BASE), sum = 0;

    bytes[at] = 0;
    for (size_t i = 0; i < length; i++)
        sum = (uint8_t)(sum + bytes[i]);
    bytes[at] = (uint8_t)-sum;
}

static void table_put(uint64_t physical, const char *signature, const void *body, size_t size)
{
    put(physical, signature, 4);
    put32(physical + 4, (uint32_t)(36 + size));
    put(physical + 36, body, size);
    seal(physical, 9, 36 + size);
}

enum {
    RSDP = 0xe0010,
    RSDT = 0xe0100,
    XSDT = 0xe0200,
    MADT = 0xe0300,
    HPET = 0xe0500,
    FADT = 0xe0600,
    DSDT = 0xe0800,
};

static void rsdp_put(uint8_t revision)
{
    put(RSDP, "RSD PTR ", 8);
    memory[RSDP - MEMORY_BASE + 15] = revision;
    put32(RSDP + 16, RSDT);
    put32(RSDP + 20, 36);
    put64(RSDP + 24, XSDT);
    seal(RSDP, 8, 20);
    seal(RSDP, 32, 36);
}

/* The RSDT lists the HPET alone, so that a test sees which root was used. */
static void roots_put(uint8_t revision)
{
    uint32_t narrow[] = {HPET};
    uint64_t wide[] = {FADT, MADT, HPET};
    uint8_t hpet[20] = {0};

    rsdp_put(revision);
    table_put(RSDT, "RSDT", narrow, sizeof narrow);
    table_put(XSDT, "XSDT", wide, sizeof wide);
    table_put(MADT, "APIC", "\x00\x00\xe0\xfe\x01\x00\x00\x00", 8);
    table_put(HPET, "HPET", hpet, sizeof hpet);
    table_put(FADT, "FACP", hpet, 20);
}

static enum acpi_error open_all(struct acpi *acpi)
{
    return acpi_open(acpi, memory_map, NULL, RSDP);
}

static void expect_open(enum acpi_error wanted, const char *name)
{
    struct acpi acpi;

    assert_string_equal(acpi_error_text(open_all(&acpi)), acpi_error_text(wanted));
    assert_string_equal(acpi.table, name);
}

static void the_xsdt_comes_first(void **state)
{
    struct acpi acpi;
    struct acpi_table table;
    (void)state;

    roots_put(2);
    assert_int_equal(open_all(&acpi), ACPI_OK);
    assert_true(acpi.root_wide);
    assert_int_equal(acpi.root_count, 3);
    assert_int_equal(acpi_find(&acpi, "APIC", &table), ACPI_OK);
    assert_int_equal(table.length, 44);
    assert_memory_equal(table.bytes, "APIC", 4);
}

static void an_acpi_1_machine_has_the_rsdt(void **state)
{
    struct acpi acpi;
    struct acpi_table table;
    (void)state;

    roots_put(0);
    /* Behind the 20 bytes of revision 0 may be anything. */
    put64(RSDP + 24, 0x4141414141414141);
    assert_int_equal(open_all(&acpi), ACPI_OK);
    assert_false(acpi.root_wide);
    assert_int_equal(acpi_find(&acpi, "HPET", &table), ACPI_OK);
    assert_int_equal(acpi_find(&acpi, "APIC", &table), ACPI_MISSING);
    assert_string_equal(acpi.table, "APIC");
}

static void every_entry_of_the_rsdt_is_seen(void **state)
{
    uint32_t narrow[] = {HPET, FADT, MADT};
    struct acpi acpi;
    struct acpi_table table;
    (void)state;

    roots_put(0);
    table_put(RSDT, "RSDT", narrow, sizeof narrow);
    assert_int_equal(open_all(&acpi), ACPI_OK);
    assert_int_equal(acpi.root_count, 3);
    assert_int_equal(acpi_find(&acpi, "FACP", &table), ACPI_OK);
    assert_int_equal(acpi_find(&acpi, "APIC", &table), ACPI_OK);
}

static void a_null_xsdt_means_the_rsdt(void **state)
{
    struct acpi acpi;
    (void)state;

    roots_put(2);
    put64(RSDP + 24, 0);
    seal(RSDP, 32, 36);
    assert_int_equal(open_all(&acpi), ACPI_OK);
    assert_false(acpi.root_wide);
}

static void a_damaged_rsdp_is_refused(void **state)
{
    (void)state;
    roots_put(2);
    for (size_t at = 0; at < 36; at++) {
        struct acpi acpi;
        memory[RSDP - MEMORY_BASE + at] ^= 0x40;
        assert_int_not_equal(open_all(&acpi), ACPI_OK);
        assert_string_equal(acpi.table, "RSDP");
        memory[RSDP - MEMORY_BASE + at] ^= 0x40;
        while (mapping_count > 0)
            free(mappings[--mapping_count]);
    }
    memory[RSDP - MEMORY_BASE] = 'r';
    expect_open(ACPI_BAD_SIGNATURE, "RSDP");
    rsdp_put(2);
    put32(RSDP + 20, 35);
    expect_open(ACPI_BAD_LENGTH, "RSDP");
    put32(RSDP + 20, UINT32_MAX);
    expect_open(ACPI_BAD_LENGTH, "RSDP");
}

static void an_rsdp_at_the_end_of_memory_is_refused(void **state)
{
    struct acpi acpi;
    (void)state;

    roots_put(2);
    put(MEMORY_BASE + MEMORY_SIZE - 20, memory + (RSDP - MEMORY_BASE), 20);
    assert_int_equal(acpi_open(&acpi, memory_map, NULL, MEMORY_BASE + MEMORY_SIZE - 20), ACPI_UNREADABLE);
    assert_int_equal(acpi_open(&acpi, memory_map, NULL, MEMORY_BASE + MEMORY_SIZE - 19), ACPI_UNREADABLE);
    assert_int_equal(acpi_open(&acpi, memory_map, NULL, 0), ACPI_UNREADABLE);
    assert_string_equal(acpi.table, "RSDP");
}

static void a_bad_root_table_is_named(void **state)
{
    (void)state;
    roots_put(2);
    memory[XSDT - MEMORY_BASE + 40] ^= 1;
    expect_open(ACPI_BAD_CHECKSUM, "XSDT");
    roots_put(2);
    put(XSDT, "RSDT", 4);
    seal(XSDT, 9, 36 + 24);
    expect_open(ACPI_BAD_SIGNATURE, "XSDT");
    roots_put(2);
    table_put(XSDT, "XSDT", "1234567890", 10);
    expect_open(ACPI_BAD_LENGTH, "XSDT");
    put32(XSDT + 4, 35);
    expect_open(ACPI_BAD_LENGTH, "XSDT");
    put32(XSDT + 4, 0x1f00);
    expect_open(ACPI_UNREADABLE, "XSDT");
    roots_put(0);
    memory[RSDT - MEMORY_BASE + 38] ^= 1;
    expect_open(ACPI_BAD_CHECKSUM, "RSDT");
}

static void a_table_with_a_bad_checksum_or_length_is_refused_by_name(void **state)
{
    struct acpi acpi;
    struct acpi_table table;
    (void)state;

    roots_put(2);
    memory[MADT - MEMORY_BASE + 40] ^= 1;
    assert_int_equal(open_all(&acpi), ACPI_OK);
    assert_int_equal(acpi_find(&acpi, "APIC", &table), ACPI_BAD_CHECKSUM);
    assert_string_equal(acpi.table, "APIC");
    put32(MADT + 4, UINT32_MAX);
    assert_int_equal(acpi_find(&acpi, "APIC", &table), ACPI_BAD_LENGTH);
    put32(MADT + 4, 0);
    assert_int_equal(acpi_find(&acpi, "APIC", &table), ACPI_BAD_LENGTH);
    put32(MADT + 4, ACPI_TABLE_MAX);
    assert_int_equal(acpi_find(&acpi, "APIC", &table), ACPI_UNREADABLE);
    /* The others are not touched by that. */
    assert_int_equal(acpi_find(&acpi, "HPET", &table), ACPI_OK);
}

static void an_entry_that_leads_nowhere_is_refused(void **state)
{
    uint64_t wide[] = {HPET, 0x1234567800000000};
    struct acpi acpi;
    struct acpi_table table;
    (void)state;

    roots_put(2);
    table_put(XSDT, "XSDT", wide, sizeof wide);
    assert_int_equal(open_all(&acpi), ACPI_OK);
    assert_int_equal(acpi_find(&acpi, "HPET", &table), ACPI_OK);
    assert_int_equal(acpi_find(&acpi, "APIC", &table), ACPI_BAD_ENTRY);
    assert_string_equal(acpi.table, "XSDT");
}

static void a_table_by_its_address_must_have_its_signature(void **state)
{
    struct acpi acpi;
    struct acpi_table table;
    (void)state;

    roots_put(2);
    assert_int_equal(open_all(&acpi), ACPI_OK);
    assert_int_equal(acpi_table_at(&acpi, HPET, "HPET", &table), ACPI_OK);
    assert_int_equal(acpi_table_at(&acpi, HPET, "DSDT", &table), ACPI_BAD_SIGNATURE);
    assert_string_equal(acpi.table, "DSDT");
    assert_int_equal(acpi_table_at(&acpi, UINT64_MAX - 3, "DSDT", &table), ACPI_UNREADABLE);
}

static enum acpi_error madt_open(const void *entries, size_t size, struct acpi_madt *madt)
{
    struct acpi acpi;
    struct acpi_table table;
    uint8_t body[256] = "\x00\x00\xe0\xfe\x01\x00\x00\x00";

    memory_clear(NULL);
    roots_put(2);
    memcpy(body + 8, entries, size);
    table_put(MADT, "APIC", body, 8 + size);
    assert_int_equal(open_all(&acpi), ACPI_OK);
    assert_int_equal(acpi_find(&acpi, "APIC", &table), ACPI_OK);
    return acpi_madt_open(table, madt);
}

static const uint8_t madt_entries[] = {
    0,    8,  7,    3, 1,    0,    0,    0,                               /* LAPIC 3, enabled */
    0,    8,  8,    4, 2,    0,    0,    0,                               /* LAPIC 4, can be brought online */
    9,    16, 0,    0, 0,    1,    0,    0,    1,    0, 0, 0, 9, 0, 0, 0, /* x2APIC 0x100, processor 9 */
    1,    12, 5,    0, 0x00, 0x00, 0xc0, 0xfe, 24,   0, 0, 0,             /* I/O APIC 5 */
    2,    10, 0,    9, 20,   0,    0,    0,    0x0d, 0,                   /* IRQ 9 at 20, high, level */
    2,    10, 0,    0, 2,    0,    0,    0,    0,    0,                   /* IRQ 0 at 2, as the bus has it */
    2,    10, 0,    5, 5,    0,    0,    0,    0x07, 0,                   /* IRQ 5, low, edge */
    0x7f, 5,  1,    2, 3,                                                 /* of no known kind */
    3,    8,  0x0f, 0, 30,   0,    0,    0,                               /* an NMI source: passed over */
    4,    6,  0xff, 5, 0,    1,                                           /* and so the LINT pins */
};

static void madt_entries_are_read(void **state)
{
    struct acpi_madt madt;
    struct acpi_madt_entry e;
    uint32_t offset = 0;
    (void)state;

    assert_int_equal(madt_open(madt_entries, sizeof madt_entries, &madt), ACPI_OK);
    assert_int_equal(madt.lapic_address, 0xfee00000);
    assert_true(acpi_madt_next(&madt, &offset, &e));
    assert_true(e.kind == ACPI_MADT_CPU && e.processor == 7 && e.apic_id == 3 && e.enabled);
    assert_true(acpi_madt_next(&madt, &offset, &e));
    assert_true(e.kind == ACPI_MADT_CPU && e.processor == 8 && e.apic_id == 4 && !e.enabled);
    assert_true(acpi_madt_next(&madt, &offset, &e));
    assert_true(e.kind == ACPI_MADT_CPU && e.processor == 9 && e.apic_id == 0x100 && e.enabled);
    assert_true(acpi_madt_next(&madt, &offset, &e));
    assert_true(e.kind == ACPI_MADT_IOAPIC && e.apic_id == 5 && e.ioapic_address == 0xfec00000 && e.gsi == 24);
    assert_true(acpi_madt_next(&madt, &offset, &e));
    assert_true(e.kind == ACPI_MADT_OVERRIDE && e.isa_irq == 9 && e.gsi == 20);
    assert_true(!e.active_low && e.level_triggered);
    assert_true(acpi_madt_next(&madt, &offset, &e));
    assert_true(e.kind == ACPI_MADT_OVERRIDE && e.isa_irq == 0 && e.gsi == 2);
    assert_true(!e.active_low && !e.level_triggered);
    assert_true(acpi_madt_next(&madt, &offset, &e));
    assert_true(e.isa_irq == 5 && e.gsi == 5 && e.active_low && !e.level_triggered);
    assert_false(acpi_madt_next(&madt, &offset, &e));
    assert_false(acpi_madt_next(&madt, &offset, &e));
}

static void the_wide_lapic_address_wins(void **state)
{
    static const uint8_t entry[] = {5, 12, 0, 0, 0, 0, 0xe0, 0xfe, 0x7f, 0, 0, 0};
    struct acpi_madt madt;
    (void)state;

    assert_int_equal(madt_open(entry, sizeof entry, &madt), ACPI_OK);
    assert_true(madt.lapic_address == 0x7ffee00000);
}

static void a_madt_may_end_with_any_whole_entry(void **state)
{
    static const uint8_t unknown[] = {0x7f, 2};
    struct acpi_madt madt;
    struct acpi_madt_entry e;
    uint32_t offset = 0;
    (void)state;

    assert_int_equal(madt_open(unknown, sizeof unknown, &madt), ACPI_OK);
    assert_false(acpi_madt_next(&madt, &offset, &e));
    assert_int_equal(madt_open(unknown, 0, &madt), ACPI_OK);
    offset = 0;
    assert_false(acpi_madt_next(&madt, &offset, &e));
}

static void malformed_madt_entries_are_refused(void **state)
{
    static const struct {
        uint8_t bytes[16];
        size_t size;
    } cases[] = {
        {{0, 0}, 2},          {{0, 1}, 2},          {{0x7f, 1}, 2}, {{0x7f, 0}, 2},   {{0x7f}, 1},
        {{0, 8, 0, 0, 1}, 5}, {{0, 7}, 7},          {{1, 11}, 11},  {{2, 9}, 9},      {{5, 11}, 11},
        {{9, 15}, 15},        {{0x7f, 3, 0, 0}, 4}, {{0, 255}, 16}, {{0x7f, 17}, 16},
    };
    struct acpi_madt madt;
    (void)state;

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        assert_int_equal(madt_open(cases[i].bytes, cases[i].size, &madt), ACPI_BAD_ENTRY);
    struct acpi_table table = {.bytes = memory, .length = 43};
    assert_int_equal(acpi_madt_open(table, &madt), ACPI_BAD_LENGTH);
}

static void the_hpet_is_read(void **state)
{
    uint8_t bytes[56] = {
        [36] = 0x01, [37] = 0xa2, [38] = 0x86, [39] = 0x80, [46] = 0xd0, [47] = 0xfe, [52] = 1, [53] = 0x80};
    uint64_t hpet = 0;
    (void)state;

    assert_int_equal(acpi_hpet_read((struct acpi_table){bytes, 56}, &hpet), ACPI_OK);
    assert_int_equal(hpet, 0xfed00000);
    assert_int_equal(acpi_hpet_read((struct acpi_table){bytes, 55}, &hpet), ACPI_BAD_LENGTH);
    bytes[40] = ACPI_SPACE_IO;
    assert_int_equal(acpi_hpet_read((struct acpi_table){bytes, 56}, &hpet), ACPI_BAD_ENTRY);
    bytes[40] = ACPI_SPACE_MEMORY;
    memset(bytes + 44, 0, 8);
    assert_int_equal(acpi_hpet_read((struct acpi_table){bytes, 56}, &hpet), ACPI_BAD_ENTRY);
}

static void an_old_fadt_is_read(void **state)
{
    uint8_t *bytes = calloc(1, 116);
    struct acpi_fadt fadt;
    (void)state;

    assert_non_null(bytes);
    memcpy(bytes + 40, "\x78\x56\x34\x12", 4);
    bytes[48] = 0xb2;
    bytes[52] = 2;
    memcpy(bytes + 64, "\x04\x06\0\0", 4);
    bytes[113] = 0x04; /* A reset register, which this table is too short for. */
    assert_int_equal(acpi_fadt_read((struct acpi_table){bytes, 116}, &fadt), ACPI_OK);
    assert_int_equal(fadt.dsdt, 0x12345678);
    assert_int_equal(fadt.smi_command, 0xb2);
    assert_int_equal(fadt.acpi_enable, 2);
    assert_int_equal(fadt.pm1a_control.space, ACPI_SPACE_IO);
    assert_int_equal(fadt.pm1a_control.address, 0x604);
    assert_int_equal(fadt.pm1b_control.address, 0);
    assert_false(fadt.reset_supported);
    assert_int_equal(acpi_fadt_read((struct acpi_table){bytes, 115}, &fadt), ACPI_BAD_LENGTH);
    free(bytes);
}

static void a_reset_register_is_used_only_where_it_can_be(void **state)
{
    uint8_t *bytes = calloc(1, 129);
    struct acpi_fadt fadt;
    (void)state;

    assert_non_null(bytes);
    bytes[113] = 0x04;
    bytes[120] = 0x64;
    bytes[128] = 0xfe;
    for (unsigned space = 0; space < 5; space++) {
        bytes[116] = (uint8_t)space;
        assert_int_equal(acpi_fadt_read((struct acpi_table){bytes, 129}, &fadt), ACPI_OK);
        assert_int_equal(fadt.reset_supported, space <= ACPI_SPACE_PCI);
        assert_int_equal(fadt.reset_value, 0xfe);
    }
    bytes[116] = ACPI_SPACE_IO;
    bytes[120] = 0;
    assert_int_equal(acpi_fadt_read((struct acpi_table){bytes, 129}, &fadt), ACPI_OK);
    assert_false(fadt.reset_supported);
    free(bytes);
}

static void a_new_fadt_is_read(void **state)
{
    uint8_t *bytes = calloc(1, 276);
    struct acpi_fadt fadt;
    (void)state;

    assert_non_null(bytes);
    bytes[40] = 0x10;
    bytes[64] = 0x20;
    bytes[113] = 0x04;
    memcpy(bytes + 116, "\x01\x08\x00\x01\xf9\x0c\0\0\0\0\0\0\x0f", 13);
    memcpy(bytes + 140, "\0\0\0\0\x01\0\0\0", 8);
    memcpy(bytes + 172, "\x01\x10\x00\x02\x04\x18\0\0\0\0\0\0", 12);
    assert_int_equal(acpi_fadt_read((struct acpi_table){bytes, 276}, &fadt), ACPI_OK);
    assert_true(fadt.dsdt == 0x100000000);
    assert_int_equal(fadt.pm1a_control.address, 0x1804);
    assert_true(fadt.reset_supported);
    assert_int_equal(fadt.reset.address, 0xcf9);
    assert_int_equal(fadt.reset.space, ACPI_SPACE_IO);
    assert_int_equal(fadt.reset_value, 0x0f);
    /* Zero in a wide field means: see the old one. */
    memset(bytes + 140, 0, 44);
    assert_int_equal(acpi_fadt_read((struct acpi_table){bytes, 276}, &fadt), ACPI_OK);
    assert_int_equal(fadt.dsdt, 0x10);
    assert_int_equal(fadt.pm1a_control.address, 0x20);
    /* The shortest table that has the wide fields. */
    bytes[140] = 0x33;
    bytes[172 + 4] = 0x44;
    assert_int_equal(acpi_fadt_read((struct acpi_table){bytes, 244}, &fadt), ACPI_OK);
    assert_int_equal(fadt.dsdt, 0x33);
    assert_int_equal(fadt.pm1a_control.address, 0x44);
    assert_int_equal(acpi_fadt_read((struct acpi_table){bytes, 243}, &fadt), ACPI_OK);
    assert_int_equal(fadt.dsdt, 0x10);
    assert_int_equal(fadt.pm1a_control.address, 0x20);
    bytes[113] = 0;
    assert_int_equal(acpi_fadt_read((struct acpi_table){bytes, 276}, &fadt), ACPI_OK);
    assert_false(fadt.reset_supported);
    free(bytes);
}

static enum acpi_error s5_read(const void *aml, size_t size, uint8_t *a, uint8_t *b)
{
    uint8_t *bytes = calloc(1, 36 + size);

    assert_non_null(bytes);
    memcpy(bytes + 36, aml, size);
    enum acpi_error error = acpi_s5_read((struct acpi_table){bytes, (uint32_t)(36 + size)}, a, b);
    free(bytes);
    return error;
}

#define S5(aml, a, b) s5_read(aml, sizeof(aml) - 1, a, b)

static void the_s5_package_is_found_in_all_its_forms(void **state)
{
    uint8_t a = 99, b = 99;
    (void)state;

    assert_int_equal(S5("\x08_S5_\x12\x06\x04\x00\x00\x00\x00", &a, &b), ACPI_OK);
    assert_true(a == 0 && b == 0);
    assert_int_equal(S5("\x08\\_S5_\x12\x06\x04\x01\x0a\x05\x00\x00", &a, &b), ACPI_OK);
    assert_true(a == 1 && b == 5);
    assert_int_equal(S5("junk\x08_S5_\x12\x08\x04\x0a\x07\x0a\x07\x00\x00", &a, &b), ACPI_OK);
    assert_true(a == 7 && b == 7);
    assert_int_equal(S5("\x08_S5_\x12\x47\x00\x02\x0b\x06\x00\x01", &a, &b), ACPI_OK);
    assert_true(a == 6 && b == 1);
    assert_int_equal(S5("\x08_S5_\x12\x09\x02\x0c\x03\x00\x00\x00\xff\x00", &a, &b), ACPI_OK);
    assert_true(a == 3 && b == 7);
    /* Nothing behind the second number; a length of two and of three bytes, and bytes behind the package. */
    assert_int_equal(S5("\x08_S5_\x12\x06\x02\x0a\x04\x0a\x03", &a, &b), ACPI_OK);
    assert_true(a == 4 && b == 3);
    uint8_t long_package[0x400] = "\x08_S5_\x12\x45\x3f\x02\x0a\x02\x0a\x01";
    assert_int_equal(s5_read(long_package, 6 + 0x3f5, &a, &b), ACPI_OK);
    assert_true(a == 2 && b == 1);
    assert_int_equal(s5_read(long_package, 6 + 0x3f4, &a, &b), ACPI_MISSING);
    memcpy(long_package + 6, "\x80\x05\x00\x02\x0a\x06\x00", 7);
    assert_int_equal(s5_read(long_package, 6 + 0x50, &a, &b), ACPI_OK);
    assert_true(a == 6 && b == 0);
    assert_int_equal(s5_read(long_package, 6 + 0x4f, &a, &b), ACPI_MISSING);
    /* The name by chance, then the true one. */
    assert_int_equal(S5("__S5_x\x08_S5_\x10xx\x08_S5_\x12\x04\x02\x01\x00", &a, &b), ACPI_OK);
    assert_true(a == 1 && b == 0);
}

static void no_or_a_malformed_s5_package_is_missing(void **state)
{
    uint8_t a = 99, b = 99;
    (void)state;

    assert_int_equal(S5("", &a, &b), ACPI_MISSING);
    assert_int_equal(S5("_S5_\x12\x06\x04\x00\x00\x00\x00", &a, &b), ACPI_MISSING);
    assert_int_equal(S5("\x08_S5_", &a, &b), ACPI_MISSING);
    assert_int_equal(S5("x_S5_\x12\x04\x02\x01\x00", &a, &b), ACPI_MISSING);
    assert_int_equal(S5("\x08x_S5_\x12\x04\x02\x01\x00", &a, &b), ACPI_MISSING);
    assert_int_equal(S5("\x5c_S5_\x12\x04\x02\x01\x00", &a, &b), ACPI_MISSING);
    assert_int_equal(S5("x\x5c_S5_\x12\x04\x02\x01\x00", &a, &b), ACPI_MISSING);
    assert_int_equal(S5("\x08_S5_\x11\x04\x02\x01\x00", &a, &b), ACPI_MISSING);
    assert_int_equal(S5("\x08_S5_\x12\x01\x02\x01\x00", &a, &b), ACPI_MISSING);
    assert_int_equal(S5("\x08_S5_\x12\x02\x02\x01\x00", &a, &b), ACPI_MISSING);
    assert_int_equal(S5("\x08_S5_\x12\x80\x05", &a, &b), ACPI_MISSING);
    assert_int_equal(S5("\x08_S5_\x12", &a, &b), ACPI_MISSING);
    assert_int_equal(S5("\x08_S5_\x12\x06\x04\x00", &a, &b), ACPI_MISSING);
    assert_int_equal(S5("\x08_S5_\x12\xc6\x04", &a, &b), ACPI_MISSING);
    assert_int_equal(S5("\x08_S5_\x12\x00\x04\x00\x00", &a, &b), ACPI_MISSING);
    assert_int_equal(S5("\x08_S5_\x12\x03\x02\x01\x00", &a, &b), ACPI_MISSING);
    assert_int_equal(S5("\x08_S5_\x12\x04\x01\x01\x00", &a, &b), ACPI_MISSING);
    assert_int_equal(S5("\x08_S5_\x12\x05\x02\x0a\x01\x0a", &a, &b), ACPI_MISSING);
    assert_int_equal(S5("\x08_S5_\x12\x04\x02XY", &a, &b), ACPI_MISSING);
    assert_true(a == 99 && b == 99);
    assert_int_equal(acpi_s5_read((struct acpi_table){memory, 12}, &a, &b), ACPI_MISSING);
}

static void every_error_has_a_text_of_its_own(void **state)
{
    (void)state;
    for (unsigned a = 0; a < ACPI_ERROR_COUNT; a++)
        for (unsigned b = 0; b < a; b++)
            assert_string_not_equal(acpi_error_text((enum acpi_error)a), acpi_error_text((enum acpi_error)b));
    assert_non_null(acpi_error_text(ACPI_ERROR_COUNT));
}

#define CASE(sentence, function)                                                                                       \
    {                                                                                                                  \
        sentence, function, memory_clear, memory_clear, NULL                                                           \
    }

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE("acpi: the XSDT comes first", the_xsdt_comes_first),
        CASE("acpi: an ACPI 1.0 machine has the RSDT", an_acpi_1_machine_has_the_rsdt),
        CASE("acpi: every entry of the RSDT is seen", every_entry_of_the_rsdt_is_seen),
        CASE("acpi: a null XSDT means the RSDT", a_null_xsdt_means_the_rsdt),
        CASE("acpi: a damaged RSDP is refused", a_damaged_rsdp_is_refused),
        CASE("acpi: an RSDP at the end of memory is refused", an_rsdp_at_the_end_of_memory_is_refused),
        CASE("acpi: a bad root table is named", a_bad_root_table_is_named),
        CASE("acpi: a table with a bad checksum or length is refused by name [M181]",
             a_table_with_a_bad_checksum_or_length_is_refused_by_name),
        CASE("acpi: an entry that leads nowhere is refused", an_entry_that_leads_nowhere_is_refused),
        CASE("acpi: a table by its address must have its signature", a_table_by_its_address_must_have_its_signature),
        CASE("acpi: MADT entries are read", madt_entries_are_read),
        CASE("acpi: the wide LAPIC address wins", the_wide_lapic_address_wins),
        CASE("acpi: a MADT may end with any whole entry", a_madt_may_end_with_any_whole_entry),
        CASE("acpi: malformed MADT entries are refused", malformed_madt_entries_are_refused),
        CASE("acpi: the HPET is read", the_hpet_is_read),
        CASE("acpi: an old FADT is read", an_old_fadt_is_read),
        CASE("acpi: a reset register is used only where it can be", a_reset_register_is_used_only_where_it_can_be),
        CASE("acpi: a new FADT is read", a_new_fadt_is_read),
        CASE("acpi: the _S5_ package is found in all its forms", the_s5_package_is_found_in_all_its_forms),
        CASE("acpi: no or a malformed _S5_ package is missing", no_or_a_malformed_s5_package_is_missing),
        CASE("acpi: every error has a text of its own", every_error_has_a_text_of_its_own),
    };
    return RUN_TESTS(tests);
}
