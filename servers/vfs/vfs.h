/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The file server.  One thread; nothing in it waits but the receive of the main loop.  A call that has to wait is kept (struct
 * waiter) and tried again when what it waits for has changed.
 *
 * Everything but port.c and main.c is free of system calls, and is tested and fuzzed on the host with another port.
 */
#ifndef VFS_SERVER_H
#define VFS_SERVER_H

#include <fs/tree.h>
#include <mnos/object.h>
#include <stdbool.h>
#include <vfs/protocol.h>

#include "port.h"

#define DESCS_MAX   8192u
#define WAITERS_MAX 512u

/* A call, and what is answered. */
struct call {
    mnos_handle_t reply;
    uint64_t badge, label, word[8];
    mnos_handle_t cap; /* that came with it, or MNOS_NONE; whoever keeps it sets it to MNOS_NONE */
    bool accepts_caps; /* it was received with room for one */
    bool stopped;      /* a copy came to a page that the caller has to touch first */

    uint64_t status, out[8];
    mnos_handle_t out_cap[2];
    unsigned out_caps;
    uint64_t done;     /* bytes of it that are done, of a call that is kept */
    struct desc *held; /* of an OPEN that waits: what it made */
};

/* What a call's function says: answered as the call's fields tell, or it has to wait on the queue in call_wait. */
enum outcome { ANSWER, WAIT };

struct waiter;
struct arm;

/* What calls and bells wait for.  queue_changed marks it; queues_run tries again whoever waits there. */
struct queue {
    struct waiter *first, *last;
    struct arm *arms;
    struct queue *next_changed;
    bool changed;
};

struct desc;
struct file_ops {
    /* Tries the call; the word meanings are those of READ and WRITE. */
    enum outcome (*read)(struct call *call, struct desc *desc, uint64_t count, struct queue **queue);
    enum outcome (*write)(struct call *call, struct desc *desc, uint64_t count, struct queue **queue);
    uint32_t (*ready)(struct desc *desc);       /* VFS_P_*; NULL: always readable and writable */
    uint64_t (*bytes)(struct desc *desc);       /* that a READ would give now; NULL: it has no such count */
    struct queue *(*queue)(struct desc *desc);  /* where changes of `ready` are told */
    enum vfs_status (*open)(struct desc *desc); /* fills in `object`; NULL: there is nothing to do */
    void (*close)(struct desc *desc);
    bool seeks;
};

struct desc {
    const struct file_ops *ops; /* NULL: free */
    struct vnode *node;         /* held; NULL: it has none */
    void *object;               /* by ops */
    uint64_t flags;             /* VFS_O_* */
    uint64_t offset;
    uint64_t token;
    uint32_t generation, next_free;
    uint32_t index;
    bool service; /* a service capability: no slot of the table */
};

/* desc.c */
bool descs_start(void);
struct desc *desc_new(const struct file_ops *ops, uint64_t flags, struct vnode *node);
/* Not known to anybody yet, or its last capability is gone. */
void desc_free(struct desc *desc);
/* NULL: no such description. */
struct desc *desc_of_badge(uint64_t badge);
struct desc *desc_of_token(uint64_t token);
/* The badge that the Memory of the file with that number asks with; 0: there is none.  And back; 0: it is of no file. */
uint64_t desc_file_badge(uint64_t number);
uint64_t desc_file_of_badge(uint64_t badge);
/* A capability to it goes out with the answer.  False: status is set; the description is freed. */
bool desc_hand_out(struct call *call, struct desc *desc);
unsigned descs_used(void);

/* calls.c: one call from beginning to end; it is answered, or kept as a waiter. */
enum outcome call_serve(struct call *call);
void call_closed(uint64_t badge);
void call_fail(struct call *call, enum vfs_status status);
/* Bytes to and from the caller's buffer, or the words of the FEW calls.  Bytes, or a negated enum mnos_error. */
int64_t call_give(struct call *call, uint64_t at, const void *from, size_t bytes);
int64_t call_take(struct call *call, uint64_t at, void *to, size_t bytes);
/* Ends a READ or WRITE: `done` bytes, and `error` (of the copy) if there was one. */
enum outcome call_bytes(struct call *call, uint64_t done, int64_t error);
enum vfs_status status_of(int64_t error);
/* The description, or this call by itself, asks for an answer at once. */
bool call_never_waits(const struct call *call, const struct desc *desc);
/* It cannot go on: WAIT in queue `on`; or the bytes done so far, or AGAIN, for who never waits. */
enum outcome call_wait(struct call *call, const struct desc *desc, struct queue *on, struct queue **queue);

/* paths.c */
enum outcome path_call(struct call *call, struct desc *desc, struct queue **queue);
/* The root of the whole tree. */
extern struct vnode *tree_root;
/* The description goes out, with the words of the answer to OPEN. */
enum outcome open_answer(struct call *call, struct desc *desc);

/* memfs.c: "tmpfs:BYTES", where BYTES may end in K or M.  NULL: it is none, or there is no memory. */
struct fs *fs_from_words(const char *text, size_t length);
/* Of file systems, for st_dev. */
uint16_t fs_next_number(void);

/* files.c */
enum outcome file_call(struct call *call, struct desc *desc, struct queue **queue);
extern const struct file_ops node_ops, place_ops;

/* maps.c: the Memories of files. */
void maps_start(void);
/* A page of the file with that badge is missing.  False: whoever waits for it cannot have it. */
bool map_page(uint64_t badge, uint64_t offset);

/* wait.c */
void queue_changed(struct queue *queue);
/* The queue goes: nobody stands on it any more. */
void queue_end(struct queue *queue);
/* Until nothing changes any more. */
void queues_run(void);
/* Keeps the call.  False: no room; its status is set. */
bool waiter_keep(struct call *call, struct desc *desc, struct queue *queue);
void waiters_cancel(mnos_handle_t reply);
/* A description or a queue ends: whoever waits is answered. */
void waiters_end(struct desc *desc, enum vfs_status status);
unsigned waiters_used(void);
/* A kept call again. */
enum outcome call_again(struct call *call, struct desc *desc, struct queue **queue);

/* pipes.c */
enum outcome pipe_call(struct call *call);
enum vfs_status fifo_open(struct vnode *node, uint64_t flags, struct desc **out, bool *wait, struct queue **queue);
enum outcome fifo_open_again(struct call *call, struct desc *desc, struct queue **queue);
enum outcome event_call(struct call *call);

/* bells.c */
enum outcome bell_call(struct call *call);
enum outcome poll_call(struct call *call, struct desc *desc);
void arms_ring(struct queue *queue);
/* Bells that look at this description ring; it ends. */
void arms_end(struct desc *desc);

/* sockets.c */
enum outcome socket_make(struct call *call);
enum outcome socket_call(struct call *call, struct desc *desc, struct queue **queue);
bool socket_may_bind(uint64_t token);
enum vfs_status socket_bind(uint64_t token, struct vnode *name);
enum vfs_status socket_connect(uint64_t token, struct vnode *name);

/* locks.c */
enum vfs_status lock_call(struct call *call, struct desc *desc, struct queue **queue);
/* The description ends: so do its locks. */
void locks_end(struct desc *desc);

/* devices.c */
const struct file_ops *device_ops(uint16_t device);

#endif
