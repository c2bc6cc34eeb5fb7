/* SPDX-License-Identifier: BSD-2-Clause */
/* Words for what a process died of. */
#ifndef LIBMNOS_FAULTS_H
#define LIBMNOS_FAULTS_H

#include <stddef.h>
#include <stdint.h>

/* A cause (enum mnos_fault): "page fault". */
const char *mnos_fault_name(uint64_t cause);
/* An exit status as a clause: "exited with status 3", "was killed (status 0)", "crashed: page fault". */
void mnos_status_text(uint64_t status, char *text, size_t size);

#endif
