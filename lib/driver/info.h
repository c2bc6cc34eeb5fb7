/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef DRIVER_INFO_H
#define DRIVER_INFO_H

#include <driver/driver.h>

/* Fills device->info; 0, or a negated error. */
int64_t info_read(struct device *device);
/* The capability of a kind and number: "bar3". */
mnos_handle_t info_cap(const char *kind, unsigned index);

#endif
