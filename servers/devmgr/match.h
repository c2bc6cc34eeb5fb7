/* SPDX-License-Identifier: BSD-2-Clause */
/* Which program drives what, and what it needs beside its device. */
#ifndef MATCH_H
#define MATCH_H

#include <driver/devmgr.h>
#include <pci.h>
#include <stdbool.h>

struct match {
    enum device_kind kind;
    uint16_t vendor, device; /* PCI */
    bool by_class;           /* PCI: by class and subclass instead */
    uint16_t code;
    const char *platform; /* the name of a platform device */
    const char *program;  /* in the boot package's sbin/; NULL: another program drives it */
    const char *service;  /* its service is this and a number */
    unsigned vectors;     /* most messages it can use */
    uint64_t dma;         /* bytes of DMA memory */
};

/* The entry for a function: by its numbers, else by its class; NULL: nobody drives it. */
const struct match *match_pci(const struct match *table, unsigned count, const struct pci_function *function);
const struct match *match_platform(const struct match *table, unsigned count, const char *name);

/* The device manager's own (matches.c). */
extern const struct match matches[];
extern const unsigned match_count;

#endif
