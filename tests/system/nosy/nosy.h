/* SPDX-License-Identifier: BSD-2-Clause */
/* What the nosy driver can be asked to try; the answer's word 0 is what came of it, if it lives. */
#ifndef NOSY_H
#define NOSY_H

enum nosy {
    NOSY_NEXT_PAGE = 1, /* the page behind its registers; dies */
    NOSY_KEYBOARD,      /* a port of the keyboard; dies */
    NOSY_CONFIG,        /* the ports of configuration space; dies */
    NOSY_MAP_BEHIND,    /* an enum mnos_error */
    NOSY_MAP_LONG,
    NOSY_DERIVE_BEHIND,
    NOSY_BIND,  /* how many interrupts other than its own it could bind */
    NOSY_COUNT, /* word 0: enum mnos_type; how many it has of these */
    NOSY_SPIN   /* keeps the processor in its address space for some seconds */
};

#endif
