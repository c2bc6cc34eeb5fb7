/* SPDX-License-Identifier: BSD-2-Clause */
/* Memory, time and code pages for the engine.  Code is written through one mapping and executed through another. */
#include "hooks.h"
#include <signal.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <time.h>
#include <ucontext.h>
#include <unistd.h>

static void *block_alloc(void *user, size_t size)
{
    (void)user;
    return malloc(size);
}

static void block_free(void *user, void *block, size_t size)
{
    (void)user;
    (void)size;
    free(block);
}

static void *space_reserve(void *user, size_t size)
{
    void *at = mmap(NULL, size, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

    (void)user;
    return at == MAP_FAILED ? NULL : at;
}

static bool space_commit(void *user, void *at, size_t size)
{
    (void)user;
    return mprotect(at, size, PROT_READ | PROT_WRITE) == 0;
}

static void space_release(void *user, void *at, size_t size)
{
    (void)user;
    munmap(at, size);
}

static uint64_t time_now(void *user)
{
    struct timespec t;

    (void)user;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000000000 + (uint64_t)t.tv_nsec;
}

/* --- Faults: what compiled code touches beyond a memory is a trap; every other fault is as it would be --- */

enum { CODES_MOST = 4096 };

static struct code_range {
    uintptr_t start, end;
} codes[CODES_MOST];
static unsigned code_count;
static struct sigaction before;

static bool is_code(uintptr_t ip)
{
    for (unsigned i = 0; i < code_count; i++)
        if (ip >= codes[i].start && ip < codes[i].end)
            return true;
    return false;
}

static void fault(int signal, siginfo_t *info, void *context)
{
    ucontext_t *u = context;
    long long *regs = u->uc_mcontext.gregs;
    struct wasm_registers r = {(uint64_t)regs[REG_RIP], 0, 0, (uint64_t)regs[REG_R15]};

    if (is_code(r.rip) && wasm_code_fault(&r, (uintptr_t)info->si_addr)) {
        regs[REG_RIP] = (long long)r.rip;
        regs[REG_RDI] = (long long)r.rdi;
        regs[REG_RCX] = (long long)r.rcx;
        return;
    }
    /* The instruction runs again, and the fault is somebody else's. */
    sigaction(signal, &before, NULL);
}

static bool faults_catch(void *execute, size_t size)
{
    struct sigaction action = {.sa_sigaction = fault, .sa_flags = SA_SIGINFO}, now;

    if (code_count == CODES_MOST || sigaction(SIGSEGV, NULL, &now) != 0)
        return false;
    if ((now.sa_flags & SA_SIGINFO) == 0 || now.sa_sigaction != fault) {
        before = now;
        if (sigaction(SIGSEGV, &action, NULL) != 0)
            return false;
    }
    codes[code_count++] = (struct code_range){(uintptr_t)execute, (uintptr_t)execute + size};
    return true;
}

static void faults_forget(void *execute)
{
    for (unsigned i = 0; i < code_count; i++)
        if (codes[i].start == (uintptr_t)execute)
            codes[i--] = codes[--code_count];
}

static bool code_map(void *user, size_t size, void **write, void **execute)
{
    int fd = memfd_create("wasm-code", MFD_CLOEXEC);
    void *w = MAP_FAILED, *x = MAP_FAILED;

    (void)user;
    if (fd >= 0 && ftruncate(fd, (off_t)size) == 0) {
        w = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
        x = mmap(NULL, size, PROT_READ | PROT_EXEC, MAP_SHARED, fd, 0);
    }
    if (fd >= 0)
        close(fd);
    if (w != MAP_FAILED && x != MAP_FAILED && faults_catch(x, size)) {
        *write = w;
        *execute = x;
        return true;
    }
    if (w != MAP_FAILED)
        munmap(w, size);
    if (x != MAP_FAILED)
        munmap(x, size);
    return false;
}

static void code_unmap(void *user, void *write, void *execute, size_t size)
{
    (void)user;
    faults_forget(execute);
    munmap(write, size);
    munmap(execute, size);
}

const struct wasm_hooks host_hooks = {
    .alloc = block_alloc,
    .free = block_free,
    .reserve = space_reserve,
    .commit = space_commit,
    .release = space_release,
    .now = time_now,
    .code_map = code_map,
    .code_unmap = code_unmap,
    .catches_faults = true,
};
