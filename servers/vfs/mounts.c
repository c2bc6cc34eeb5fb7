/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The tree at the start, from the service's arguments in the manifest:
 *
 *   tmpfs:BYTES=PATH     an empty file system in memory; BYTES with K, M
 *   package=PATH         the boot package
 *   dev=PATH             devices
 *   link:TARGET=PATH     a symbolic link
 *
 * The first one is mounted on "/"; directories of the others are made where they are missing.
 */
#include <fmt.h>
#include <libmnos/page.h>
#include <libmnos/print.h>
#include <libmnos/start.h>
#include <mnos/calls.h>
#include <str.h>

#include "../../fs/devfs/devfs.h"
#include "../../fs/packagefs/packagefs.h"
#include "main.h"
#include "ttys.h"

static const struct {
    const char *name;
    uint32_t mode;
    uint16_t device;
} devices[] = {
    {"null", 0666, 1 << 8 | 3},        {"zero", 0666, 1 << 8 | 5},  {"full", 0666, 1 << 8 | 7},
    {"console", 0620, CONSOLE_DEVICE}, {"ptmx", 0666, PTMX_DEVICE}, {"random", 0666, 1 << 8 | 8},
    {"urandom", 0666, 1 << 8 | 9},
};

static bool complain(const char *argument, const char *what)
{
    printf("vfs: %s: %s\n", argument, what);
    return false;
}

static struct fs *package_mount(const char *argument)
{
    struct mnos_cap_info info;
    enum ustar_error wrong;
    mnos_handle_t package = mnos_cap("package");

    if (package == MNOS_NONE || mnos_cap_inspect(package, &info, sizeof info) < 0) {
        complain(argument, "there is no capability 'package'");
        return NULL;
    }
    void *bytes = map_memory(package, 0, info.size, MNOS_MAP_READ, NULL);
    struct fs *fs = bytes ? packagefs_new(fs_next_number(), bytes, info.size, &wrong) : NULL;
    if (!fs)
        complain(argument, bytes && wrong != USTAR_OK ? ustar_error_text(wrong) : "no memory");
    return fs;
}

static struct fs *dev_mount(void)
{
    struct fs *fs = devfs_new(fs_next_number());

    for (size_t i = 0; fs && i < sizeof devices / sizeof devices[0]; i++)
        if (devfs_add(fs, devices[i].name, devices[i].mode, devices[i].device) != VFS_OK)
            return NULL;
    ttys_devices = fs;
    return fs;
}

/* Makes every directory of the path that is missing; the last one is *out. */
static enum vfs_status make_directories(const char *path, struct vnode **out)
{
    const struct origin from = {tree_root, tree_root};
    const struct creation c = {.mode = VFS_S_DIRECTORY | 0755};
    struct place p;
    enum vfs_status status = VFS_OK;

    for (size_t end = 1; status == VFS_OK && path[end - 1] != '\0'; end++) {
        if (path[end] != '/' && path[end] != '\0')
            continue;
        status = tree_make(&from, path, end, &c, out);
        if (status == VFS_E_EXISTS || status == VFS_E_READ_ONLY)
            status = tree_walk(&from, path, end, WALK_FOLLOW, &p);
        else
            continue;
        *out = p.node;
    }
    return status;
}

static bool mount_on(struct fs *fs, const char *argument, const char *path)
{
    struct vnode *on;

    if (!fs)
        return complain(argument, "the file system could not be made");
    if (!tree_root) {
        tree_root = fs->root;
        vnode_hold(tree_root);
        return strcmp(path, "/") == 0 || complain(argument, "the first one is mounted on /");
    }
    return (make_directories(path, &on) == VFS_OK && tree_mount(fs, on) == VFS_OK) ||
           complain(argument, "it cannot be mounted there");
}

static bool link_make(const char *argument, struct name target, const char *path)
{
    const struct origin from = {tree_root, tree_root};

    return (tree_root && tree_symlink(&from, path, strlen(path), target, (struct owner){0, 0}) == VFS_OK) ||
           complain(argument, "the link cannot be made");
}

static bool argument_do(const char *argument)
{
    const char *equals = strrchr(argument, '=');
    const char *path = equals ? equals + 1 : "";

    if (path[0] != '/')
        return complain(argument, "no path behind '='");
    if (strncmp(argument, "tmpfs:", 6) == 0)
        return mount_on(fs_from_words(argument, (size_t)(equals - argument)), argument, path);
    if (strncmp(argument, "package=", 8) == 0)
        return mount_on(package_mount(argument), argument, path);
    if (strncmp(argument, "dev=", 4) == 0)
        return mount_on(dev_mount(), argument, path);
    if (strncmp(argument, "link:", 5) == 0)
        return link_make(argument, (struct name){argument + 5, (size_t)(equals - argument - 5)}, path);
    return complain(argument, "unknown kind of mount");
}

bool mounts_make(int argc, char **argv)
{
    for (int i = 1; i < argc; i++)
        if (!argument_do(argv[i]))
            return false;
    return tree_root != NULL || complain("arguments", "nothing is mounted");
}
