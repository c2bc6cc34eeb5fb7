/* SPDX-License-Identifier: BSD-2-Clause */
/* Files, names and the world of a directory capability. */
#include "vfs_test.h"

static char big[65536], back[65536];

static void open_tests(void)
{
    struct file f, g;

    tap_eq(f_open(vfs, "/none", VFS_O_RDONLY, 0, &f), -VFS_E_NOT_FOUND, "a file that is not there is not opened");
    tap_eq(f_open(vfs, "/a", VFS_O_CREATE | VFS_O_RDWR, 0640, &f), 0, "O_CREAT makes it");
    tap_ok((f.mode & VFS_S_TYPE) == VFS_S_FILE && (f.mode & 07777) == 0640 && f.size == 0, "with its mode");
    tap_eq(f_open(vfs, "/a", VFS_O_CREATE | VFS_O_EXCLUSIVE | VFS_O_RDWR, 0640, &g), -VFS_E_EXISTS,
           "O_EXCL only if it was not there [M327]");
    tap_eq(f_open(vfs, "/a", VFS_O_DIRECTORY, 0, &g), -VFS_E_NOT_DIRECTORY, "O_DIRECTORY of a file fails [M327]");
    tap_eq(f_write(f.cap, "hello, world", 12, VFS_HERE), 12, "twelve bytes are written");
    tap_eq(f_read(f.cap, back, sizeof back, VFS_HERE), 0, "at the end there is nothing to read [M328]");
    tap_eq(f_read(f.cap, back, sizeof back, 7), 5, "a read at an offset is short at the end [M328]");
    tap_ok(memcmp(back, "world", 5) == 0, "and gives those bytes");
    tap_eq(f_seek(f.cap, -5, VFS_SEEK_END), 7, "seek from the end");
    tap_eq(f_read_few(f.cap, back, 40, 0), 5, "a read in words");
    tap_ok(memcmp(back, "world", 5) == 0, "gives the same");
    tap_eq(f_open(vfs, "a", VFS_O_WRONLY | VFS_O_APPEND, 0, &g), 0, "a second description");
    tap_eq(f_write_few(g.cap, "!", 1, 0), 1, "appends in words");
    tap_eq(f_read(g.cap, back, 1, VFS_HERE), -VFS_E_BAD_MODE, "what was opened for writing is not read [M328]");
    tap_eq(f_read(f.cap, back, 16, VFS_HERE), 1, "the first one has its own position");
    f_close(&g);
    tap_eq(f_open(vfs, "/a", VFS_O_TRUNCATE | VFS_O_WRONLY, 0, &g), 0, "O_TRUNC");
    struct vfs_attr attr;
    tap_ok(f_fstat(f.cap, &attr) == 0 && attr.size == 0 && attr.blocks_rdev == 0, "empties it [M327]");
    f_close(&g);
    f_close(&f);
    tap_eq(f_read(f.cap, back, 1, VFS_HERE), -1000 - MNOS_E_BADCAP, "a closed capability is none");
    tap_eq(f_path(vfs, VFS_UNLINK, "/a", 0, 0), 0, "unlink");
}

static void few_tests(void)
{
    struct vfs_attr a, b;
    struct file f;

    f_open(vfs, "/few", VFS_O_CREATE | VFS_O_RDWR, 0600, &f);
    f_close(&f);
    tap_ok(f_stat_few(vfs, "/few", &a) == 0 && f_stat(vfs, "/few", 0, &b) == 0 && memcmp(&a, &b, sizeof a) == 0,
           "a stat whose path is in the words says the same");
    tap_eq(f_stat_few(vfs, "/not/there", &a), -VFS_E_NOT_FOUND, "or that there is none");
    tap_eq(f_stat_few(vfs, "/a/path/that/is/longer/than/five/words/hold", &a), -VFS_E_INVALID,
           "longer ones need a buffer");
    tap_ok(f_open_few(vfs, "few", VFS_O_RDWR, &f) == 0 && f_write_few(f.cap, "x", 1, 0) == 1, "and an open");
    f_close(&f);
    tap_eq(f_open_few(vfs, "/fewer", VFS_O_CREATE | VFS_O_RDWR, &f), -VFS_E_INVALID, "which makes nothing");
    f_path(vfs, VFS_UNLINK, "/few", 0, 0);
}

static void content_tests(void)
{
    struct file f;
    struct vfs_attr attr;
    unsigned wrong = 0;

    for (unsigned i = 0; i < sizeof big; i++)
        big[i] = (char)(i * 7 + i / 251);
    f_open(vfs, "/big", VFS_O_CREATE | VFS_O_RDWR, 0600, &f);
    tap_eq(f_write(f.cap, big, sizeof big, 0), sizeof big, "64 KiB in one call");
    tap_eq(f_read(f.cap, back, sizeof back, 0), sizeof back, "and back");
    tap_ok(memcmp(big, back, sizeof big) == 0, "every byte [M322]");
    tap_eq(f_write(f.cap, "x", 1, 1u << 30), 1, "a byte a gigabyte further");
    tap_ok(f_fstat(f.cap, &attr) == 0 && attr.size == (1u << 30) + 1 && attr.blocks_rdev == (sizeof big + 4096) / 512,
           "takes one page: the hole is none [M322]");
    tap_eq(f_read(f.cap, back, 4096, 1u << 20), 4096, "the hole is read");
    for (unsigned i = 0; i < 4096; i++)
        wrong += back[i] != 0;
    tap_ok(wrong == 0, "as zeros");
    tap_eq(f_seek(f.cap, 1u << 20, VFS_SEEK_DATA), 1 << 30, "SEEK_DATA finds what is behind it");
    tap_eq(f_seek(f.cap, 0, VFS_SEEK_HOLE), sizeof big, "SEEK_HOLE its beginning");
    struct ask cut = {.on = f.cap, .label = VFS_FSETATTR, .word = {0, VFS_SET_SIZE, 0, 0, 100}, .send_cap = MNOS_NONE};
    tap_eq(ask(&cut), 0, "truncate");
    cut.word[4] = 200;
    ask(&cut);
    tap_eq(f_read(f.cap, back, 300, 0), 200, "and longer again");
    for (unsigned i = 100; i < 200; i++)
        wrong += back[i] != 0;
    tap_ok(wrong == 0 && memcmp(big, back, 100) == 0, "what was cut off is zero [M322]");
    tap_eq(f_path(vfs, VFS_UNLINK, "/big", 0, 0), 0, "unlink while it is open");
    tap_eq(f_read(f.cap, back, 100, 0), 100, "it can still be read");
    tap_eq(f_open(vfs, "/big", VFS_O_RDONLY, 0, &(struct file){0}), -VFS_E_NOT_FOUND, "but not be found");
    f_close(&f);
}

static void name_tests(void)
{
    struct file d, e;
    struct vfs_attr a, b;
    char text[64] = "";

    tap_eq(f_path(vfs, VFS_MKDIR, "/dir", 0, 0755), 0, "mkdir [M321]");
    tap_eq(f_path(vfs, VFS_MKDIR, "/dir/sub/", 0, 0755), 0, "mkdir below it, with a slash behind");
    tap_eq(f_path(vfs, VFS_MKDIR, "/dir", 0, 0755), -VFS_E_EXISTS, "not twice");
    tap_eq(f_two(vfs, VFS_SYMLINK, "/dir/link", "../dir/sub", 0), 0, "a symbolic link");
    tap_ok(f_text(vfs, VFS_READLINK, 0, "/dir/link", text, sizeof text) == 10 && memcmp(text, "../dir/sub", 10) == 0,
           "readlink [M323]");
    f_stat(vfs, "/dir/sub", 0, &a);
    tap_ok(f_stat(vfs, "/dir/link", 0, &b) == 0 && a.ino == b.ino, "it is followed [M323]");
    tap_ok(f_stat(vfs, "/dir/link", VFS_NOFOLLOW, &b) == 0 && a.ino != b.ino, "or not, if asked");
    f_two(vfs, VFS_SYMLINK, "/loop", "loop", 0);
    tap_eq(f_stat(vfs, "/loop", 0, &b), -VFS_E_LOOP, "a loop of links ends [M323]");
    f_open(vfs, "/dir/f", VFS_O_CREATE | VFS_O_WRONLY, 0600, &e);
    f_close(&e);
    tap_eq(f_two(vfs, VFS_LINK, "/dir/f", "/dir/g", 0), 0, "a second name");
    f_stat(vfs, "/dir/f", 0, &a);
    tap_ok(f_stat(vfs, "/dir/g", 0, &b) == 0 && a.ino == b.ino && b.mode_dev_links >> 32 == 2, "is the same file");
    tap_eq(f_two(vfs, VFS_RENAME, "/dir/g", "/dir/sub/h", 0), 0, "rename");
    tap_eq(f_two(vfs, VFS_RENAME, "/dir", "/dir/sub/in", 0), -VFS_E_INVALID, "no directory into itself");
    tap_eq(f_path(vfs, VFS_UNLINK, "/dir", VFS_REMOVE_DIR, 0), -VFS_E_NOT_EMPTY, "rmdir wants it empty [M321]");
    tap_eq(f_open(vfs, "/dir", VFS_O_DIRECTORY, 0, &d), 0, "a directory is opened");
    tap_eq(f_open_at(vfs, d.number, "sub/../f", VFS_O_RDONLY, 0, &e), 0, "a path relative to it [M335]");
    f_close(&e);
    f_open(vfs, "/dir/sub", VFS_O_DIRECTORY, 0, &e);
    tap_ok(f_text(vfs, VFS_GETPATH, e.number, "", text, sizeof text) == 8 && memcmp(text, "/dir/sub", 8) == 0,
           "the path of a directory");
    f_close(&e);
    char list[512];
    struct ask dents = {.on = d.cap,
                        .label = VFS_GETDENTS,
                        .word = {sizeof list},
                        .recv = list,
                        .recv_len = sizeof list,
                        .send_cap = MNOS_NONE};
    unsigned names = 0;
    if (ask(&dents) == 0)
        for (size_t at = 0; at < dents.out[0]; at += ((struct vfs_dirent *)(list + at))->length)
            names++;
    tap_ok(names == 5 && ask(&dents) == 0 && dents.out[0] == 0, "getdents lists ., .. and three names [M321]");

    /* The directory's capability as somebody's whole world. */
    tap_ok(f_stat(d.cap, "/", 0, &a) == 0 && f_stat(d.cap, "../../..", 0, &b) == 0 && a.ino == b.ino,
           "'..' of a directory capability stays in it [M290]");
    tap_eq(f_stat(d.cap, "/dir", 0, &a), -VFS_E_NOT_FOUND, "nothing outside can be named [M290]");
    tap_eq(f_stat(d.cap, "link", 0, &a), -VFS_E_NOT_FOUND, "not through a link either [M290]");
    tap_eq(f_open_at(d.cap, 1, "f", VFS_O_RDONLY, 0, &e), -VFS_E_STALE, "nor by the number of another directory");
    f_open(vfs, "/dir", VFS_O_DIRECTORY | VFS_O_SEALED, 0, &e);
    struct file w;
    tap_eq(f_open(e.cap, "f", VFS_O_WRONLY, 0, &w), -VFS_E_DENIED, "a sealed one changes nothing");
    tap_eq(f_path(e.cap, VFS_UNLINK, "f", 0, 0), -VFS_E_DENIED, "in no way");
    tap_eq(f_open(e.cap, "f", VFS_O_RDONLY, 0, &w), 0, "but reads");
    f_close(&w);
    f_close(&e);
    f_close(&d);
    f_path(vfs, VFS_UNLINK, "/dir/sub/h", 0, 0);
    f_path(vfs, VFS_UNLINK, "/dir/sub", VFS_REMOVE_DIR, 0);
    f_path(vfs, VFS_UNLINK, "/dir/link", 0, 0);
    f_path(vfs, VFS_UNLINK, "/dir/f", 0, 0);
    f_path(vfs, VFS_UNLINK, "/loop", 0, 0);
    tap_eq(f_path(vfs, VFS_UNLINK, "/dir", VFS_REMOVE_DIR, 0), 0, "all of it goes");
}

static void mount_tests(void)
{
    struct file f;
    struct vfs_attr a, b;

    tap_ok(f_open(vfs, "/boot/etc/lines", VFS_O_RDONLY, 0, &f) == 0 && f_read(f.cap, back, 64, VFS_HERE) == 23 &&
               memcmp(back, "first line\nsecond line\n", 23) == 0,
           "the boot package is a file system");
    f_close(&f);
    tap_ok(f_open(vfs, "/sbin/vfs_test", VFS_O_RDONLY, 0, &f) == 0 && f_read(f.cap, back, 4, 0) == 4 &&
               memcmp(back, "\177ELF", 4) == 0,
           "this very program is in it, by way of a link");
    f_close(&f);
    tap_eq(f_open(vfs, "/boot/etc/lines", VFS_O_WRONLY, 0, &f), -VFS_E_READ_ONLY, "that cannot be changed");
    tap_eq(f_path(vfs, VFS_UNLINK, "/boot/etc/lines", 0, 0), -VFS_E_READ_ONLY, "in any way");
    f_stat(vfs, "/", 0, &a);
    tap_ok(f_stat(vfs, "/boot/..", 0, &b) == 0 && a.ino == b.ino && a.mode_dev_links == b.mode_dev_links,
           "'..' at the root of a mount leads out of it");
    tap_eq(f_two(vfs, VFS_LINK, "/boot/etc/lines", "/lines", 0), -VFS_E_OTHER_DEVICE, "no names across");
    tap_eq(f_path(vfs, VFS_UNLINK, "/boot", VFS_REMOVE_DIR, 0), -VFS_E_BUSY, "a mount point stays");
    tap_ok(f_open(vfs, "/dev/zero", VFS_O_RDWR, 0, &f) == 0 && f_read(f.cap, back, 9000, VFS_HERE) == 9000 &&
               back[8999] == 0 && f_write(f.cap, back, 10, VFS_HERE) == 10,
           "/dev/zero [M324]");
    f_close(&f);
    tap_ok(f_open(vfs, "/dev/null", VFS_O_RDWR, 0, &f) == 0 && f_read(f.cap, back, 10, VFS_HERE) == 0 &&
               f_write(f.cap, back, 10, VFS_HERE) == 10,
           "/dev/null [M324]");
    f_close(&f);
    tap_ok(f_open(vfs, "/dev/full", VFS_O_RDWR, 0, &f) == 0 && f_write(f.cap, back, 10, VFS_HERE) == -VFS_E_NO_SPACE,
           "/dev/full");
    f_close(&f);
    tap_ok(f_open(vfs, "/dev/urandom", VFS_O_RDONLY, 0, &f) == 0 && f_read(f.cap, back, 32, VFS_HERE) == 32 &&
               f_read(f.cap, back + 32, 32, VFS_HERE) == 32 && memcmp(back, back + 32, 32) != 0,
           "/dev/urandom gives something else each time");
    f_close(&f);
}

static int64_t lock(const struct file *f, uint64_t how, uint64_t start, uint64_t length, uint64_t owner)
{
    struct ask a = {.on = f->cap, .label = VFS_LOCK, .word = {how, start, length, owner}, .send_cap = MNOS_NONE};

    return ask(&a);
}

static struct file locked;
static uint32_t got_lock;

static void lock_waiter(void *arg)
{
    (void)arg;
    if (lock(&locked, VFS_LOCK_EXCLUSIVE | VFS_LOCK_WAIT, 5, 1, 2) == 0)
        __atomic_store_n(&got_lock, 1, __ATOMIC_SEQ_CST);
}

static void lock_tests(void)
{
    struct file f;

    f_open(vfs, "/locked", VFS_O_CREATE | VFS_O_RDWR, 0600, &f);
    f_open(vfs, "/locked", VFS_O_RDWR, 0, &locked);
    tap_eq(lock(&f, VFS_LOCK_EXCLUSIVE, 0, 10, 1), 0, "a lock on ten bytes");
    tap_eq(lock(&locked, VFS_LOCK_SHARED, 9, 1, 2), -VFS_E_AGAIN, "stands against another owner");
    tap_eq(lock(&locked, VFS_LOCK_SHARED, 10, 1, 2), 0, "but not behind it");
    struct mnos_thread *thread = thread_start(lock_waiter, NULL, NULL, NULL);
    sleep_ns(5 * MNOS_MS);
    tap_eq(__atomic_load_n(&got_lock, __ATOMIC_SEQ_CST), 0, "who waits for it waits");
    f_close(&f);
    thread_join(thread);
    tap_eq(got_lock, 1, "until the description that set it ends");
    f_close(&locked);
    f_path(vfs, VFS_UNLINK, "/locked", 0, 0);
}

static void client_mount_tests(void)
{
    struct file d;
    struct vfs_attr attr;

    f_path(vfs, VFS_MKDIR, "/mnt", 0, 0755);
    tap_eq(f_two(vfs, VFS_MOUNT, "/mnt", "tmpfs:100K", 0), 0, "mount [M334]");
    tap_ok(f_path(vfs, VFS_MKDIR, "/mnt/x", 0, 0755) == 0 && f_stat(vfs, "/mnt/x/..", 0, &attr) == 0, "and use it");
    f_open(vfs, "/mnt/x", VFS_O_DIRECTORY, 0, &d);
    tap_eq(f_path(vfs, VFS_UNMOUNT, "/mnt", 0, 0), -VFS_E_BUSY, "while it is used it stays [M334]");
    tap_eq(f_two(d.cap, VFS_MOUNT, "/", "tmpfs:100K", 0), -VFS_E_DENIED, "a directory does not mount");
    f_close(&d);
    tap_eq(f_path(vfs, VFS_UNMOUNT, "/mnt", 0, 0), 0, "umount [M334]");
    tap_eq(f_stat(vfs, "/mnt/x", 0, &attr), -VFS_E_NOT_FOUND, "what was in it is gone");
    tap_eq(f_path(vfs, VFS_UNMOUNT, "/mnt", 0, 0), -VFS_E_INVALID, "what is not mounted is not unmounted");
    tap_eq(f_two(vfs, VFS_MOUNT, "/mnt", "ext9:100K", 0), -VFS_E_INVALID, "nor an unknown one mounted");
    f_path(vfs, VFS_UNLINK, "/mnt", VFS_REMOVE_DIR, 0);
}

/* A file system that is full says so, and loses nothing. */
static void full_tests(void)
{
    struct file f;
    int64_t wrote, total = 0;
    struct vfs_attr attr;

    f_open(vfs, "/small/fill", VFS_O_CREATE | VFS_O_RDWR, 0600, &f);
    while ((wrote = f_write(f.cap, big, 1000, VFS_HERE)) > 0)
        total += wrote;
    tap_eq(wrote, -VFS_E_NO_SPACE, "a file system of 64 KiB gets full");
    tap_ok(total > 40000 && total < 65536 && f_fstat(f.cap, &attr) == 0 && attr.size == (uint64_t)total,
           "and keeps what was written");
    tap_eq(f_open(vfs, "/elsewhere", VFS_O_CREATE | VFS_O_RDWR, 0600, &(struct file){0}), 0, "others have room");
    f_path(vfs, VFS_UNLINK, "/elsewhere", 0, 0);
    f_path(vfs, VFS_UNLINK, "/small/fill", 0, 0);
    f_close(&f);
    tap_ok(f_open(vfs, "/small/fill", VFS_O_CREATE | VFS_O_RDWR, 0600, &f) == 0 &&
               f_write(f.cap, big, 32768, VFS_HERE) == 32768,
           "what is unlinked is free again");
    f_path(vfs, VFS_UNLINK, "/small/fill", 0, 0);
    f_close(&f);
}

void file_tests(void)
{
    open_tests();
    few_tests();
    content_tests();
    name_tests();
    mount_tests();
    full_tests();
    lock_tests();
    client_mount_tests();
}
