/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef VFS_CONSOLE_H
#define VFS_CONSOLE_H

#include <mnos/object.h>
#include <stdbool.h>

#define CONSOLE_BIT 1ull /* of the notification that the main thread receives with its messages */

/* `console`: the driver of the line, or MNOS_NONE.  Once, by the main thread. */
bool console_start(mnos_handle_t console);

#endif
