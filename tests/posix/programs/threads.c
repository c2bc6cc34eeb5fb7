/* SPDX-License-Identifier: BSD-2-Clause */
/* Threads: join values, thread-local storage, mutex, condition, semaphore, barrier, once, keys, detached ones, timed waits. */
#include "../say.h"

#include <pthread.h>
#include <semaphore.h>
#include <stdint.h>
#include <time.h>

#define THREADS 64
#define ITEMS   20000

static __thread int mine = 7;
static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t cond = PTHREAD_COND_INITIALIZER;
static pthread_once_t once = PTHREAD_ONCE_INIT;
static pthread_key_t key;
static long count, destroyed, onces;
static sem_t sem;
static pthread_barrier_t barrier;

static void once_run(void)
{
    onces++;
}

static void destroy(void *value)
{
    pthread_mutex_lock(&mutex);
    destroyed += (long)(intptr_t)value;
    pthread_mutex_unlock(&mutex);
}

static void *worker(void *arg)
{
    long n = (long)(intptr_t)arg;

    pthread_once(&once, once_run);
    pthread_setspecific(key, (void *)(intptr_t)n);
    mine += (int)n;
    for (int i = 0; i < 1000; i++) {
        pthread_mutex_lock(&mutex);
        count++;
        pthread_mutex_unlock(&mutex);
    }
    return (void *)(intptr_t)(mine * 2);
}

static void join_values(void)
{
    pthread_t thread[THREADS];
    long sum = 0;

    pthread_key_create(&key, destroy);
    for (long i = 0; i < THREADS; i++)
        if (pthread_create(&thread[i], NULL, worker, (void *)(intptr_t)i) != 0)
            printf("thread %ld was not made\n", i);
    for (int i = 0; i < THREADS; i++) {
        void *value;
        pthread_join(thread[i], &value);
        sum += (long)(intptr_t)value;
    }
    printf("64 threads: sum of values %ld, counted %ld, destroyed %ld, once %ld, mine %d\n", sum, count, destroyed,
           onces, mine);
}

static int queue[16];
static unsigned head, tail;

static void *consumer(void *arg)
{
    long sum = 0;

    (void)arg;
    for (int i = 0; i < ITEMS; i++) {
        pthread_mutex_lock(&mutex);
        while (head == tail)
            pthread_cond_wait(&cond, &mutex);
        sum += queue[tail++ % 16];
        pthread_cond_broadcast(&cond);
        pthread_mutex_unlock(&mutex);
    }
    return (void *)(intptr_t)sum;
}

static void producer_consumer(void)
{
    pthread_t thread;
    void *sum;

    pthread_create(&thread, NULL, consumer, NULL);
    for (int i = 0; i < ITEMS; i++) {
        pthread_mutex_lock(&mutex);
        while (head - tail == 16)
            pthread_cond_wait(&cond, &mutex);
        queue[head++ % 16] = i;
        pthread_cond_broadcast(&cond);
        pthread_mutex_unlock(&mutex);
    }
    pthread_join(thread, &sum);
    printf("producer and consumer: %ld\n", (long)(intptr_t)sum);
}

static void *detached(void *arg)
{
    sem_post(arg);
    return NULL;
}

static void detached_threads(void)
{
    pthread_attr_t attr;
    pthread_t thread;
    int made = 0;

    sem_init(&sem, 0, 0);
    pthread_attr_init(&attr);
    pthread_attr_setdetachstate(&attr, PTHREAD_CREATE_DETACHED);
    for (int i = 0; i < 200; i++) {
        made += pthread_create(&thread, &attr, detached, &sem) == 0;
        sem_wait(&sem);
    }
    printf("%d detached threads\n", made);
}

static void *at_barrier(void *arg)
{
    (void)arg;
    return (void *)(intptr_t)(pthread_barrier_wait(&barrier) == PTHREAD_BARRIER_SERIAL_THREAD);
}

static void barriers(void)
{
    pthread_t thread[5];
    long serial = 0;

    pthread_barrier_init(&barrier, NULL, 5);
    for (int i = 0; i < 5; i++)
        pthread_create(&thread[i], NULL, at_barrier, NULL);
    for (int i = 0; i < 5; i++) {
        void *value;
        pthread_join(thread[i], &value);
        serial += (long)(intptr_t)value;
    }
    printf("five at a barrier: %ld is the serial one\n", serial);
}

static void timed_waits(void)
{
    struct timespec soon;

    clock_gettime(CLOCK_REALTIME, &soon);
    soon.tv_nsec += 20000000;
    if (soon.tv_nsec >= 1000000000)
        soon.tv_sec++, soon.tv_nsec -= 1000000000;
    pthread_mutex_lock(&mutex);
    int error = pthread_cond_timedwait(&cond, &mutex, &soon);
    pthread_mutex_unlock(&mutex);
    printf("cond: %s\n", strerror(error));
    SAY("sem", sem_timedwait(&sem, &soon));
    SAY("mutex", pthread_mutex_trylock(&mutex));
    SAY("held", pthread_mutex_trylock(&mutex));
    pthread_mutex_unlock(&mutex);
}

int main(void)
{
    join_values();
    producer_consumer();
    detached_threads();
    barriers();
    timed_waits();
    return 0;
}
