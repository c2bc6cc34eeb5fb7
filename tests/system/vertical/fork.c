/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * fork from user space.  The parent's memory is Memory objects that it holds: a child process gets copy-on-write children of
 * them at the same addresses, and one thread with the registers of the caller.  Meanwhile the parent's second thread goes on
 * writing.
 */
#include <libmnos/package.h>

#include "vertical.h"

#define AREA           0x200000000000ull
#define AREA_PAGES     64u
#define AREA_BYTES     (AREA_PAGES * MNOS_PAGE_SIZE)
#define STACK          0x210000000000ull
#define STACK_BYTES    (8 * MNOS_PAGE_SIZE)
#define CODE           0x220000000000ull
#define WORDS_PER_PAGE (MNOS_PAGE_SIZE / 8)

/*
 * What runs on both sides.  It lies in an area of its own, which the child shares, and calls nothing: the child has none of
 * the program's other memory.  thread_control(GET_REGS) of a thread that is parked in `forked_wait` gives the registers that the
 * child starts with; the word at AREA tells which side it is.
 *
 * The parent's second thread writes n into the first and then the last word of page after page, then n + 1, and so on: the image
 * of a page that was taken at one moment has the same number in both, or one less in the last.  The child checks that.
 */
__asm__(".section .rodata\n"
        ".globl fork_code, fork_code_end\n"
        "fork_code:\n"
        /* rdi: AREA, rsi: pages.  Waits until the word at AREA is not 0: 1: parent, 2: child. */
        "1: mov (%rdi), %rax\n"
        "   test %rax, %rax\n"
        "   jnz 2f\n"
        "   mov $21, %eax\n"
        "   syscall\n"
        "   jmp 1b\n"
        "2: cmp $2, %rax\n"
        "   jne 6f\n"
        /* child: every page sound, then written over; its number of unsound pages is its exit status. */
        "   xor %ebx, %ebx\n"
        "   mov $2, %ecx\n"
        "3: mov %rcx, %rdx\n"
        "   shl $12, %rdx\n"
        "   add %rdi, %rdx\n"
        "   mov (%rdx), %rax\n"
        "   mov 4088(%rdx), %rbp\n"
        "   sub %rbp, %rax\n"
        "   cmp $1, %rax\n"
        "   jbe 4f\n"
        "   inc %ebx\n"
        "4: movq $-7, (%rdx)\n"
        "   movq $-9, 4088(%rdx)\n"
        "   inc %rcx\n"
        "   cmp %rsi, %rcx\n"
        "   jb 3b\n"
        /* and its stack was there */
        "   pop %rax\n"
        "   cmp $0x5157, %rax\n"
        "   je 5f\n"
        "   add $1000, %ebx\n"
        "5: mov $-1, %rdi\n"
        "   mov %rbx, %rsi\n"
        "   mov $20, %eax\n"
        "   syscall\n"
        "   ud2\n"
        "6: mov $-1, %rdi\n"
        "   xor %eax, %eax\n"
        "   syscall\n"
        "   ud2\n"
        "fork_code_end:\n"
        ".previous\n");
extern const char fork_code[], fork_code_end[];

static volatile uint64_t *area = (volatile uint64_t *)AREA;
static uint32_t writer_stop;
static uint64_t writes;

/* The second thread: page by page, first word, then last. */
static void write_on(void *arg)
{
    (void)arg;
    for (uint64_t n = 1; !__atomic_load_n(&writer_stop, __ATOMIC_RELAXED); n++) {
        for (uint64_t page = 2; page < AREA_PAGES; page++) {
            area[page * WORDS_PER_PAGE] = n;
            __atomic_thread_fence(__ATOMIC_SEQ_CST);
            area[page * WORDS_PER_PAGE + WORDS_PER_PAGE - 1] = n;
        }
        __atomic_store_n(&writes, n, __ATOMIC_RELEASE);
    }
}

struct owned {
    mnos_handle_t memory;
    uint64_t address, bytes, flags;
};

static mnos_handle_t owned_map(struct owned *o, uint64_t address, uint64_t bytes, uint64_t flags)
{
    *o = (struct owned){.memory = new_memory(bytes), .address = address, .bytes = bytes, .flags = flags};
    must(mnos_mem_map(MNOS_SELF, o->memory, address, 0, bytes, flags), "a mapping");
    return o->memory;
}

/* The child, or a negated error.  The word at AREA is 0 while the images are taken. */
static int64_t fork_now(const struct owned *owned, unsigned count, mnos_handle_t waiting)
{
    mnos_handle_t child = must(mnos_proc_create(mnos_pool(), 64, MNOS_NONE, "forked", 6, 0), "a child");
    struct mnos_regs regs;

    for (unsigned i = 0; i < count; i++) {
        int64_t copy = mnos_mem_alloc(mnos_pool(), 0, MNOS_MEM_COW, owned[i].memory);
        if (copy < 0)
            return copy;
        int64_t status = mnos_mem_map(child, (mnos_handle_t)copy, owned[i].address, 0, owned[i].bytes, owned[i].flags);
        if (owned[i].address == AREA) {
            /* The child's own word says which side it is. */
            uint64_t *word = map_memory((mnos_handle_t)copy, 0, MNOS_PAGE_SIZE, MNOS_MAP_READ | MNOS_MAP_WRITE, NULL);
            *word = 2;
            unmap_memory(word, MNOS_PAGE_SIZE);
        }
        mnos_cap_delete((mnos_handle_t)copy);
        if (status < 0)
            return status;
    }
    must(mnos_thread_control(waiting, MNOS_THREADCTL_SUSPEND, 0, 0), "suspend");
    while (mnos_thread_control(waiting, MNOS_THREADCTL_GET_REGS, (uint64_t)&regs, 0) == -MNOS_E_BUSY)
        sleep_ns(MNOS_MS / 10);
    const struct mnos_thread_args args = {.entry = regs.rip, .stack = regs.rsp, .flags = MNOS_THREAD_SUSPENDED};
    mnos_handle_t thread = must(mnos_thread_create(child, &args), "the child's thread");
    must(mnos_thread_control(thread, MNOS_THREADCTL_SET_REGS, (uint64_t)&regs, 0), "its registers");
    must(mnos_thread_control(thread, MNOS_THREADCTL_RESUME, 0, 0), "it runs");
    must(mnos_thread_control(waiting, MNOS_THREADCTL_RESUME, 0, 0), "resume");
    mnos_cap_delete(thread);
    return (int64_t)child;
}

int fork_role(int argc, char **argv)
{
    struct owned owned[3];
    struct tally tally = {0};

    (void)argc, (void)argv;
    owned_map(&owned[0], AREA, AREA_BYTES, MNOS_MAP_READ | MNOS_MAP_WRITE);
    owned_map(&owned[1], STACK, STACK_BYTES, MNOS_MAP_READ | MNOS_MAP_WRITE);
    owned_map(&owned[2], CODE, MNOS_PAGE_SIZE, MNOS_MAP_READ | MNOS_MAP_WRITE);
    memcpy((void *)CODE, fork_code, (size_t)(fork_code_end - fork_code));
    must(mnos_mem_map(MNOS_SELF, MNOS_NONE, CODE, 0, MNOS_PAGE_SIZE, MNOS_MAP_PROTECT | MNOS_MAP_READ | MNOS_MAP_EXEC),
         "protect");
    owned[2].flags = MNOS_MAP_READ | MNOS_MAP_EXEC;
    uint64_t *top = (uint64_t *)(STACK + STACK_BYTES - 64);
    *top = 0x5157;
    const struct mnos_thread_args args = {.entry = CODE, .stack = (uint64_t)top, .arg = {AREA, AREA_PAGES}};
    mnos_handle_t waiting = must(mnos_thread_create(MNOS_SELF, &args), "the thread that forks");
    struct mnos_thread *writer = thread_start(write_on, NULL, NULL, NULL);

    while (__atomic_load_n(&writes, __ATOMIC_ACQUIRE) < 3)
        sleep_ns(MNOS_MS);
    for (unsigned round = 0; round < 20; round++) {
        int64_t child = fork_now(owned, 3, waiting);
        if (child < 0)
            return 100;
        struct spawn_child c = {.process = (mnos_handle_t)child, .thread = MNOS_NONE};
        uint64_t before = __atomic_load_n(&writes, __ATOMIC_ACQUIRE), status = TEST_TIMEOUT;
        for (unsigned i = 0; i < 5 && status == TEST_TIMEOUT; i++)
            status = test_status(&c);
        spawn_drop(&c);
        tally_check(&tally, status == 0, "each page of the child's image is of one moment", status);
        /* The child's writes are its own, and the second thread goes on. */
        for (unsigned i = 0; i < 5000 && __atomic_load_n(&writes, __ATOMIC_ACQUIRE) <= before + 1; i++)
            sleep_ns(100000);
        tally_check(&tally, __atomic_load_n(&writes, __ATOMIC_ACQUIRE) > before, "the second thread goes on", before);
        for (uint64_t page = 2; page < AREA_PAGES; page++)
            tally_check(&tally, area[page * WORDS_PER_PAGE] < 1ull << 60, "the child's writes are not seen", page);
    }
    __atomic_store_n(&writer_stop, 1, __ATOMIC_SEQ_CST);
    area[0] = 1;
    thread_join(writer);
    mnos_cap_delete(waiting);
    return tally.failed == 0 && tally.checks > 1000 ? 42 : 1;
}

void fork_tests(void)
{
    struct mnos_info_ledger before = ledger_now();
    struct spawn_child child = test_spawn("fork", NULL, 0);
    uint64_t status = TEST_TIMEOUT;

    for (unsigned i = 0; i < 10 && status == TEST_TIMEOUT; i++)
        status = test_status(&child);
    spawn_drop(&child);
    tap_ok(status == 42,
           "twenty copy-on-write forks from user space beside a thread that writes: each page is of one moment");
    if (status != 42)
        tap_diag("status 0x%lx", status);
    ledger_same(&before, "and no frame of them is left");
}
