/* SPDX-License-Identifier: BSD-2-Clause */
/* Terminals: the console, and pseudo-terminals. */
#ifndef VFS_TTYS_H
#define VFS_TTYS_H

#include "vfs.h"

#define CONSOLE_DEVICE (5 << 8 | 1)
#define PTMX_DEVICE    (5 << 8 | 2)
#define PTS_DEVICE(n)  ((uint16_t)(136 << 8 | (n)))
#define TERMINALS      64u /* pseudo-terminals at a time */

/* Where /dev/pts/N appear; NULL: there are none. */
extern struct fs *ttys_devices;

/* NULL: no terminal. */
const struct file_ops *tty_device_ops(uint16_t device);
enum vfs_status tty_call(struct call *call, struct desc *desc, struct queue **queue);
/* The console's line has bytes, or room for some. */
void console_event(void);

#endif
