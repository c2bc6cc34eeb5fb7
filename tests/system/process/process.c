/* SPDX-License-Identifier: BSD-2-Clause */
/* Processes: start, isolation, faults, death, and that nothing of them is left. */
#include <libmnos/faults.h>
#include <libmnos/package.h>

#include "../common/test.h"

#define AT 0x500000000000ull

/* ---- roles ---- */

static int role_exit(int argc, char **argv)
{
    (void)argc;
    (void)argv;
    return 42;
}

/* Checks what it was started with. */
static int role_contract(int argc, char **argv)
{
    int wrong = 0;

    wrong |= argc == 1 && strcmp(argv[0], "contract") == 0 ? 0 : 1;
    wrong |= mnos_ring == (void *)MNOS_RING_ADDR && mnos_capset == (void *)MNOS_CAPSET_ADDR ? 0 : 2;
    wrong |= mnos_capset->count == 2 && mnos_cap("log") != MNOS_NONE && mnos_cap("nothing") == MNOS_NONE ? 0 : 4;
    *(volatile uint64_t *)mnos_ring = 5;
    wrong |= *(volatile uint64_t *)mnos_ring == 5 ? 0 : 8;
    wrong |= clock_ns() > 0 && mnos_capset->time_page == MNOS_TIME_ADDR ? 0 : 16;
    wrong |= mnos_pid > 1 ? 0 : 32;
    return wrong;
}

static int role_spin(int argc, char **argv)
{
    (void)argc;
    (void)argv;
    for (volatile uint64_t i = 0; i != UINT64_MAX; i++)
        ;
    return 0;
}

static int role_block(int argc, char **argv)
{
    (void)argc;
    (void)argv;
    sleep_ns(1000 * MNOS_S);
    return 0;
}

static volatile uint64_t *volatile target;

static int role_null(int argc, char **argv)
{
    (void)argc;
    (void)argv;
    target = NULL;
    *target = 1;
    return 0;
}

static int role_kernel(int argc, char **argv)
{
    (void)argc;
    (void)argv;
    target = (uint64_t *)0xffffffff80200000;
    return (int)*target;
}

static int role_hhdm(int argc, char **argv)
{
    (void)argc;
    (void)argv;
    target = (uint64_t *)0xffff800000001000;
    return (int)*target;
}

static int role_text(int argc, char **argv)
{
    (void)argc;
    (void)argv;
    target = (uint64_t *)0x400000;
    *target = 1;
    return 0;
}

static const char constant[8] = "constan";

static int role_rodata(int argc, char **argv)
{
    (void)argc;
    (void)argv;
    target = (volatile uint64_t *)(uint64_t)constant;
    *target = 1;
    return 0;
}

static unsigned char ret_in_data[] = {0xc3};

static int role_data_exec(int argc, char **argv)
{
    union {
        unsigned char *bytes;
        void (*function)(void);
    } there = {.bytes = ret_in_data};

    (void)argc;
    (void)argv;
    there.function();
    return 0;
}

#define ZEROS 40000u
static volatile unsigned char zeros[ZEROS];
static volatile uint64_t filled = 0x123456789abcdef0;

/* What the file does not hold is zero, what it holds is there, and both can be written. */
static int role_sections(int argc, char **argv)
{
    unsigned wrong = filled == 0x123456789abcdef0 ? 0 : 1;

    (void)argc;
    (void)argv;
    for (unsigned i = 0; i < ZEROS; i++)
        wrong += zeros[i] != 0;
    for (unsigned i = 0; i < ZEROS; i += 512)
        zeros[i] = 1;
    filled = 5;
    return (int)(wrong + (zeros[512] != 1) + (filled != 5));
}

static int role_capset(int argc, char **argv)
{
    (void)argc;
    (void)argv;
    target = (uint64_t *)MNOS_CAPSET_ADDR;
    *target = 1;
    return 0;
}

static int role_stack_exec(int argc, char **argv)
{
    volatile unsigned char code[16] = {0xc3};
    union {
        volatile unsigned char *bytes;
        void (*function)(void);
    } there = {.bytes = code};

    (void)argc;
    (void)argv;
    there.function();
    return 0;
}

/* noinline and the use of the array after the call keep every frame. */
__attribute__((noinline)) static uint64_t deep(uint64_t n)
{
    volatile uint64_t frame[100];

    frame[0] = n;
    uint64_t below = n == 0 ? 0 : deep(n - 1);
    return frame[0] + below;
}

static int role_deep(int argc, char **argv)
{
    (void)argc;
    (void)argv;
    /* 250 frames of about 850 bytes fit in the stack's 256 KiB. */
    return deep(250) == 250 * 251 / 2 ? 0 : 1;
}

static int role_overflow(int argc, char **argv)
{
    (void)argc;
    (void)argv;
    return (int)deep(100000);
}

static int role_divide(int argc, char **argv)
{
    (void)argc;
    (void)argv;
    /* The divisor is 0. */
    __asm__ volatile("xor %%ecx, %%ecx; mov $1, %%eax; cltd; idiv %%ecx" : : : "rax", "rcx", "rdx");
    return 0;
}

/* Instructions that only ring 0 may execute, or nobody. */
#define FAULTING_ROLE(name, instruction)                                                                               \
    static int role_##name(int argc, char **argv)                                                                      \
    {                                                                                                                  \
        (void)argc;                                                                                                    \
        (void)argv;                                                                                                    \
        /* must fault */                                                                                               \
        __asm__ volatile(instruction : : : "rax", "rcx", "rdx", "memory");                                             \
        return 0;                                                                                                      \
    }
FAULTING_ROLE(opcode, "ud2")
FAULTING_ROLE(breakpoint, "int3")
FAULTING_ROLE(cli, "cli")
FAULTING_ROLE(hlt, "hlt")
FAULTING_ROLE(port, "mov $0x3f8, %%edx; outb %%al, %%dx")
FAULTING_ROLE(cr3, "mov %%cr3, %%rax")
FAULTING_ROLE(msr, "mov $0xc0000080, %%ecx; rdmsr")
FAULTING_ROLE(interrupt, "int $0x20")
FAULTING_ROLE(noncanonical, "mov $0x8000000000000000, %%rax; mov (%%rax), %%rax")
FAULTING_ROLE(debug, "pushf; orl $0x100, (%%rsp); popf; nop")
FAULTING_ROLE(alignment, "pushf; orl $0x40000, (%%rsp); popf; lea -31(%%rsp), %%rax; movl (%%rax), %%ecx; "
                         "pushf; andl $~0x40000, (%%rsp); popf")
FAULTING_ROLE(fpu, "fninit; pushq $0x0300; fldcw (%%rsp); fld1; fldz; fdivrp; fwait; pop %%rax")
FAULTING_ROLE(simd, "sub $8, %%rsp; movl $0x1d80, (%%rsp); ldmxcsr (%%rsp); xorps %%xmm0, %%xmm0; "
                    "divss %%xmm0, %%xmm0; add $8, %%rsp")

static const struct role roles[] = {
    {"exit", role_exit},
    {"contract", role_contract},
    {"spin", role_spin},
    {"block", role_block},
    {"null", role_null},
    {"kernel", role_kernel},
    {"hhdm", role_hhdm},
    {"text", role_text},
    {"rodata", role_rodata},
    {"data_exec", role_data_exec},
    {"sections", role_sections},
    {"capset", role_capset},
    {"stack_exec", role_stack_exec},
    {"deep", role_deep},
    {"overflow", role_overflow},
    {"divide", role_divide},
    {"opcode", role_opcode},
    {"breakpoint", role_breakpoint},
    {"cli", role_cli},
    {"hlt", role_hlt},
    {"port", role_port},
    {"cr3", role_cr3},
    {"msr", role_msr},
    {"interrupt", role_interrupt},
    {"noncanonical", role_noncanonical},
    {"debug", role_debug},
    {"alignment", role_alignment},
    {"fpu", role_fpu},
    {"simd", role_simd},
};

/* ---- tests ---- */

static void start_and_exit(void)
{
    struct spawn_child child = test_spawn("exit", NULL, 0);

    tap_eq((int64_t)test_wait(&child), 42, "a process starts, and its exit status is told [M214]");
    child = test_spawn("contract", NULL, 0);
    tap_eq((int64_t)test_wait(&child), 0, "it finds ring page, pid and CapSet as _start promises [M136 M127 M119]");
    child = test_spawn("sections", NULL, 0);
    tap_eq((int64_t)test_wait(&child), 0, "its data are those of the file, and the rest is zero [M226]");
    child = test_spawn("deep", NULL, 0);
    tap_eq((int64_t)test_wait(&child), 0, "its stack has room for 256 KiB [M247]");
}

struct fault_case {
    const char *role;
    uint64_t cause, address;
    const char *ids;
};

/* Runs the role, receives its fault message and lets it be destroyed. */
static bool raised(const struct fault_case *c, const struct spawn_child *child, int64_t status)
{
    if (status == 0)
        return true;
    /* TCG never raises these two: the instruction just goes on. */
    return (c->cause != MNOS_FAULT_ALIGNMENT && c->cause != MNOS_FAULT_SIMD) ||
           inspect(child->process).state != MNOS_STATE_DEAD || inspect(child->process).status != 0;
}

static void fault_once(mnos_handle_t faults, mnos_handle_t fault_sender, mnos_handle_t reply,
                       const struct fault_case *c)
{
    struct spawn_child child = test_spawn_with(c->role, NULL, 0, fault_sender, mnos_pool());
    struct mnos_msg msg = {0};
    struct mnos_ipc_ext ext = MNOS_EXT_INIT;
    mnos_handle_t death = new_notification();

    ext.deadline = clock_ns() + 5 * MNOS_S;
    int64_t status = mnos_ipc_recv(faults, &msg, &ext, reply);
    if (!raised(c, &child, status)) {
        tap_skip("this processor does not raise it", "%s: %s is told", c->role, mnos_fault_name(c->cause));
        spawn_drop(&child);
        mnos_cap_delete(death);
        return;
    }
    bool right = status == 0 && MNOS_INFO_KIND(msg.info) == MNOS_KIND_FAULT && msg.badge == 5 &&
                 msg.word[MNOS_FAULT_CAUSE] == c->cause && msg.word[MNOS_FAULT_PID] == child.pid &&
                 (c->address == MNOS_NONE || msg.word[MNOS_FAULT_ADDRESS] == c->address);
    tap_ok(right, "%s: %s is told with its cause and address%s", c->role, mnos_fault_name(c->cause), c->ids);
    if (!right)
        tap_diag("status %ld kind %u cause %lu address 0x%lx code 0x%lx rip 0x%lx", status, MNOS_INFO_KIND(msg.info),
                 msg.word[0], msg.word[1], msg.word[2], msg.word[3]);
    struct mnos_regs regs = {0};
    if (status == 0) {
        tap_ok(mnos_thread_control(child.thread, MNOS_THREADCTL_GET_REGS, (uint64_t)&regs, 0) >= 0 &&
                   regs.rip == msg.word[MNOS_FAULT_RIP] && regs.rsp == msg.word[MNOS_FAULT_RSP],
               "%s: its registers can be read", c->role);
        struct mnos_msg answer = {.label = MNOS_FAULT_DESTROY};
        mnos_ipc_reply(MNOS_NONE, &answer, NULL, reply);
    }
    mnos_cap_delete(death);
    uint64_t end = test_wait(&child);
    tap_ok((end & MNOS_EXIT_FAULT) && (end & 0xff) == c->cause, "%s: and its process ends with it", c->role);
    if ((end & MNOS_EXIT_FAULT) == 0)
        tap_diag("exit status 0x%lx", end);
}

static void faults(void)
{
    const struct fault_case cases[] = {
        {"null", MNOS_FAULT_PAGE, 0, " [M002 M177]"},
        {"kernel", MNOS_FAULT_PAGE, 0xffffffff80200000, " [M002]"},
        {"hhdm", MNOS_FAULT_PAGE, 0xffff800000001000, " [M135]"},
        {"text", MNOS_FAULT_PAGE, 0x400000, " [M226]"},
        {"rodata", MNOS_FAULT_PAGE, (uint64_t)constant, " [M226]"},
        {"data_exec", MNOS_FAULT_PAGE, (uint64_t)ret_in_data, " [M226]"},
        {"capset", MNOS_FAULT_PAGE, MNOS_CAPSET_ADDR, " [M119 M137]"},
        {"stack_exec", MNOS_FAULT_PAGE, MNOS_NONE, ""},
        {"overflow", MNOS_FAULT_PAGE, MNOS_NONE, " [M124]"},
        {"divide", MNOS_FAULT_DIVIDE, MNOS_NONE, " [M177]"},
        {"opcode", MNOS_FAULT_OPCODE, MNOS_NONE, " [M177]"},
        {"breakpoint", MNOS_FAULT_BREAKPOINT, MNOS_NONE, " [M177]"},
        {"cli", MNOS_FAULT_PROTECTION, MNOS_NONE, " [M177]"},
        {"hlt", MNOS_FAULT_PROTECTION, MNOS_NONE, ""},
        {"port", MNOS_FAULT_PROTECTION, MNOS_NONE, " [M103]"},
        {"cr3", MNOS_FAULT_PROTECTION, MNOS_NONE, ""},
        {"msr", MNOS_FAULT_PROTECTION, MNOS_NONE, ""},
        {"interrupt", MNOS_FAULT_PROTECTION, MNOS_NONE, ""},
        {"noncanonical", MNOS_FAULT_PROTECTION, MNOS_NONE, ""},
        {"debug", MNOS_FAULT_DEBUG, MNOS_NONE, " [M177]"},
        {"alignment", MNOS_FAULT_ALIGNMENT, MNOS_NONE, " [M177]"},
        {"fpu", MNOS_FAULT_FPU, MNOS_NONE, " [M177]"},
        {"simd", MNOS_FAULT_SIMD, MNOS_NONE, " [M177]"},
    };
    mnos_handle_t endpoint = new_endpoint(), sender = mint(endpoint, MNOS_RIGHT_SEND, 5), reply = new_reply();
    struct mnos_info_ledger before = {0};

    for (unsigned i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        if (i == 1)
            before = ledger_now();
        fault_once(endpoint, sender, reply, &cases[i]);
    }
    ledger_same(&before, "faults leave nothing behind");
    mnos_cap_delete(reply);
    mnos_cap_delete(sender);
    mnos_cap_delete(endpoint);
}

/* Nobody listens: the process ends by itself. */
static void unhandled_fault(void)
{
    struct spawn_child child = test_spawn("null", NULL, 0);

    tap_eq((int64_t)test_wait(&child), (int64_t)(MNOS_EXIT_FAULT | MNOS_FAULT_PAGE),
           "without a fault endpoint a fault ends the process, and the status says why");
}

/* The handler repairs the cause and the instruction runs again. */
static void repaired_fault(void)
{
    mnos_handle_t endpoint = new_endpoint(), sender = mint(endpoint, MNOS_RIGHT_SEND, 6), reply = new_reply();
    struct spawn_child child = test_spawn_with("opcode", NULL, 0, sender, mnos_pool());
    struct mnos_msg msg = {0};
    struct mnos_regs regs;

    mnos_ipc_recv(endpoint, &msg, NULL, reply);
    must(mnos_thread_control(child.thread, MNOS_THREADCTL_GET_REGS, (uint64_t)&regs, 0), "registers");
    regs.rip += 2; /* behind ud2 */
    tap_status(mnos_thread_control(child.thread, MNOS_THREADCTL_SET_REGS, (uint64_t)&regs, 0), MNOS_OK,
               "a faulted thread's registers are changed");
    msg.label = MNOS_FAULT_RESUME;
    mnos_ipc_reply(MNOS_NONE, &msg, NULL, reply);
    tap_eq((int64_t)test_wait(&child), 0, "and it goes on as if nothing had happened");
    mnos_cap_delete(reply);
    mnos_cap_delete(sender);
    mnos_cap_delete(endpoint);
}

static uint64_t cpu_time(uint64_t pid)
{
    struct mnos_info_process p = {0};

    (void)mnos_system_info(MNOS_BOOT_SYSTEM, MNOS_INFO_PROCESS, pid, &p, sizeof p);
    return p.pid == pid ? p.cpu_ns : 0;
}

/* More processor time than that is on record, ten seconds at most from now. */
static bool runs_on(uint64_t pid, uint64_t before)
{
    for (unsigned i = 0; i < 1000 && cpu_time(pid) <= before; i++)
        sleep_ns(10 * MNOS_MS);
    return cpu_time(pid) > before;
}

static void kill_by_force(void)
{
    uint64_t quickest = UINT64_MAX;
    struct spawn_child child;
    struct tally tally = {0};

    for (unsigned i = 0; i < 5; i++) {
        child = test_spawn("spin", NULL, 0);
        tally_check(&tally, runs_on(child.pid, 0), "it runs", i);
        uint64_t start = clock_ns();
        tally_status(&tally, mnos_proc_destroy(child.process, 7), MNOS_OK, "destroy", i);
        uint64_t took = clock_ns() - start;
        quickest = took < quickest ? took : quickest;
        tally_check(&tally, inspect(child.process).status == (MNOS_EXIT_KILLED | 7), "its status says so", i);
        spawn_drop(&child);
    }
    tally_done(&tally, "a process that never stops is ended [M021 M062]");
    tap_ok(quickest < 300 * MNOS_MS, "at once");
    child = test_spawn("block", NULL, 0);
    becomes(child.thread, MNOS_STATE_BLOCKED);
    tap_status(mnos_proc_destroy(child.process, 8), MNOS_OK, "so is one that sleeps");
    tap_status(mnos_proc_destroy(child.process, 9), MNOS_OK, "twice is no error");
    tap_eq((int64_t)inspect(child.process).status, (int64_t)(MNOS_EXIT_KILLED | 8), "and changes nothing");
    spawn_drop(&child);
}

static void suspend_process(void)
{
    struct spawn_child child = test_spawn("spin", NULL, 0);

    tap_ok(runs_on(child.pid, 0), "a process runs");
    tap_status(mnos_thread_control(child.process, MNOS_THREADCTL_SUSPEND, 0, 0), MNOS_OK,
               "a process is suspended [M021]");
    bool stopped = becomes(child.thread, MNOS_STATE_SUSPENDED);
    uint64_t before = cpu_time(child.pid);
    sleep_ns(50 * MNOS_MS);
    tap_ok(stopped && cpu_time(child.pid) == before, "and takes no time");
    mnos_thread_control(child.process, MNOS_THREADCTL_RESUME, 0, 0);
    tap_ok(runs_on(child.pid, before), "and goes on when it is resumed [M021]");
    spawn_drop(&child);
}

/* Every number of pages too few for the child: each time an error, and everything is given back. */
static void spawn_rollback(void)
{
    struct mnos_info_ledger before;
    struct ustar_member image;
    struct tally tally = {0};
    unsigned failed = 0, started = 0;

    if (package_find("sbin/init", &image) != USTAR_OK)
        return;
    for (unsigned pages = 1; pages < 400 && started < 2; pages += pages < 40 ? 1 : 7) {
        if (pages == 2)
            before = ledger_now();
        int64_t pool = mnos_cap_create(MNOS_CREATE_POOL, mnos_pool(), pages * MNOS_PAGE_SIZE, 0, 0);
        struct spawn spawn = {.image = image.data,
                              .image_size = image.size,
                              .name = "small",
                              .pool = (mnos_handle_t)must(pool, "a pool"),
                              .fault = MNOS_NONE,
                              .args = "exit",
                              .args_len = 5};
        struct spawn_child child;
        enum mnos_error error = mnos_spawn(&spawn, &child);
        tally_check(&tally, error == MNOS_OK || error == MNOS_E_NO_MEMORY, "error", error);
        if (error == MNOS_OK) {
            /* Pages for its tables and its stack are found when it touches them: it may be too poor for that. */
            uint64_t end = test_wait(&child);
            tally_check(&tally,
                        end == 42 || end == (MNOS_EXIT_FAULT | MNOS_FAULT_NO_MEMORY) || end == MNOS_EXIT_BAD_START,
                        "exit status", end);
            started += end == 42;
        } else {
            failed++;
        }
        mnos_cap_delete((mnos_handle_t)pool);
    }
    tally_check(&tally, failed > 40 && started == 2, "range of pools", failed);
    tally_done(&tally, "a program that cannot be paid for is not started, at whatever step it fails");
    ledger_same(&before, "and every frame is given back, each time [M134]");
}

/* A damaged image is refused before anything is made. */
static void bad_images(void)
{
    struct mnos_info_ledger before = ledger_now();
    struct ustar_member image;
    struct tally tally = {0};

    if (package_find("sbin/init", &image) != USTAR_OK)
        return;
    static unsigned char copy[4096];
    memcpy(copy, image.data, sizeof copy);
    for (unsigned at = 0; at < 64; at++) {
        struct spawn_child child;
        copy[at] ^= 0xff;
        struct spawn spawn = {.image = copy, .image_size = at, .name = "bad", .pool = MNOS_NONE, .fault = MNOS_NONE};
        enum mnos_error error = mnos_spawn(&spawn, &child);
        tally_check(&tally, error == MNOS_E_INVALID && child.elf != ELF_OK && child.process == MNOS_NONE, "cut at", at);
        copy[at] ^= 0xff;
    }
    tally_done(&tally, "a damaged image is refused");
    ledger_same(&before, "before anything is made [M226]");
}

static void churn(void)
{
    struct mnos_info_ledger before;
    bool all = true;

    for (unsigned i = 0; i < 301 && all; i++) {
        if (i == 1)
            before = ledger_now();
        struct spawn_child child = test_spawn("exit", NULL, 0);
        all = test_wait(&child) == 42;
    }
    tap_ok(all, "300 processes start and end");
    ledger_same(&before, "and every count is what it was [M062 M236 M238 M239]");
}

static void isolation(void)
{
    volatile uint64_t *mine = (volatile uint64_t *)AT, *theirs = (volatile uint64_t *)(AT + 0x1000000);
    mnos_handle_t a = new_memory(MNOS_PAGE_SIZE), b = new_memory(MNOS_PAGE_SIZE);
    mnos_handle_t process = must(mnos_proc_create(mnos_pool(), 64, MNOS_NONE, "other", 5, 0), "a process");
    const uint64_t rw = MNOS_MAP_READ | MNOS_MAP_WRITE;

    must(mnos_mem_map(MNOS_SELF, a, AT, 0, MNOS_PAGE_SIZE, rw), "map");
    must(mnos_mem_map(process, b, AT, 0, MNOS_PAGE_SIZE, rw), "map");
    must(mnos_mem_map(MNOS_SELF, b, AT + 0x1000000, 0, MNOS_PAGE_SIZE, rw), "map");
    *mine = 1;
    *theirs = 2;
    tap_ok(*mine == 1 && *theirs == 2, "one address, two processes, two memories [M002]");
    mnos_mem_unmap(MNOS_SELF, AT, MNOS_PAGE_SIZE);
    mnos_mem_unmap(MNOS_SELF, AT + 0x1000000, MNOS_PAGE_SIZE);
    mnos_proc_destroy(process, 0);
    mnos_cap_delete(process);
    mnos_cap_delete(a);
    mnos_cap_delete(b);
}

static void tests(void)
{
    start_and_exit();
    isolation();
    unhandled_fault();
    faults();
    repaired_fault();
    kill_by_force();
    suspend_process();
    bad_images();
    spawn_rollback();
    churn();
}

int main(int argc, char **argv)
{
    return test_main(argc, argv, roles, sizeof roles / sizeof roles[0], tests);
}
