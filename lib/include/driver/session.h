/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Bulk transfers between a driver and its clients (idl/session.capnp): the driver's side, and the client's.
 *
 * A client makes one contiguous Memory: a page with two rings (ring.h: requests to the driver, completions back), and
 * behind it the data that the device itself reads and writes: no byte is copied.  It opens a session with that Memory (READ,
 * WRITE, GRANT) and a Notification (SEND, GRANT) that is signalled SESSION_DONE when completions are there and nobody was
 * awake to see them; the driver's doorbell comes back, to be signalled with SESSION_DOORBELL when ring_must_notify says so.
 *
 * Requests are done in any order.  When the driver dies, the device manager signals DEVMGR_GONE: the client takes what was
 * completed, opens a new session with empty rings and submits again what was not.  A request may thus be done twice; it is
 * never reported done when it was not.
 */
#ifndef DRIVER_SESSION_H
#define DRIVER_SESSION_H

#include <driver/driver.h>
#include <mnos/errors.h>
#include <ring.h>

#define SESSION_ENTRIES  64u   /* of each ring; so many requests may be out */
#define SESSION_DATA     4096u /* where the data begins in the Memory */
#define SESSION_MEMORY   (1ull << 30)
#define SESSION_DONE     1ull
#define SESSION_DOORBELL DRIVER_DOORBELL

struct session_request {
    uint32_t tag; /* comes back */
    uint32_t op;  /* what it means, and `place` and `bytes` with it, is the device's to say */
    uint64_t place;
    uint64_t offset; /* in the data */
    uint64_t bytes;
};

struct session_completion {
    uint32_t tag;
    uint32_t status; /* enum mnos_error */
    uint64_t bytes;
};

#define SESSION_REQUESTS_AT    0u
#define SESSION_COMPLETIONS_AT 2304u
_Static_assert(sizeof(struct ring_shared) + SESSION_ENTRIES * sizeof(struct session_request) <=
                       SESSION_COMPLETIONS_AT &&
                   SESSION_COMPLETIONS_AT + sizeof(struct ring_shared) +
                           SESSION_ENTRIES * sizeof(struct session_completion) <=
                       SESSION_DATA,
               "both rings lie in front of the data");

/* The driver's side. */

#define SESSIONS_MAX 8u

struct session {
    bool open;
    uint64_t badge, physical, data_bytes, hold;
    mnos_handle_t memory, notification;
    unsigned char *shared;
    struct ring requests, completions;
    unsigned out;  /* with the device */
    uint32_t told; /* completions that the client was notified of, if it slept */
    bool closing;  /* no longer its client's; freed with the last of them */
};

/* What the driver does for its sessions.  Requests are copies: their clients cannot change them any more. */
struct session_ops {
    unsigned most; /* sessions at a time, at most SESSIONS_MAX */
    /* Words 0 to 2 of the answer to OPEN. */
    void (*describe)(uint64_t word[3]);
    /* May it be submitted?  Everything in it is the client's claim; the data must lie in session->data_bytes. */
    enum mnos_error (*check)(const struct session *session, const struct session_request *request);
    /* Is there place with the device for one more request of any kind? */
    bool (*room)(void);
    /* Hands a checked request to the device; its data is at session->physical + SESSION_DATA + offset.  Later,
     * session_complete. */
    void (*submit)(struct session *session, const struct session_request *request);
    /* Tells the device that requests were handed to it. */
    void (*kick)(void);
};

void sessions_start(const struct session_ops *ops);
/* OPEN and CLOSE; anything else is answered with NOT_SUPPORTED. */
enum mnos_serve session_message(struct device *device, struct mnos_msg *msg, struct mnos_ipc_ext *ext);
/* For struct driver: handle_closed, handle_doorbell.  sessions_run takes what the clients have asked, as long as there is
 * place; call it after completions, too. */
void session_closed(struct device *device, uint64_t badge);
void sessions_run(struct device *device);
void session_complete(struct device *device, struct session *session, uint32_t tag, enum mnos_error status,
                      uint64_t bytes);

/* The client's side: one thread at a time.  Errors are negated enum mnos_error. */

struct session_pending {
    bool used;
    uint64_t user; /* the caller's own word */
    struct session_request request;
};

struct session_client {
    mnos_handle_t service, memory, notification, doorbell;
    unsigned char *shared, *data;
    uint64_t data_bytes, number;
    uint64_t word[3]; /* what the device is */
    struct ring requests, completions;
    struct session_pending pending[SESSION_ENTRIES];
    uint8_t free_tag[SESSION_ENTRIES];
    unsigned out; /* requests that are not completed */
    bool batch;   /* see client_batch */
    bool bell;    /* the driver is still to be told */
    uint64_t reopened, reissued;
    uint64_t entries; /* into the kernel, for requests and completions */
};

struct session_result {
    uint64_t user, bytes;
    enum mnos_error status;
    struct session_request request;
};

/* `service`: a capability to the driver (SEND), the caller's for as long as the client lives.  The Memory, with
 * `data_bytes` (a multiple of 4096) of data, is charged to `pool`. */
int64_t client_open(struct session_client *client, mnos_handle_t service, mnos_handle_t pool, uint64_t data_bytes);
/* Gives everything back.  Requests that are out end without a word; the Memory stays until the device is done with it. */
void client_close(struct session_client *client);
/* Puts a request into the ring; client_kick then tells the driver, once for any number of them.  WOULD_BLOCK: too many
 * are out. */
int64_t client_submit(struct session_client *client, uint32_t op, uint64_t place, uint64_t offset, uint64_t bytes,
                      uint64_t user);
void client_kick(struct session_client *client);
/* From now on client_kick only notes that the driver is to be told; the next client_wait that has to wait tells it and waits
 * in one entry into the kernel, through the ring page (libmnos/kring.h).  For a client that waits soon after it kicks, and
 * for whom an entry is dearer than the instructions of the ring. */
static inline void client_batch(struct session_client *client, bool on)
{
    client->batch = on;
}
/* The next completion; waits for it (and over the driver's deaths) until `deadline`.  NOT_FOUND: nothing is out. */
int64_t client_wait(struct session_client *client, uint64_t deadline, struct session_result *out);

#endif
