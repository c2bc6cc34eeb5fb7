/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef VFS_MAIN_H
#define VFS_MAIN_H

#include <libmnos/ipc.h>
#include <mnos/object.h>

struct call;
extern mnos_handle_t endpoint;
/* The answer as a message; ext gets the capabilities. */
void answer_fill(const struct call *call, struct mnos_msg *msg, struct mnos_ipc_ext *ext);

/* mounts.c: the tree as the arguments say.  False: the reason was printed. */
bool mounts_make(int argc, char **argv);

#endif
