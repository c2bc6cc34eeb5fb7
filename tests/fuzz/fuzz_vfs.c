/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The file server under clients made from the input.
 * LINK: servers/vfs/calls.c servers/vfs/desc.c servers/vfs/paths.c servers/vfs/files.c servers/vfs/wait.c
 * LINK: servers/vfs/bells.c servers/vfs/pipes.c servers/vfs/devices.c servers/vfs/ttys.c servers/vfs/locks.c
 * LINK: servers/vfs/memfs.c servers/vfs/sockets.c servers/vfs/maps.c
 * LINK: fs/core/ fs/tmpfs/ fs/devfs/ fs/tty/ lib/fmt/ tests/host/vfs_drive.c
 */
#include "../host/vfs_drive.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct drive_count count = {0};

    vfs_drive(data, size, &count);
    return 0;
}
