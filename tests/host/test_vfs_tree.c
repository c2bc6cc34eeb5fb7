/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Path resolution, names and tmpfs: by hand, and against a model with random operations.
 * LINK: fs/core/vnode.c fs/core/walk.c fs/core/tree.c fs/core/pages.c fs/tmpfs/ tests/host/tree_model.c
 */
#include "../../fs/tmpfs/tmpfs.h"
#include "fake_fs.h"
#include "tree_model.h"

unsigned fake_chunks, fake_chunks_max = 64;

static struct fs *fs;
static struct origin top;

static void begin(uint64_t budget)
{
    fake_start();
    fs = tmpfs_new(1, budget, 0755);
    assert_non_null(fs);
    top = (struct origin){fs->root, fs->root};
}

static void end(void)
{
    assert_int_equal(fs->held, 0);
    fs->ops->destroy(fs);
    assert_int_equal(pages_out(), 0);
}

static enum vfs_status t_open(const char *path, uint64_t flags, struct vnode **node)
{
    const struct creation c = {.mode = 0644};

    return tree_open(&top, path, strlen(path), flags, &c, node);
}

static enum vfs_status t_mkdir(const char *path)
{
    const struct creation c = {.mode = VFS_S_DIRECTORY | 0755};
    struct vnode *node;

    return tree_make(&top, path, strlen(path), &c, &node);
}

static enum vfs_status t_symlink(const char *path, const char *text)
{
    return tree_symlink(&top, path, strlen(path), (struct name){text, strlen(text)}, (struct owner){0, 0});
}

static enum vfs_status t_link(const char *old, const char *path, bool follow)
{
    return tree_link(&top, old, strlen(old), &top, path, strlen(path), follow);
}

static enum vfs_status t_unlink(const char *path, bool directory)
{
    return tree_unlink(&top, path, strlen(path), directory);
}

static enum vfs_status t_rename(const char *old, const char *path, uint64_t flags)
{
    return tree_rename(&top, old, strlen(old), &top, path, strlen(path), flags);
}

static size_t put(struct vnode *node, uint64_t offset, const void *bytes, size_t count)
{
    size_t done = 0;

    while (done < count) {
        void *at;
        size_t part = node->fs->ops->write(node, offset + done, count - done, &at);
        if (part == 0)
            break;
        memcpy(at, (const char *)bytes + done, part);
        done += part;
    }
    if (done > 0 && offset + done > node->size)
        assert_int_equal(node->fs->ops->resize(node, offset + done), VFS_OK);
    return done;
}

static void get(struct vnode *node, uint64_t offset, void *bytes, size_t count)
{
    for (size_t done = 0; done < count;) {
        const void *at;
        size_t part = node->fs->ops->read(node, offset + done, count - done, &at);
        assert_true(part > 0 && part <= count - done);
        memcpy((char *)bytes + done, at, part);
        done += part;
    }
}

static void names_have_limits(void **state)
{
    char path[VFS_PATH_MAX + 10], name[300];
    struct vnode *node;

    (void)state;
    begin(1 << 20);
    memset(name, 'n', sizeof name);
    name[255] = '\0';
    assert_int_equal(t_open(name, VFS_O_CREATE | VFS_O_RDWR, &node), VFS_OK);
    assert_int_equal(t_open(name, VFS_O_RDONLY, &node), VFS_OK);
    name[255] = 'n';
    name[256] = '\0';
    assert_int_equal(t_open(name, VFS_O_CREATE | VFS_O_RDWR, &node), VFS_E_NAME_TOO_LONG);
    memset(path, '/', sizeof path);
    struct place p;
    assert_int_equal(tree_walk(&top, path, VFS_PATH_MAX, 0, &p), VFS_OK);
    assert_int_equal(tree_walk(&top, path, VFS_PATH_MAX + 1, 0, &p), VFS_E_NAME_TOO_LONG);
    assert_int_equal(tree_walk(&top, "a\0b", 3, 0, &p), VFS_E_INVALID);
    assert_int_equal(t_open("", VFS_O_CREATE | VFS_O_RDWR, &node), VFS_E_NOT_FOUND);
    end();
}

static void forty_links_are_followed(void **state)
{
    char name[16], to[16];
    struct vnode *node, *file;

    (void)state;
    begin(1 << 20);
    assert_int_equal(t_open("l0", VFS_O_CREATE | VFS_O_RDWR, &file), VFS_OK);
    for (int i = 1; i <= 41; i++) {
        snprintf(name, sizeof name, "l%d", i);
        snprintf(to, sizeof to, "./l%d", i - 1);
        assert_int_equal(t_symlink(name, to), VFS_OK);
    }
    assert_int_equal(t_open("l40", VFS_O_RDONLY, &node), VFS_OK);
    assert_ptr_equal(node, file);
    assert_int_equal(t_open("l41", VFS_O_RDONLY, &node), VFS_E_LOOP);
    /* Many links in one path that leads through each: the frames of those that are used up are used again. */
    assert_int_equal(t_mkdir("d"), VFS_OK);
    assert_int_equal(t_symlink("d/up", "../d/."), VFS_OK);
    char path[200] = "d";
    for (int i = 0; i < 40; i++)
        strcat(path, "/up");
    assert_int_equal(t_open(path, VFS_O_RDONLY, &node), VFS_OK);
    strcat(path, "/up");
    assert_int_equal(t_open(path, VFS_O_RDONLY, &node), VFS_E_LOOP);
    end();
}

static void a_world_has_no_outside(void **state)
{
    struct place p;
    struct vnode *inner;

    (void)state;
    begin(1 << 20);
    t_mkdir("w");
    t_mkdir("w/in");
    t_mkdir("out");
    t_symlink("w/abs", "/in");
    t_symlink("w/esc", "../../out");
    assert_int_equal(t_open("w", VFS_O_RDONLY, &inner), VFS_OK);
    const struct origin world = {inner, inner};
    assert_int_equal(tree_walk(&world, "../../out", 9, WALK_FOLLOW, &p), VFS_E_NOT_FOUND);
    assert_int_equal(tree_walk(&world, "esc", 3, WALK_FOLLOW, &p), VFS_E_NOT_FOUND);
    assert_int_equal(tree_walk(&world, "/../abs/..", 10, WALK_FOLLOW, &p), VFS_OK);
    assert_ptr_equal(p.node, inner);
    /* A number leads only to what lies below. */
    struct vnode *in, *out;
    t_open("w/in", VFS_O_RDONLY, &in);
    t_open("out", VFS_O_RDONLY, &out);
    assert_ptr_equal(tree_start(inner, in->number), in);
    assert_null(tree_start(inner, out->number));
    assert_null(tree_start(inner, fs->root->number));
    assert_null(tree_start(inner, in->number + (1ull << 32)));
    assert_null(tree_start(inner, UINT64_MAX));
    uint64_t number = in->number;
    t_unlink("w/in", true);
    assert_null(tree_start(inner, number));
    end();
}

static void a_listing_survives_changes(void **state)
{
    char name[16], list[256];
    bool seen[200] = {false};
    struct vnode *dir, *node;
    uint64_t position = 0;
    unsigned count = 0;

    (void)state;
    begin(1 << 20);
    t_mkdir("d");
    t_open("d", VFS_O_RDONLY, &dir);
    for (int i = 0; i < 200; i++) {
        snprintf(name, sizeof name, "d/%d", i);
        t_open(name, VFS_O_CREATE | VFS_O_RDWR, &node);
    }
    /* While it is listed a few at a time, what was listed goes, and others come. */
    for (int round = 0; round < 1000; round++) {
        enum vfs_status status;
        size_t bytes = tree_list(dir, dir, &position, list, sizeof list, &status);
        assert_int_equal(status, VFS_OK);
        if (bytes == 0)
            break;
        for (size_t at = 0; at < bytes;) {
            const struct vfs_dirent *e = (const struct vfs_dirent *)(list + at);
            at += e->length;
            if (e->name[0] < '0' || e->name[0] > '9')
                continue;
            assert_false(seen[atoi(e->name)]);
            seen[atoi(e->name)] = true;
            count++;
            snprintf(name, sizeof name, "d/%s", e->name);
            assert_int_equal(t_unlink(name, false), VFS_OK);
        }
        if (round < 20) {
            snprintf(name, sizeof name, "d/x%d", round);
            t_open(name, VFS_O_CREATE | VFS_O_RDWR, &node);
        }
    }
    assert_int_equal(count, 200);
    end();
}

static void a_full_file_system_loses_nothing(void **state)
{
    static unsigned char page[4096], back[4096];
    struct vnode *node, *other;
    uint64_t before, used;

    (void)state;
    begin(64 << 10);
    assert_int_equal(t_open("f", VFS_O_CREATE | VFS_O_RDWR, &node), VFS_OK);
    uint64_t size = 0;
    memset(page, 0x5a, sizeof page);
    for (size_t n; (n = put(node, size, page, sizeof page)) > 0;)
        size += n;
    assert_true(size >= 40960 && size < 65536 && node->size == size);
    before = tmpfs_used(fs);
    /* What fails takes nothing for itself for long, and names stay usable. */
    for (int i = 0; i < 1000; i++) {
        char name[16];
        snprintf(name, sizeof name, "n%d", i);
        if (t_open(name, VFS_O_CREATE | VFS_O_RDWR, &other) != VFS_OK)
            break;
    }
    used = tmpfs_used(fs);
    assert_int_equal(t_open("more", VFS_O_CREATE | VFS_O_RDWR, &other), VFS_E_NO_SPACE);
    assert_int_equal(t_mkdir("more"), VFS_E_NO_SPACE);
    assert_int_equal(t_symlink("more", "more and more and more and more and more"), VFS_E_NO_SPACE);
    assert_int_equal(tmpfs_used(fs), used);
    assert_true(used > before);
    get(node, 4096, back, sizeof back);
    assert_memory_equal(page, back, sizeof page);
    assert_int_equal(t_unlink("f", false), VFS_OK);
    assert_int_equal(t_mkdir("more"), VFS_OK);
    end();
}

static void sparse_files_match_an_array(void **state)
{
    enum { SPACE = 1 << 19 };
    unsigned char *model = calloc(1, SPACE), *bytes = malloc(SPACE), *back = malloc(SPACE);
    struct rng rng = rng_seeded(17);
    struct vnode *node;
    uint64_t size = 0;

    (void)state;
    begin(16 << 20);
    t_open("f", VFS_O_CREATE | VFS_O_RDWR, &node);
    for (int round = 0; round < 3000; round++) {
        uint64_t at = rng_below(&rng, SPACE), n = 1 + rng_below(&rng, rng_below(&rng, 4) == 0 ? 60000 : 300);
        n = n < SPACE - at ? n : SPACE - at;
        if (rng_below(&rng, 8) == 0) {
            uint64_t to = rng_below(&rng, SPACE);
            assert_int_equal(node_resize(node, to), VFS_OK);
            if (to < size)
                memset(model + to, 0, size - to);
            size = to;
        } else if (rng_below(&rng, 2) == 0) {
            for (uint64_t i = 0; i < n; i++)
                bytes[i] = (unsigned char)rng_next(&rng);
            assert_int_equal(put(node, at, bytes, n), n);
            memcpy(model + at, bytes, n);
            size = at + n > size ? at + n : size;
        } else if (at < size) {
            n = n < size - at ? n : size - at;
            get(node, at, back, n);
            assert_memory_equal(model + at, back, n);
        }
        assert_int_equal(node->size, size);
        uint64_t data = node->fs->ops->seek(node, at, false);
        if (at < size && data != UINT64_MAX) {
            assert_true(data >= at && data < size);
            for (uint64_t i = at; i < data; i++)
                assert_int_equal(model[i], 0);
        }
    }
    assert_int_equal(node_resize(node, 0), VFS_OK);
    assert_int_equal(node->blocks, 0);
    /* Far out, where the table is deep. */
    assert_int_equal(put(node, (1ull << 45) + 5, "far", 3), 3);
    assert_int_equal(node->fs->ops->seek(node, 0, false), 1ull << 45);
    assert_int_equal(node->blocks, 8);
    get(node, (1ull << 45) + 5, back, 3);
    assert_memory_equal(back, "far", 3);
    free(model);
    free(bytes);
    free(back);
    end();
}

static void a_long_file_is_one_piece(void **state)
{
    static unsigned char bytes[65536];
    struct vnode *node;
    unsigned pieces = 0;

    (void)state;
    begin(16 << 20);
    t_open("f", VFS_O_CREATE | VFS_O_RDWR, &node);
    for (uint64_t at = 0; at < sizeof bytes; at += 1000)
        put(node, at, bytes, sizeof bytes - at < 1000 ? sizeof bytes - at : 1000);
    for (uint64_t at = 0; at < node->size; pieces++) {
        const void *p;
        at += node->fs->ops->read(node, at, node->size - at, &p);
    }
    assert_true(pieces <= 2);
    end();
}

static void mounts_are_walked_both_ways(void **state)
{
    struct vnode *dir, *root2, *node;
    char path[64], *text;

    (void)state;
    begin(1 << 20);
    t_mkdir("m");
    t_mkdir("m/below");
    t_open("m", VFS_O_RDONLY, &dir);
    struct fs *second = tmpfs_new(2, 1 << 20, 0700);
    assert_int_equal(tree_mount(second, dir), VFS_OK);
    assert_int_equal(tree_mount(second, dir), VFS_E_BUSY);
    root2 = second->root;
    assert_int_equal(t_open("m", VFS_O_RDONLY, &node), VFS_OK);
    assert_ptr_equal(node, root2);
    assert_int_equal(t_open("m/below", VFS_O_RDONLY, &node), VFS_E_NOT_FOUND);
    assert_int_equal(t_mkdir("m/x"), VFS_OK);
    assert_int_equal(t_open("m/x/../..", VFS_O_RDONLY, &node), VFS_OK);
    assert_ptr_equal(node, fs->root);
    t_open("m/x", VFS_O_RDONLY, &node);
    text = tree_path(fs->root, node, path, sizeof path);
    assert_non_null(text);
    assert_memory_equal(text, "/m/x", 4);
    assert_int_equal(t_unlink("m", true), VFS_E_BUSY);
    assert_int_equal(t_rename("m", "n", 0), VFS_E_BUSY);
    t_mkdir("y");
    assert_int_equal(t_rename("y", "m/y", 0), VFS_E_OTHER_DEVICE);
    vnode_hold(node);
    assert_int_equal(tree_unmount(root2), VFS_E_BUSY);
    vnode_release(node);
    assert_int_equal(tree_unmount(root2), VFS_OK);
    assert_int_equal(t_open("m/below", VFS_O_RDONLY, &node), VFS_OK);
    assert_int_equal(tree_unmount(fs->root), VFS_E_INVALID);
    end();
}

/* The property: after each of many random operations the tree is what the model says. */

static void random_path(struct rng *rng, char *path)
{
    static const char *const part[] = {"a", "b", "c", "a", "b", "d", ".", ".."};
    unsigned parts = 1 + (unsigned)rng_below(rng, 4);

    path[0] = '\0';
    if (rng_below(rng, 4) == 0)
        strcat(path, "/");
    for (unsigned i = 0; i < parts; i++) {
        if (i > 0)
            strcat(path, rng_below(rng, 10) == 0 ? "//" : "/");
        strcat(path, part[rng_below(rng, 8)]);
    }
    if (rng_below(rng, 8) == 0)
        strcat(path, "/");
    if (rng_below(rng, 60) == 0)
        path[0] = '\0';
}

struct seen {
    const struct vnode *real[MODEL_NODES];
};

static void compare_file(const struct model_node *n, struct vnode *v)
{
    unsigned char bytes[MODEL_BYTES];

    assert_int_equal(v->size, n->size);
    if (n->size > 0)
        get(v, 0, bytes, n->size);
    assert_memory_equal(bytes, n->bytes, n->size);
}

static void compare_dir(const struct model *m, int dir, struct vnode *v, struct seen *seen)
{
    struct entry e;
    unsigned real = 0, model = 0;

    assert_int_equal(v->links, m->node[dir].links);
    for (uint64_t cookie = FS_FIRST_COOKIE; v->fs->ops->next(v, cookie, &e); cookie = e.cookie + 1)
        real++;
    for (unsigned i = 0; i < MODEL_ENTRIES; i++) {
        const char *name = m->node[dir].entry[i].name;
        if (name[0] == '\0')
            continue;
        model++;
        int n = m->node[dir].entry[i].node;
        struct vnode *child = v->fs->ops->lookup(v, (struct name){name, strlen(name)});
        assert_non_null(child);
        /* One vnode for one node, with a number and an ino of its own. */
        assert_true(seen->real[n] == NULL || seen->real[n] == child);
        seen->real[n] = child;
        for (unsigned k = 0; k < MODEL_NODES; k++)
            assert_true(k == (unsigned)n || seen->real[k] == NULL ||
                        (seen->real[k] != child && seen->real[k]->ino != child->ino));
        assert_ptr_equal(vnode_find(child->number), child);
        assert_ptr_equal(child->fs, v->fs);
        switch (m->node[n].type) {
        case M_DIR:
            assert_true(vnode_is(child, VFS_S_DIRECTORY));
            assert_ptr_equal(child->parent, v);
            compare_dir(m, n, child, seen);
            break;
        case M_FILE:
            assert_true(vnode_is(child, VFS_S_FILE));
            assert_int_equal(child->links, m->node[n].links);
            compare_file(&m->node[n], child);
            break;
        default:
            assert_true(vnode_is(child, VFS_S_LINK));
            assert_int_equal(child->size, strlen(m->node[n].text));
        }
    }
    assert_int_equal(real, model);
}

static bool room_left(const struct model *m)
{
    unsigned used = 0;

    for (unsigned i = 0; i < MODEL_NODES; i++)
        used += m->node[i].type != M_FREE;
    return used < MODEL_NODES - 2;
}

static void one_operation(struct rng *rng, struct model *m)
{
    char a[64], b[64];
    uint64_t flags = 0;
    struct vnode *v = NULL;
    enum vfs_status want, got;
    int n = -1;

    random_path(rng, a);
    random_path(rng, b);
    switch (rng_below(rng, 9)) {
    case 0:
    case 1:
        flags = (rng_below(rng, 3) ? VFS_O_CREATE : 0) | (rng_below(rng, 3) == 0 ? VFS_O_EXCLUSIVE : 0) |
                (rng_below(rng, 4) == 0 ? VFS_O_TRUNCATE : 0) | (rng_below(rng, 4) == 0 ? VFS_O_NOFOLLOW : 0) |
                rng_below(rng, 3);
        want = model_open(m, a, flags, &n);
        got = t_open(a, flags, &v);
        if (want == VFS_OK && got == VFS_OK && m->node[n].type == M_FILE) {
            unsigned char bytes[40];
            uint64_t at = rng_below(rng, 80), count = 1 + rng_below(rng, 40);
            memset(bytes, (int)rng_below(rng, 256), sizeof bytes);
            put(v, at, bytes, count);
            memcpy(m->node[n].bytes + at, bytes, count);
            m->node[n].size = at + count > m->node[n].size ? at + count : m->node[n].size;
        }
        break;
    case 2:
        want = model_mkdir(m, a);
        got = t_mkdir(a);
        break;
    case 3:
        want = model_symlink(m, a, b);
        got = t_symlink(a, b);
        break;
    case 4:
        want = model_link(m, a, b, rng_below(rng, 2) != 0 ? (flags = 1, true) : false);
        got = t_link(a, b, flags == 1);
        break;
    case 5:
    case 6:
        flags = rng_below(rng, 2);
        want = model_unlink(m, a, flags);
        got = t_unlink(a, flags);
        if (want == VFS_E_BUSY && (got == VFS_E_INVALID || got == VFS_E_NOT_EMPTY))
            got = want;
        break;
    case 7:
        flags = rng_below(rng, 3);
        want = model_rename(m, a, b, flags);
        got = t_rename(a, b, flags);
        break;
    default: {
        struct place p;
        bool follow = rng_below(rng, 2) != 0;
        want = model_find(m, a, follow, &n);
        got = tree_walk(&top, a, strlen(a), follow ? WALK_FOLLOW : 0, &p);
        break;
    }
    }
    if (want != got)
        print_message("# '%s' '%s' flags %llx\n", a, b, (unsigned long long)flags);
    assert_int_equal(got, want);
}

static void random_operations_match_the_model(void **state)
{
    struct rng rng = rng_seeded(4711);

    (void)state;
    for (int run = 0; run < 60; run++) {
        static struct model m;
        begin(16 << 20);
        model_start(&m);
        for (int i = 0; i < 400 && room_left(&m); i++) {
            struct seen seen = {{NULL}};
            one_operation(&rng, &m);
            compare_dir(&m, 0, fs->root, &seen);
        }
        end();
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST("names of 255 bytes, paths of 4095, no NUL [M335]", names_have_limits),
        TEST("forty symbolic links are followed, one more is a loop [M323 M335]", forty_links_are_followed),
        TEST("'..', absolute paths, links and numbers stay in the world", a_world_has_no_outside),
        TEST("a listing goes on while entries come and go [M321]", a_listing_survives_changes),
        TEST("a full file system says so and loses nothing", a_full_file_system_loses_nothing),
        TEST("sparse files hold what an array would [M322]", sparse_files_match_an_array),
        TEST("a file that was written bit by bit lies in one piece", a_long_file_is_one_piece),
        TEST("mounts are walked both ways, and stay while they are used", mounts_are_walked_both_ways),
        TEST("random operations do what the model says, path by path [M320 M335]", random_operations_match_the_model),
    };

    return RUN_TESTS(tests);
}
