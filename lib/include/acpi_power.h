/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What ACPI's tables say of switching the machine off and of resetting it: the FADT, and one package of constants that is looked
 * up in the DSDT, without interpreting AML.  For who holds ports and device memory: the kernel does neither.
 */
#ifndef MNOS_ACPI_POWER_H
#define MNOS_ACPI_POWER_H

#include <acpi.h>

/* A register's place (Generic Address Structure, 5.2.3.2). */
enum { ACPI_SPACE_MEMORY = 0, ACPI_SPACE_IO = 1, ACPI_SPACE_PCI = 2 };
struct acpi_register {
    uint8_t space;
    uint64_t address; /* 0: there is none. */
};

/* FADT, signature "FACP" (5.2.9): what power-off and reset need. */
struct acpi_fadt {
    uint64_t dsdt;
    uint32_t smi_command; /* Port; 0: ACPI mode is always on. */
    uint8_t acpi_enable;  /* What to write there to turn it on. */
    struct acpi_register pm1a_control, pm1b_control;
    bool reset_supported;
    struct acpi_register reset;
    uint8_t reset_value;
};

__attribute__((warn_unused_result)) enum acpi_error acpi_fadt_read(struct acpi_table table, struct acpi_fadt *fadt);

/* SLP_TYPa and SLP_TYPb of the sleep state S5: the first two numbers of the package \_S5_ (7.4.2) in the AML of the
 * DSDT.  ACPI_MISSING when it is not there in the form of constants. */
__attribute__((warn_unused_result)) enum acpi_error acpi_s5_read(struct acpi_table dsdt, uint8_t *type_a,
                                                                 uint8_t *type_b);

#endif
