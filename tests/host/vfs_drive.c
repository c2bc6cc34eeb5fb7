/* SPDX-License-Identifier: BSD-2-Clause */
#include "vfs_drive.h"

#include <fs/pages.h>
#include <mnos/errors.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "../../fs/devfs/devfs.h"
#include "../../fs/tmpfs/tmpfs.h"
#include "../../servers/vfs/ttys.h"

#define CAPS    64u /* that clients hold */
#define MINTED  256u
#define REPLIES 600u
#define BUFFER  9000u

#define MUST(condition)                                                                                                \
    do {                                                                                                               \
        if (!(condition)) {                                                                                            \
            fprintf(stderr, "%s:%d: %s\n", __FILE__, __LINE__, #condition);                                            \
            abort();                                                                                                   \
        }                                                                                                              \
    } while (0)

/* A capability that the server minted: with the server, with a client, or gone. */
static struct minted {
    uint64_t badge;
    enum { GONE, SERVER, CLIENT } where;
} minted[MINTED];

static struct caller {
    bool used, dead;
    size_t send_len, recv_len;
    uint8_t fault; /* bit 0: the send buffer is nowhere, bit 1: the receive buffer */
    unsigned char *send, *recv;
} caller[REPLIES];

#define NO_BADGE 77u /* of a Memory's capability: the server is not told when it goes */

static struct fake_memory {
    unsigned char *base;
    uint64_t bytes;
} memory[8];

static uint64_t closed[MINTED + CAPS];
static unsigned closed_count;
static struct drive_count *counted;
static uint64_t notified, notifications;

static const uint8_t *at, *end;

static uint64_t take(unsigned width)
{
    uint64_t value = 0;

    while (width-- > 0)
        value = value << 8 | (at < end ? *at++ : 0);
    return value;
}

int64_t port_copy_in(mnos_handle_t reply, uint64_t offset, void *to, size_t bytes)
{
    struct caller *c = &caller[reply];

    MUST(reply < REPLIES && c->used && bytes <= BUFFER * 10);
    if (c->dead)
        return -MNOS_E_PEER_GONE;
    if (offset > c->send_len || bytes > c->send_len - offset)
        return -MNOS_E_RANGE;
    if ((c->fault & 1) != 0 && bytes > 0)
        return -MNOS_E_FAULT;
    memcpy(to, c->send + offset, bytes);
    return (int64_t)bytes;
}

int64_t port_copy_out(mnos_handle_t reply, uint64_t offset, const void *from, size_t bytes)
{
    struct caller *c = &caller[reply];

    MUST(reply < REPLIES && c->used);
    if (c->dead)
        return -MNOS_E_PEER_GONE;
    if (offset > c->recv_len || bytes > c->recv_len - offset)
        return -MNOS_E_RANGE;
    if ((c->fault & 2) != 0 && bytes > 0)
        return -MNOS_E_FAULT;
    memcpy(c->recv + offset, from, bytes);
    return (int64_t)bytes;
}

int64_t port_mint(uint64_t badge)
{
    for (unsigned i = 0; i < MINTED; i++) {
        if (minted[i].where != GONE)
            continue;
        minted[i].badge = badge;
        minted[i].where = SERVER;
        return i;
    }
    return -MNOS_E_NO_SLOTS;
}

/* Handles from MINTED on are notifications. */
void port_drop(mnos_handle_t cap)
{
    if (cap >= MINTED) {
        notifications--;
        return;
    }
    MUST(minted[cap].where == SERVER);
    minted[cap].where = GONE;
    closed[closed_count++] = minted[cap].badge;
}

void port_notify(mnos_handle_t notification, uint64_t bits)
{
    (void)bits;
    MUST(notification >= MINTED);
    notified++;
}

/* Memories of files: all of it is there, and what the server touches before it was supplied is not zero. */
#define MEMORY_FIRST 10000u
static unsigned memories;

int64_t port_memory_make(uint64_t badge, uint64_t bytes, size_t span, void **base)
{
    MUST(desc_file_of_badge(badge) != 0 && bytes > 0 && bytes % PAGE_BYTES == 0);
    if (memories == 8)
        return -MNOS_E_NO_MEMORY;
    *base = mmap(NULL, span, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    MUST(*base != MAP_FAILED);
    for (unsigned i = 0;; i++) {
        if (memory[i].base)
            continue;
        memory[i].base = *base;
        memory[i].bytes = bytes;
        memories++;
        return MEMORY_FIRST + i;
    }
}

static struct fake_memory *memory_of(mnos_handle_t handle)
{
    MUST(handle >= MEMORY_FIRST && handle < MEMORY_FIRST + 8 && memory[handle - MEMORY_FIRST].base);
    return &memory[handle - MEMORY_FIRST];
}

/* Pages beyond the new end are gone. */
int64_t port_memory_resize(mnos_handle_t handle, uint64_t bytes)
{
    struct fake_memory *m = memory_of(handle);

    MUST(bytes > 0 && bytes % PAGE_BYTES == 0);
    if (bytes < m->bytes)
        MUST(mprotect(m->base + bytes, m->bytes - bytes, PROT_NONE) == 0);
    m->bytes = bytes;
    return 0;
}

int64_t port_memory_supply(mnos_handle_t handle, uint64_t offset, const void *page)
{
    struct fake_memory *m = memory_of(handle);

    MUST(offset < m->bytes);
    MUST(mprotect(m->base + offset, PAGE_BYTES, PROT_READ | PROT_WRITE) == 0);
    memcpy(m->base + offset, page, PAGE_BYTES);
    return PAGE_BYTES;
}

int64_t port_memory_decommit(mnos_handle_t handle, uint64_t bytes)
{
    struct fake_memory *m = memory_of(handle);

    MUST(bytes <= m->bytes && mprotect(m->base, bytes, PROT_NONE) == 0);
    return 0;
}

/* Clients do nothing with it but ask for pages (page_ask). */
int64_t port_memory_share(mnos_handle_t handle, uint32_t rights)
{
    (void)memory_of(handle);
    MUST((rights & MNOS_RIGHT_REVOKE) == 0);
    return port_mint(NO_BADGE);
}

void port_memory_end(mnos_handle_t handle, void *base, size_t span)
{
    struct fake_memory *m = memory_of(handle);

    MUST(m->base == base && munmap(base, span) == 0);
    m->base = NULL;
    memories--;
}

static void caller_end(struct caller *c)
{
    free(c->send);
    free(c->recv);
    memset(c, 0, sizeof *c);
}

static void answered(struct call *call)
{
    MUST(call->out_caps <= 2 && (call->status == 0 || call->out_caps == 0));
    counted->succeeded += call->status == 0;
    for (unsigned i = 0; i < call->out_caps; i++) {
        MUST(minted[call->out_cap[i]].where == SERVER);
        counted->handed_out++;
        /* Some clients do not take it. */
        if (caller[call->reply].dead || take(1) % 8 == 0)
            port_drop(call->out_cap[i]);
        else
            minted[call->out_cap[i]].where = CLIENT;
    }
    caller_end(&caller[call->reply]);
}

int64_t port_answer(struct call *call)
{
    counted->answered_late++;
    answered(call);
    return 0;
}

int port_alive(mnos_handle_t reply)
{
    return !caller[reply].dead;
}

int64_t port_reply_new(void)
{
    return 0;
}

/* A call that ended without an answer: its caller is dead. */
void port_reply_free(mnos_handle_t reply)
{
    if (caller[reply].used) {
        MUST(caller[reply].dead);
        caller_end(&caller[reply]);
    }
}

uint64_t port_random(void)
{
    static uint64_t state;

    return state = state * 6364136223846793005u + 1442695040888963407u;
}

size_t port_console_put(const unsigned char *bytes, size_t count)
{
    (void)bytes;
    return count < 100 ? count : 100;
}

size_t port_console_get(unsigned char *bytes, size_t count)
{
    size_t n = take(1) % 20;

    n = n < count ? n : count;
    for (size_t i = 0; i < n; i++)
        bytes[i] = (unsigned char)take(1);
    return n;
}

static uint64_t a_token(void)
{
    uint64_t index = take(1) % 16;

    /* As the one that OPEN told: looked up, since the bytes cannot know it. */
    for (unsigned i = 0; i < MINTED; i++)
        if (minted[i].where == CLIENT && (minted[i].badge & 0xffff) == index && desc_of_badge(minted[i].badge))
            return desc_of_badge(minted[i].badge)->token;
    return index;
}

static void some_path(struct caller *c)
{
    static const char *const part[] = {"a", "b", "dev", "null", "console", "ptmx", "pts", "0", "..", ".", "f", "zero"};
    unsigned parts = (unsigned)take(1) % 5;

    for (unsigned i = 0; i < parts; i++) {
        const char *p = part[take(1) % 12];
        if (i > 0 || take(1) % 2)
            c->send[c->send_len++] = '/';
        memcpy(c->send + c->send_len, p, strlen(p));
        c->send_len += strlen(p);
    }
}

static uint64_t some_badge(void)
{
    unsigned i = (unsigned)take(1);

    if (i % 4 == 0)
        return i;
    for (unsigned k = 0; k < MINTED; k++)
        if (minted[(i + k) % MINTED].where == CLIENT)
            return minted[(i + k) % MINTED].badge;
    return take(8);
}

/* A client touches a page of what it has mapped, or of what it has not. */
static void page_ask(void)
{
    const struct desc *desc = desc_of_badge(some_badge());
    uint64_t number = desc && desc->node ? desc->node->number : take(1), page = take(1) % 8;
    const struct vnode *node = vnode_find(number);

    if (map_page(desc_file_badge(number), page * PAGE_BYTES)) {
        MUST(node && page * PAGE_BYTES < node->size && memories > 0);
        counted->paged++;
    }
    MUST(!map_page(desc_file_badge(number) & ~UINT64_C(1), page * PAGE_BYTES));
}

/* Calls that go somewhere, more often than chance would have them. */
static void likely(struct call *call)
{
    static const uint64_t label[] = {VFS_OPEN,     VFS_OPEN,      VFS_OPEN,     VFS_PIPE,   VFS_EVENTFD, VFS_READ,
                                     VFS_READ_FEW, VFS_READ,      VFS_READ_FEW, VFS_POLL,   VFS_WRITE,   VFS_BELL,
                                     VFS_MKNOD,    VFS_WRITE_FEW, VFS_LOCK,     VFS_LOCK,   VFS_SOCKET,  VFS_SOCKETPAIR,
                                     VFS_BIND,     VFS_CONNECT,   VFS_LISTEN,   VFS_ACCEPT, VFS_CONNECT, VFS_MAP,
                                     VFS_MAP,      VFS_FSETATTR};
    static const uint64_t flags[] = {VFS_O_CREATE | VFS_O_RDWR,
                                     VFS_O_RDONLY,
                                     VFS_O_WRONLY,
                                     VFS_O_RDWR,
                                     VFS_O_DIRECTORY,
                                     VFS_O_RDWR | VFS_O_NONBLOCK,
                                     VFS_O_CREATE | VFS_O_WRONLY | VFS_O_APPEND,
                                     VFS_O_RDONLY | VFS_O_SEALED};

    call->label = label[take(1) % (sizeof label / sizeof label[0])];
    if (call->label == VFS_OPEN)
        call->word[1] = flags[take(1) % 8];
    else if (call->label == VFS_MKNOD)
        call->word[2] = VFS_S_FIFO | 0600;
    else if (call->label == VFS_SOCKET || call->label == VFS_SOCKETPAIR)
        call->word[1] = take(1) % 4 == 0 ? VFS_O_NONBLOCK : 0;
    else if (call->label == VFS_BIND || call->label == VFS_CONNECT)
        call->word[1] = a_token();
    else if (call->label == VFS_LOCK)
        for (unsigned i = 0; i < 4; i++)
            call->word[i] = take(1) % (i == 0 ? 16 : 8);
    else if (call->label == VFS_MAP)
        call->word[0] = 0, call->word[1] = PAGE_BYTES, call->word[2] = take(1) % 4;
    else if (call->label == VFS_FSETATTR)
        call->word[1] = VFS_SET_SIZE, call->word[4] = take(1) * 512;
    else
        call->word[1] = take(1) % 4 == 0 ? VFS_O_NONBLOCK : 0;
    if (call->label < VFS_READ)
        call->word[0] = call->label == VFS_SOCKET || call->label == VFS_SOCKETPAIR ? VFS_SOCKET_STREAM : 0;
    if (call->label != VFS_MAP)
        call->word[2] &= ~VFS_DONT_WAIT;
}

static void one_call(void)
{
    static const uint64_t edge[] = {0, 1, 2, 64, 4096, VFS_HERE, 1ull << 63, 1ull << 46};
    struct call call = {.badge = some_badge(), .label = 0x5600 + take(1) % 0x50, .cap = MNOS_NONE};
    unsigned reply = 0;

    while (reply < REPLIES && caller[reply].used)
        reply++;
    MUST(reply < REPLIES);
    struct caller *c = &caller[reply];
    c->used = true;
    c->send = calloc(1, BUFFER);
    c->recv = malloc(BUFFER);
    c->recv_len = take(1) % 4 ? 300 : take(2) % BUFFER;
    c->fault = take(1) % 16 == 0 ? (uint8_t)take(1) : 0;
    call.reply = reply;
    for (unsigned i = 0; i < 8; i++) {
        uint8_t how = (uint8_t)take(1);
        call.word[i] = how % 4 == 0 ? take(8) : how % 4 == 1 ? edge[how / 4 % 8] : how / 4;
    }
    if (take(1) % 3)
        call.word[0] = 0;
    if (take(1) % 2)
        likely(&call);
    some_path(c);
    if (call.label == VFS_SYMLINK || call.label == VFS_LINK || call.label == VFS_RENAME) {
        call.word[1] = c->send_len;
        some_path(c);
    }
    if (call.label == VFS_POLL && take(1) % 4) {
        c->send_len = 0;
        struct vfs_poll list[2] = {{a_token(), (uint32_t)take(1), 0}, {a_token(), (uint32_t)take(1), 0}};
        memcpy(c->send, list, sizeof list);
        c->send_len = sizeof list;
        call.word[0] = 2;
    }
    call.word[7] = take(1) % 8 ? c->send_len : call.word[7];
    if (call.label >= VFS_READ && call.label <= VFS_WRITE_FEW) {
        call.word[0] = take(1) % 8 ? take(1) % 60 : take(2);
        call.word[1] = take(1) % 4 ? VFS_HERE : call.word[1];
        c->send_len = take(1) % 8 ? BUFFER : c->send_len;
        c->recv_len = take(1) % 8 ? BUFFER : c->recv_len;
    }
    if (take(1) % 4 == 0) {
        call.accepts_caps = true;
        if (take(1) % 2) {
            call.cap = MINTED + 1;
            notifications++;
        }
    }
    counted->calls++;
    bool answer = call_serve(&call) == ANSWER;
    if (call.cap != MNOS_NONE)
        port_drop(call.cap);
    counted->kept += !answer;
    queues_run();
    if (answer)
        answered(&call);
}

static void tell_closed(void)
{
    while (closed_count > 0)
        call_closed(closed[--closed_count]);
    queues_run();
}

static void let_go(unsigned i)
{
    if (minted[i].where == CLIENT) {
        minted[i].where = SERVER;
        port_drop(i);
    }
}

static void *chunk_take(void)
{
    return pages_chunks() < 32 ? aligned_alloc(PAGE_CHUNK_BYTES, PAGE_CHUNK_BYTES) : NULL;
}

static int64_t now(void)
{
    static int64_t time;

    return ++time;
}

static void tree_make_all(void)
{
    struct vnode *dev;

    fs_now = now;
    page_source = (struct page_source){chunk_take, free};
    maps_start();
    (void)descs_start();
    struct fs *root = tmpfs_new(1, 2 << 20, 0755);
    tree_root = root->root;
    vnode_hold(tree_root);
    MUST(root->ops->make(tree_root, (struct name){"dev", 3}, VFS_S_DIRECTORY | 0755, (struct owner){0, 0}, &dev) ==
         VFS_OK);
    ttys_devices = devfs_new(2);
    MUST(devfs_add(ttys_devices, "null", 0666, 1 << 8 | 3) == VFS_OK);
    MUST(devfs_add(ttys_devices, "zero", 0666, 1 << 8 | 5) == VFS_OK);
    MUST(devfs_add(ttys_devices, "console", 0666, CONSOLE_DEVICE) == VFS_OK);
    MUST(devfs_add(ttys_devices, "ptmx", 0666, PTMX_DEVICE) == VFS_OK);
    MUST(tree_mount(ttys_devices, dev) == VFS_OK);
}

void vfs_drive(const uint8_t *bytes, size_t size, struct drive_count *count)
{
    at = bytes;
    end = bytes + size;
    counted = count;
    tree_make_all();
    while (at < end) {
        unsigned what = (unsigned)take(1) % 16;
        if (what == 0) {
            let_go((unsigned)take(1));
        } else if (what == 1) {
            unsigned r = (unsigned)take(1) % REPLIES;
            if (caller[r].used)
                waiters_cancel(r);
        } else if (what == 2) {
            unsigned r = (unsigned)take(1) % REPLIES;
            caller[r].dead = caller[r].used;
        } else if (what == 3) {
            console_event();
        } else if (what == 4) {
            page_ask();
        } else {
            one_call();
        }
        tell_closed();
    }
    for (unsigned i = 0; i < MINTED; i++)
        let_go(i);
    tell_closed();
    /* What waits on something that nobody can change any more is cancelled. */
    for (unsigned r = 0; r < REPLIES; r++)
        if (caller[r].used)
            waiters_cancel(r);
    tell_closed();
    MUST(descs_used() == 0 && waiters_used() == 0);
    MUST(tree_unmount(ttys_devices->root) == VFS_OK);
    ttys_devices = NULL;
    struct fs *root = tree_root->fs;
    vnode_release(tree_root);
    MUST(root->held == 0);
    root->ops->destroy(root);
    MUST(pages_out() == 0 && memories == 0);
}
