/* SPDX-License-Identifier: BSD-2-Clause */
/* Files as Memory: what a client can do with one, and that it ends with the file. */
#include <libmnos/page.h>

#include "vfs_test.h"

#define BYTES (3 * MNOS_PAGE_SIZE)

static int64_t map(const struct file *f, uint64_t flags, mnos_handle_t *memory)
{
    struct ask a = {.on = f->cap, .label = VFS_MAP, .word = {0, BYTES, flags}, .send_cap = MNOS_NONE, .recv_caps = 1};
    int64_t status = ask(&a);

    *memory = a.cap[0];
    return status;
}

/* Only the server says which pages there are: one that is gone would stop it. */
static unsigned refused(mnos_handle_t memory)
{
    static _Alignas(4096) char page[MNOS_PAGE_SIZE];
    unsigned count = 0;

    count += mnos_mem_control(memory, MNOS_MEMCTL_DECOMMIT, 0, BYTES, 0) == -MNOS_E_NO_RIGHTS;
    count += mnos_mem_control(memory, MNOS_MEMCTL_RESIZE, MNOS_PAGE_SIZE, 0, 0) == -MNOS_E_NO_RIGHTS;
    count += mnos_mem_control(memory, MNOS_MEMCTL_REFUSE, 0, BYTES, 0) == -MNOS_E_NO_RIGHTS;
    count += mnos_mem_control(memory, MNOS_MEMCTL_SUPPLY, 2 * MNOS_PAGE_SIZE, (uint64_t)page, MNOS_PAGE_SIZE) ==
             -MNOS_E_NO_RIGHTS;
    return count;
}

/* A file that is written, mapped, touched, and removed while it is mapped: number of what went wrong. */
static unsigned round_do(bool told)
{
    char back[5] = {0};
    struct file f;
    struct mnos_cap_info info;
    mnos_handle_t memory;
    unsigned bad = f_open(vfs, "/mapped", VFS_O_CREATE | VFS_O_RDWR, 0600, &f) != 0;

    bad += f_write(f.cap, "first", 5, 0) != 5 || f_write(f.cap, "last", 4, BYTES - 4) != 4;
    bad += map(&f, VFS_MAP_WRITE, &memory) != 0;
    char *p = map_memory(memory, 0, BYTES, MNOS_MAP_READ | MNOS_MAP_WRITE, NULL);
    bad += !p || memcmp(p, "first", 5) != 0 || p[MNOS_PAGE_SIZE] != 0 || memcmp(p + BYTES - 4, "last", 4) != 0;
    memcpy(p, "FIRST", 5);
    bad += f_read(f.cap, back, 5, 0) != 5 || memcmp(back, "FIRST", 5) != 0;
    if (told)
        tap_eq(refused(memory), 4, "a client with WRITE changes bytes, and not which pages a file has");
    bad += f_read(f.cap, back, 4, BYTES - 4) != 4 || memcmp(back, "last", 4) != 0;
    bad += f_path(vfs, VFS_UNLINK, "/mapped", 0, 0) != 0 || p[0] != 'F';
    f_close(&f);
    struct vfs_attr attr;
    bad += f_stat(vfs, "/mapped", 0, &attr) != -VFS_E_NOT_FOUND;
    /* Nobody has the file any more: its pages are the server's again. */
    bad += mnos_cap_inspect(memory, &info, sizeof info) >= 0;
    unmap_memory(p, BYTES);
    return bad;
}

static uint64_t free_blocks(void)
{
    struct ask a = {.on = vfs,
                    .label = VFS_STATFS,
                    .word = {0, 0, 0, 0, 0, 0, 0, 1},
                    .send = "/",
                    .send_len = 1,
                    .send_cap = MNOS_NONE};

    return ask(&a) == 0 ? a.out[VFS_FS_FREE] : 0;
}

static void rights(void)
{
    struct file rw, ro, wo;
    mnos_handle_t memory;

    f_open(vfs, "/rights", VFS_O_CREATE | VFS_O_RDWR, 0600, &rw);
    f_open(vfs, "/rights", VFS_O_RDONLY, 0, &ro);
    f_open(vfs, "/rights", VFS_O_WRONLY, 0, &wo);
    f_write(rw.cap, "x", 1, BYTES - 1);
    tap_eq(map(&wo, 0, &memory), -VFS_E_DENIED, "what cannot be read cannot be mapped");
    tap_eq(map(&ro, VFS_MAP_WRITE, &memory), -VFS_E_DENIED, "nor is written through a mapping what cannot be written");
    tap_eq(map(&ro, 0, &memory), 0, "it can be looked at");
    char *p = map_memory(memory, 0, BYTES, MNOS_MAP_READ | MNOS_MAP_WRITE, NULL);
    tap_ok(!p, "and no more");
    mnos_cap_delete(memory);
    tap_eq(map(&rw, VFS_MAP_PRIVATE, &memory), 0, "a private mapping");
    p = map_memory(memory, 0, BYTES, MNOS_MAP_READ | MNOS_MAP_WRITE, NULL);
    tap_ok(!p, "gives no right to write either");
    mnos_cap_delete(memory);
    f_close(&rw);
    f_close(&ro);
    f_close(&wo);
    f_path(vfs, VFS_UNLINK, "/rights", 0, 0);
}

void map_tests(void)
{
    rights();
    unsigned bad = round_do(true);
    uint64_t before = free_blocks();
    for (unsigned i = 0; i < 100; i++)
        bad += round_do(false);
    tap_ok(bad == 0, "files are mapped, read, written and removed under their mappings");
    tap_ok(free_blocks() == before, "a hundred of them leave nothing");
}
