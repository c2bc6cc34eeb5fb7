/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * init: the parts and what they share.  One thread serves everything; a second one carries log lines to the console.
 *
 *   badges of the capabilities that children have to init's endpoint:  serial of the child << 16 | its place << 4 | role
 */
#ifndef INIT_H
#define INIT_H

#include <libmnos/initctl.h>
#include <libmnos/ipc.h>
#include <libmnos/names.h>
#include <libmnos/spawn.h>
#include <manifest.h>
#include <stdbool.h>
#include <ustar.h>

enum role {
    ROLE_NAMES = 1, /* register and look up */
    ROLE_SPAWN = 2, /* these, and start what is on request */
    ROLE_CONTROL = 3,
    ROLE_FAULT = 4 /* fault messages */
};

#define CHILDREN_MAX 256u

#define BADGE(serial, place, role) ((serial) << 16 | (uint64_t)(place) << 4 | (uint64_t)(role))
#define BADGE_SERIAL(badge)        ((badge) >> 16)
#define BADGE_PLACE(badge)         ((badge) >> 4 & 0xfff)
#define BADGE_ROLE(badge)          ((enum role)((badge)&0xf))
#define CONSOLE_NAME               "serial_driver" /* where lines go, if a service provides it on an endpoint that init keeps */

#define DEATH_BITS 63u
#define TIDY_BIT   (1ull << 63) /* what is kept ready has been kept for long enough */

/* A process. */
struct child {
    struct service *service; /* NULL: free entry */
    uint64_t serial;         /* of this start; never reused */
    struct spawn_child process;
    mnos_handle_t pool, events; /* or MNOS_NONE */
    uint64_t began;             /* ns */
    uint64_t give_up;           /* ns: ready by then, or killed; MNOS_FOREVER: no limit */
    bool said_ready;            /* it told so itself */
    bool late;                  /* killed because it was not ready in time */
};

/* The names that an entry lists, packed as requests have them: open addressing. */
struct lookup {
    uint64_t word[4];
    const struct manifest_cap *cap; /* NULL: free */
};

/* An entry of the manifest, and how it fares. */
struct service {
    const struct manifest_service *spec;
    struct lookup *lookup;
    uint32_t lookup_mask;
    struct child *child; /* the one that runs; services with several instances have none here */
    enum init_state state;
    bool wanted;        /* it shall run */
    bool again;         /* it was ended to be started anew */
    bool was_lost;      /* it has ended since it was last ready: dependents are told when it is back */
    uint64_t retry;     /* ns, while waiting: not before */
    unsigned failures;  /* ends in quick succession */
    unsigned instances; /* processes */
    uint64_t restarts;
    bool ended;
    uint64_t status; /* how it ended the last time */
    uint64_t began, ready;
    char why[160]; /* what went wrong */
};

/* A name of the directory: what the manifest says is provided, with the endpoint once there is one. */
struct name {
    mnos_handle_t endpoint;
    uint64_t owner; /* serial of the child that registered it */
    bool kept;      /* init made it: it outlives its server */
    bool can_badge; /* init holds RECV too */
};

/* What init holds for all of its life. */
struct init {
    mnos_handle_t endpoint; /* its own: RECV, SEND, GRANT, REVOKE */
    mnos_handle_t deaths;   /* notification bound to the main thread: bit i % DEATH_BITS for child[i], TIDY_BIT */
    mnos_handle_t reply;
    struct manifest manifest;
    struct service *service; /* one for each of the manifest */
    struct name *name;       /* one for each of manifest.provided */
    struct child child[CHILDREN_MAX];
    bool changed; /* something may be started, or has a time at which to look again */
    struct init_system facts;
};
extern struct init init;

/* log.c: a line to the kernel log and, once it runs, to the console. */
__attribute__((format(printf, 1, 2))) void log_line(const char *format, ...);
/* Waits (at most a second) until this console answers; lines go there from then on. */
void log_console_start(mnos_handle_t console);
/* Gives lines on their way to the console a moment to arrive. */
void log_drain(void);

/* package.c: the boot package, read once.  False: there is none, or it is damaged; that was logged. */
bool package_open(void);
const struct ustar_member *package_member(const char *path);
/* The program, parsed when it is first asked for; NULL: there is none, or it is damaged; that was logged.  Of a WebAssembly
 * module the image is its runner's. */
struct program {
    const void *image;
    size_t size;
    struct elf_image elf;
    const struct ustar_member *module; /* or NULL */
};
const struct program *package_program(const char *path);

/* load.c: reads and judges the manifest.  False: it is refused, which was logged. */
bool manifest_load(void);

/* spawner.c, the ProcessSpawner: a process for a service, suspended, watched, with what its entry lists and nothing else.
 * args as in struct spawn, NULL: the entry's own.  0 or a negated error, after which nothing is left. */
int64_t spawner_start(struct child *child, const char *args, size_t args_len);
/* Everything that is left of a child. */
void spawner_clear(struct child *child);

/* supervise.c */
void services_make(void);
/* Starts what can be started, ends what took too long; returns when to look again, ns. */
uint64_t services_advance(void);
void children_died(uint64_t bits);
struct child *child_by_serial(uint64_t serial);
/* Whose badge of init's endpoint this is; NULL: of one that is gone. */
struct child *child_by_badge(uint64_t badge);
struct child *child_by_pid(uint64_t pid);
/* A name came, or word from the service itself: it may be ready now. */
void service_look(struct service *service);
/* pid, or a negated error. */
int64_t service_spawn(struct service *service, const char *args, size_t args_len);
int64_t service_start(struct service *service);
int64_t service_stop(struct service *service);
int64_t service_restart(struct service *service);
/* In words why it does not run. */
void service_why(const struct service *service, char *text, size_t size);

/* directory.c */
void directory_make(void);
/* Makes the table of what this service may look up. */
void directory_lists(struct service *s);
/* 0, or a negated error. */
int64_t directory_register(const struct child *child, const char *name, mnos_handle_t endpoint);
/* Forgets what this child registered. */
void directory_forget(uint64_t serial);
/* A capability for this child, as its entry lists it, or a negated error.  The name as requests have it. */
int64_t directory_lookup(const struct child *child, const uint64_t word[4], uint64_t interface);
/* The endpoint behind a capability of the source `service`, badged for this child; or a negated error. */
int64_t directory_mint(const struct child *child, uint32_t provided, uint32_t rights);

/* ready.c: the capability of a lookup that came twice running, of which copies are sent. */
struct ready {
    uint64_t badge, word[5]; /* the last lookup: whose, and for what; badge 0: none */
    mnos_handle_t cap;       /* or MNOS_NONE */
};
extern struct ready ready;
/* After a lookup that was not answered from it; cap: MNOS_NONE, nothing was found.  True: cap is kept, the caller gets a copy. */
bool ready_keep(const struct mnos_msg *msg, mnos_handle_t cap);
/* It may be out of date, or has been kept for long enough. */
void ready_drop(void);

/* serve.c: one message to init's endpoint.  True: *msg and *ext are the answer, which is not sent yet.  control.c: messages
 * of holders of more than names. */
bool serve_message(struct mnos_msg *msg, struct mnos_ipc_ext *ext);
void answer_status(uint64_t label);
void control_message(struct mnos_msg *msg, struct mnos_ipc_ext *ext);
/* power.c: the machine goes off, or starts again; returns where ACPI does not say how, or on the test bench. */
void power_end(bool again);
/* fault.c: reports the crash and ends the process. */
void fault_report(struct mnos_msg *msg);

#endif
