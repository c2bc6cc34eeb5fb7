/* SPDX-License-Identifier: BSD-2-Clause */
/* The self-tests of a debug kernel, in TAP; and what makes it fail on purpose. */
#include <arch/clock.h>
#include <arch/cpu.h>
#include <arch/kmap.h>
#include <arch/power.h>
#include <boot/boot_info.h>
#include <core/align.h>
#include <core/assert.h>
#include <debug/log.h>
#include <str.h>

#include "../../arch/x86_64/arch.h"
#include "selftest.h"

#define LATE_NS 100000000u

static unsigned count, failed;

static char line[256]; /* the one that is being made */
static u64 line_length;

static void line_put(const char *text, u64 length)
{
    length = min_u64(length, sizeof line - 1 - line_length);
    memcpy(line + line_length, text, length);
    line_length += length;
}

void log_line(const char *format, ...)
{
    va_list args;

    line_length = 0;
    va_start(args, format);
    format_write(line_put, format, args);
    va_end(args);
    line[line_length] = '\n';
    log_raw(line, line_length + 1);
}

void selftest_ok(bool good, const char *name)
{
    count++;
    failed += !good;
    log_line("%sok %u - %s", good ? "" : "not ", count, name);
}

/* Each call needs a frame: the stack ends some time. */
static __attribute__((noinline)) u64 overflow(u64 depth)
{
    volatile u64 frame[64];

    frame[depth % 64] = depth;
    if (depth == UINT64_MAX)
        return 0;
    return overflow(depth + 1) + frame[(depth + 1) % 64];
}

static void double_fault(void)
{
    /* An exception that finds no stack to push on. */
    __asm__ volatile("mov %0, %%rsp; ud2" : : "r"(GUARD_TOP + PAGE_SIZE));
}

/* Enough to scroll, then nothing more, so that the screen can be looked at. */
static _Noreturn void screen(void)
{
    for (unsigned i = 1; i <= 200; i++)
        log_line("screen line %u of 200 %.*s", i, (int)(i % 64),
                 "####################################################################");
    cpu_halt();
}

static char selftest[16]; /* "": none */
static char inject[32];   /* "": nothing; what a test makes fail */

static void value_copy(const struct cmdline_word *w, char *to, size_t size)
{
    if (w->value_length < 0 || (size_t)w->value_length >= size)
        boot_refuse("boot: command line: %.*s needs a value of at most %zu characters", w->key_length, w->key,
                    size - 1);
    memcpy(to, w->value, (size_t)w->value_length);
    to[w->value_length] = '\0';
}

bool cmdline_debug_word(const struct cmdline_word *w)
{
    bool all = cmdline_word_is(w, "selftest") && w->value_length < 0;

    if (all)
        memcpy(selftest, "all", 4);
    else if (cmdline_word_is(w, "selftest"))
        value_copy(w, selftest, sizeof(selftest));
    else if (cmdline_word_is(w, "inject"))
        value_copy(w, inject, sizeof(inject));
    else
        return false;
    return true;
}

static bool same(const char *text, const char *name)
{
    u64 length = strlen(name);

    return strlen(text) == length && memcmp(text, name, length) == 0;
}

static bool is(const char *name)
{
    return same(selftest, name);
}

/* A core that starts when the others have long been at work. */
static void late_core(struct core *c)
{
    if (c->index != core_count - 1)
        return;
    for (u64 end = clock_now() + LATE_NS; clock_now() < end;)
        cpu_relax();
}

void selftest_run(void)
{
    if (same(inject, "nmi"))
        inject_nmi = true;
    else if (same(inject, "late-core"))
        smp_waiting_work = late_core;
    else if (inject[0] != '\0')
        boot_refuse("boot: command line: inject=%s is not known", inject);
    if (selftest[0] == '\0')
        return;
    if (is("panic"))
        panic("forced by the command line: %d", 42);
    if (is("doublefault"))
        double_fault();
    if (is("stack"))
        log_line("%lu", overflow(0));
    if (is("screen"))
        screen();
    if (!is("all") && !is("only"))
        boot_refuse("boot: command line: selftest=%s is not known", selftest);
    selftest_memory();
    selftest_mm();
    selftest_cpu();
    selftest_interrupts();
    selftest_locks();
    log_line("1..%u", count);
    if (is("only"))
        arch_halt_exit(failed == 0 ? HALT_SUCCESS : HALT_FAILED);
    if (failed != 0)
        panic("%u of %u self-tests failed", failed, count);
}
