/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Waiting on a word of user memory (Franke, Russell, Kirkwood: "Fuss, Futexes and Furwocks", 2002).
 *
 * A waiter enters its bucket first and reads the word then, so that a wake after a change of the word always finds it;
 * the read needs no lock and may fault.
 */
#include <arch/clock.h>
#include <mm/ucopy.h>
#include <sched.h>

#define SHARED_BUCKETS 256u

static struct word_bucket shared[SHARED_BUCKETS];

static void bucket_init(struct word_bucket *b)
{
    spin_init(&b->lock, RANK_FUTEX);
    list_init(&b->waiters);
}

void word_init(void)
{
    for (u32 i = 0; i < SHARED_BUCKETS; i++)
        bucket_init(&shared[i]);
}

void word_init_process(struct process *p)
{
    for (u32 i = 0; i < WORD_BUCKETS; i++)
        bucket_init(&p->words[i]);
}

/* Private words have their buckets in the process, so that nobody is slowed down by another's waiters. */
static inline struct word_bucket *bucket_of(struct process *p, const u64 key[2])
{
    u64 h = (key[0] ^ (key[1] >> 2)) * 0x9e3779b97f4a7c15ull;

    return likely(key[0] == 0) ? &p->words[h >> 61] : &shared[h >> 56];
}

/* Private words are keyed by the address space, shared ones by the Memory and the offset in it. */
static ALWAYS_INLINE status_t word_key(struct process *p, u64 address, u64 flags, u64 key[2])
{
    REFUSE_IF((address & 3) != 0, UNALIGNED);
    REFUSE_IF(address < MNOS_USER_MIN || address >= MNOS_USER_END, FAULT);
    if ((flags & MNOS_WAIT_SHARED) != 0)
        return aspace_word_key(&p->aspace, address, ACCESS_READ, key) ? 0 : ERR(FAULT);
    key[0] = 0;
    key[1] = address;
    return 0;
}

/* Out of its bucket, which is locked.  Whoever has not blocked yet finds that out; others are the caller's to wake. */
static inline struct thread *take_out(struct thread *t)
{
    list_remove(&t->word_link);
    t->word_bucket = NULL;
    return likely(t->state == MNOS_STATE_BLOCKED && t->wait == MNOS_WAIT_WORD) ? t : NULL;
}

/* The bucket that a thread waits in, locked: a requeue may be moving it.  NULL: in none, it was woken. */
static struct word_bucket *lock_bucket(struct thread *t)
{
    struct word_bucket *b;

    while ((b = *(struct word_bucket *volatile *)&t->word_bucket) != NULL) {
        spin_lock(&b->lock);
        if (b == t->word_bucket)
            break;
        spin_unlock(&b->lock);
    }
    return b;
}

/* The page of the word is not there, or the thread has a signal: it is in its bucket already, and reads the word without a lock. */
static __attribute__((noinline)) status_t block_slowly(struct thread *t, u64 address, u32 expected, u64 deadline)
{
    u32 value;
    status_t s = ucopy_read_u32(UADDR(address), &value);
    struct word_bucket *b = lock_bucket(t);

    if (b == NULL)
        return 0;
    if (s == 0 && value != expected)
        s = ERR(WOULD_BLOCK);
    if (s == 0 && (t->signals & (THREAD_UPCALL | THREAD_KILLED)) != 0)
        s = ERR(INTERRUPTED);
    if (s < 0) {
        (void)take_out(t);
    } else {
        timeout_arm(t, deadline);
        sched_block(t, MNOS_WAIT_WORD);
    }
    spin_unlock(&b->lock);
    return s;
}

status_t word_block(struct thread *t, u64 address, u32 expected, u64 deadline, u64 flags)
{
    u32 value;
    struct process *p = t->process;

    TRY(word_key(p, address, flags, t->word_key));
    struct word_bucket *b = bucket_of(p, t->word_key);
    spin_lock(&b->lock);
    bool surely = likely(ucopy_peek_u32(UADDR(address), &value) && t->signals == 0);
    if (surely && value != expected) {
        spin_unlock(&b->lock);
        return ERR(WOULD_BLOCK);
    }
    t->word_bucket = b;
    list_push_back(&b->waiters, &t->word_link);
    if (likely(surely)) {
        timeout_arm(t, deadline);
        sched_block(t, MNOS_WAIT_WORD);
    }
    spin_unlock(&b->lock);
    return likely(surely) ? 0 : block_slowly(t, address, expected, deadline);
}

static inline void wake_locked(struct thread *t, status_t result)
{
    if (take_out(t) != NULL)
        sched_wake_result(t, result);
}

#define WAKE_STEP 16u              /* threads woken or moved before interrupts are let in */

/* At most `count` are woken, or wait on `key2` from now on. */
static u64 take_many(struct process *p, const u64 key[2], u64 count, const u64 *key2)
{
    struct word_bucket *b = bucket_of(p, key), *to = key2 != NULL ? bucket_of(p, key2) : b;
    struct word_bucket *first = b < to ? b : to, *second = b < to ? to : b;
    u64 done = 0, limit;

    do {
        limit = min_u64(count, done + WAKE_STEP);
        spin_lock(&first->lock);
        if (second != first)
            spin_lock(&second->lock);
        LIST_FOR_EACH(n, &b->waiters) {
            struct thread *t = container_of(n, struct thread, word_link);
            if (done == limit)
                break;
            if (t->word_key[0] != key[0] || t->word_key[1] != key[1])
                continue;
            done++;
            if (key2 == NULL) {
                wake_locked(t, 0);
                continue;
            }
            list_remove(n);
            t->word_key[0] = key2[0];
            t->word_key[1] = key2[1];
            list_push_back(&to->waiters, n);
            t->word_bucket = to;
        }
        if (second != first)
            spin_unlock(&second->lock);
        spin_unlock(&first->lock);
    } while (done == limit && done < count && (preempt_point(), true));
    return done;
}

static __attribute__((noinline)) status_t wake_and_move(u64 address, u64 count, u64 requeue, u64 requeue_count, u64 flags)
{
    struct process *p = current_thread()->process;
    u64 key[2], key2[2];

    TRY(word_key(p, address, flags, key));
    if (requeue != 0)
        TRY(word_key(p, requeue, flags, key2));
    u64 done = take_many(p, key, count, NULL);
    /* Who would be moved to the word itself stays. */
    if (requeue != 0 && (key[0] != key2[0] || key[1] != key2[1]))
        done += take_many(p, key, requeue_count, key2);
    /* Who waits has read the word; where nobody waits there may be none. */
    REFUSE_IF(done == 0 && (flags & MNOS_WAIT_SHARED) == 0 && !aspace_word_key(&p->aspace, address, ACCESS_READ, key),
              FAULT);
    return (status_t)done;
}

status_t word_wake(u64 address, u64 count, u64 requeue, u64 requeue_count, u64 flags)
{
    struct process *p = current_thread()->process;
    u64 key[2];

    if (likely(count == 1 && requeue == 0 && flags == MNOS_WAIT_PRIVATE && word_key(p, address, 0, key) == 0)) {
        struct word_bucket *b = bucket_of(p, key);
        spin_lock(&b->lock);
        LIST_FOR_EACH(n, &b->waiters) {
            struct thread *t = container_of(n, struct thread, word_link);
            if (t->word_key[0] != key[0] || t->word_key[1] != key[1])
                continue;
            t = take_out(t);
            spin_unlock(&b->lock);
            if (likely(t != NULL))
                sched_wake_result(t, 0);
            return 1;
        }
        spin_unlock(&b->lock);
    }
    return wake_and_move(address, count, requeue, requeue_count, flags);
}

/* A thread's own place to wait: key 1 and its record. */
status_t word_park(struct thread *t, u64 deadline)
{
    u64 key[2] = { 1, (u64)t };
    struct word_bucket *b = bucket_of(t->process, key);
    status_t s = 0;

    spin_lock(&b->lock);
    if (t->park_token) {
        t->park_token = false;
    } else if (deadline <= clock_now()) {
        s = ERR(TIMED_OUT);
    } else if ((t->signals & (THREAD_UPCALL | THREAD_KILLED)) != 0) {
        s = ERR(INTERRUPTED);
    } else {
        t->word_key[0] = key[0];
        t->word_key[1] = key[1];
        t->word_bucket = b;
        list_push_back(&b->waiters, &t->word_link);
        timeout_arm(t, deadline);
        sched_block(t, MNOS_WAIT_WORD);
    }
    spin_unlock(&b->lock);
    return s;
}

void word_unpark(struct thread *t)
{
    u64 key[2] = { 1, (u64)t };
    struct word_bucket *b = bucket_of(t->process, key);

    spin_lock(&b->lock);
    if (t->word_bucket == b && t->word_key[0] == 1)
        wake_locked(t, 0);
    else
        t->park_token = true;
    spin_unlock(&b->lock);
}

bool word_cancel(struct thread *t, u32 seq, status_t why)
{
    struct word_bucket *b = lock_bucket(t);

    if (b == NULL)
        return false;
    bool done = t->wait_seq == seq && t->wait == MNOS_WAIT_WORD;
    if (done)
        wake_locked(t, why);
    spin_unlock(&b->lock);
    return done;
}
