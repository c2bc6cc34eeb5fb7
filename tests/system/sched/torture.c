/* SPDX-License-Identifier: BSD-2-Clause */
/* Registers across switches: general, and vector state. */
#include "sched.h"

#define THREADS 8u

static struct torture torture[THREADS];

static void gprs_thread(void *arg)
{
    torture_gprs(arg);
}

static void spin_thread(void *arg)
{
    torture_spin(arg);
}

static uint64_t switches(void)
{
    uint64_t sum = 0;

    for (unsigned i = 0; i < machine_cores(); i++)
        sum += core_info(i).switches;
    return sum;
}

static uint64_t torture_run(void (*run)(void *), uint64_t rounds, uint64_t affinity, uint64_t *errors)
{
    const struct mnos_thread_options options = {.priority = SPIN_PRIORITY, .affinity = affinity};
    struct mnos_thread *thread[THREADS];
    uint64_t done = 0;

    *errors = 0;
    for (unsigned i = 0; i < THREADS; i++) {
        torture[i] =
            (struct torture){.pattern = 0x0123456789abcd00ull + ((uint64_t)i << 32) * 0x1111, .rounds = rounds};
        thread[i] = thread_start(run, &torture[i], &options, NULL);
    }
    for (unsigned i = 0; i < THREADS; i++) {
        thread_join(thread[i]);
        done += torture[i].yields;
        *errors += torture[i].errors;
    }
    return done;
}

/* ---- interruptions at any instruction ---- */

static uint32_t disturb_stop, disturb_word;
static uint64_t disturbances;

static void disturb(void *arg)
{
    uint64_t seed = 77;

    (void)arg;
    while (!__atomic_load_n(&disturb_stop, __ATOMIC_RELAXED)) {
        mnos_thread_block(&disturb_word, 0, clock_ns() + 20000 + random_next(&seed) % 20000, MNOS_WAIT_PRIVATE);
        disturbances++;
    }
}

static void general_registers(void)
{
    uint64_t errors, before = switches(), rounds = 150000;
    uint64_t done = torture_run(gprs_thread, rounds, 1, &errors);
    uint64_t switched = switches() - before;

    tap_ok(errors == 0 && done == rounds * THREADS && switched >= 1000000,
           "eight threads keep every register over a million switches [M191]");
    tap_diag("%lu yields, %lu switches, %lu errors", done, switched, errors);
    struct mnos_thread *thread = thread_start(disturb, NULL, &(struct mnos_thread_options){.priority = 90}, NULL);
    done = torture_run(spin_thread, 3000, UINT64_MAX, &errors);
    __atomic_store_n(&disturb_stop, 1, __ATOMIC_SEQ_CST);
    thread_join(thread);
    tap_ok(errors == 0 && done == 3000 * THREADS && disturbances > (exact() ? 1000 : 20),
           "and all of them, flags apart, when they are interrupted anywhere");
    tap_diag("%lu loops, %lu interruptions", done, disturbances);
}

/* ---- vector state ---- */

static bool has_avx(void)
{
    uint32_t a = 1, b, c = 0, d;

    __asm__ volatile("cpuid" : "+a"(a), "=b"(b), "+c"(c), "=d"(d)); /* leaf 1: ECX 27 OSXSAVE, 28 AVX */
    if ((c & 3u << 27) != 3u << 27)
        return false;
    __asm__ volatile("xgetbv" : "=a"(a), "=d"(d) : "c"(0)); /* XCR0: SSE and AVX state */
    return (a & 6) == 6;
}

#define EACH(X)     X(0) X(1) X(2) X(3) X(4) X(5) X(6) X(7) X(8) X(9) X(10) X(11) X(12) X(13) X(14) X(15)
#define LOAD_Y(i)   "vmovdqu 32*" #i "(%[in]), %%ymm" #i "\n\t"
#define STORE_Y(i)  "vmovdqu %%ymm" #i ", 32*" #i "(%[out])\n\t"
#define LOAD_X(i)   "movdqu 32*" #i "(%[in]), %%xmm" #i "\n\t"
#define STORE_X(i)  "movdqu %%xmm" #i ", 32*" #i "(%[out])\n\t"
#define CONTROL_IN  "ldmxcsr (%[mxcsr])\n\t fldcw (%[fcw])\n\t"
#define CONTROL_OUT "stmxcsr 4(%[mxcsr])\n\t fnstcw 2(%[fcw])\n\t"
#define VECTORS                                                                                                        \
    "xmm0", "xmm1", "xmm2", "xmm3", "xmm4", "xmm5", "xmm6", "xmm7", "xmm8", "xmm9", "xmm10", "xmm11", "xmm12",         \
        "xmm13", "xmm14", "xmm15"

/* Vector registers and control words with values of this thread's own, over `rounds` yields. */
void torture_vector(struct torture *t)
{
    uint64_t in[64], out[64];
    bool avx = has_avx();
    uint64_t bytes = avx ? 32 : 16;
    /* Exceptions masked, the rounding mode by thread: MXCSR 14..13, x87 control word 11..10. */
    uint32_t rounding = (uint32_t)(t->pattern >> 32) & 3u, mxcsr[2] = {0x1f80u | rounding << 13, 0};
    uint16_t fcw[2] = {(uint16_t)(0x037fu | rounding << 10), 0};

    for (unsigned i = 0; i < 64; i++)
        in[i] = (t->pattern + i) * 0x9e3779b97f4a7c15ull;
    for (; t->rounds > 0; t->rounds--) {
        memset(out, 0, sizeof out);
        if (avx)
            __asm__ volatile(
                CONTROL_IN EACH(LOAD_Y) "syscall\n\t" EACH(STORE_Y) CONTROL_OUT "vzeroupper"
                :
                : "a"((uint64_t)MNOS_SYS_thread_yield), [in] "r"(in), [out] "r"(out), [mxcsr] "r"(mxcsr), [fcw] "r"(fcw)
                : "rcx", "r11", "memory", VECTORS);
        else
            __asm__ volatile(
                CONTROL_IN EACH(LOAD_X) "syscall\n\t" EACH(STORE_X) CONTROL_OUT
                :
                : "a"((uint64_t)MNOS_SYS_thread_yield), [in] "r"(in), [out] "r"(out), [mxcsr] "r"(mxcsr), [fcw] "r"(fcw)
                : "rcx", "r11", "memory", VECTORS);
        for (unsigned i = 0; i < 16; i++)
            t->errors += memcmp(&in[4 * i], &out[4 * i], bytes) != 0;
        t->errors += (mxcsr[1] & 0xffc0) != (mxcsr[0] & 0xffc0) || fcw[1] != fcw[0];
        t->yields++;
    }
}

static void vector_thread(void *arg)
{
    torture_vector(arg);
}

static void vectors(void)
{
    uint64_t errors;
    struct spawn_child child = test_spawn("vector", NULL, 0);
    uint64_t done = torture_run(vector_thread, 20000, UINT64_MAX, &errors);

    tap_ok(errors == 0 && done == 20000 * THREADS,
           "eight threads never see another's vector registers or control words [M192]");
    tap_ok(test_wait(&child) == 42, "nor does a thread of another process beside them [M192]");
    tap_diag("%s, %lu rounds, %lu errors", has_avx() ? "ymm" : "xmm", done, errors);
}

/* ---- threads that have no vector state ---- */

struct torture_plain {
    uint64_t rounds, system, before, after, size;
    uint32_t busy;
};
extern const char torture_plain_worker[], torture_plain_judge[];

static mnos_handle_t plain_thread(const char *entry, struct torture_plain *plain)
{
    struct mnos_thread_args args = {
        .entry = (uint64_t)entry, .stack = 0x1000, .arg = {(uint64_t)plain}, .priority = SPIN_PRIORITY, .affinity = 1};

    return must(mnos_thread_create(MNOS_SELF, &args), "a plain thread");
}

static void no_saves(void)
{
    static struct mnos_info_core before, after;
    static struct torture_plain judge = {.rounds = 20000, .busy = 1},
                                worker[2] = {{.rounds = 20000}, {.rounds = 20000}};

    mnos_thread_control(MNOS_SELF, MNOS_THREADCTL_AFFINITY, 1, 0);
    judge.system = MNOS_BOOT_SYSTEM;
    judge.before = (uint64_t)&before;
    judge.after = (uint64_t)&after;
    judge.size = sizeof before;
    mnos_handle_t a = plain_thread(torture_plain_judge, &judge), b = plain_thread(torture_plain_worker, &worker[0]),
                  c = plain_thread(torture_plain_worker, &worker[1]);
    while (__atomic_load_n(&judge.busy, __ATOMIC_ACQUIRE) != 0)
        mnos_thread_block(&judge.busy, 1, MNOS_FOREVER, MNOS_WAIT_PRIVATE);
    uint64_t saves = after.fpu_saves - before.fpu_saves, switched = after.switches - before.switches;
    tap_ok(saves == 0 && switched >= 20000, "threads without vector state take no saves of it [M192]");
    tap_diag("%lu saves in %lu switches", saves, switched);
    while (worker[0].rounds > 0 || worker[1].rounds > 0)
        sleep_ns(MNOS_MS);
    mnos_cap_delete(a);
    mnos_cap_delete(b);
    mnos_cap_delete(c);
    sleep_ns(5 * MNOS_MS);
    mnos_thread_control(MNOS_SELF, MNOS_THREADCTL_AFFINITY, UINT64_MAX, 0);
}

void torture_tests(void)
{
    general_registers();
    vectors();
    no_saves();
}
