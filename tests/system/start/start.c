/* SPDX-License-Identifier: BSD-2-Clause */
/* What init is started with, what a new process and a new thread are, which frames are given out, and what a death gives back. */
#include <libmnos/thread.h>
#include <mnos/syscall.h>

#include "../common/machine.h"
#include "../common/test.h"
#include "../common/tiny.h"

#define PAGE     MNOS_PAGE_SIZE
#define CREATORS 4u
#define BATCH    200u

/* ---- init ---- */

static void first_line(void)
{
    uint64_t cs, cr3;
    struct mnos_info_process self = {0};

    /* The selector's low two bits are the privilege level. */
    __asm__ volatile("mov %%cs, %0" : "=r"(cs));
    cr3 = process_info(mnos_pid, &self) ? self.cr3 * PAGE : 0;
    printf("# init: first line, cs 0x%lx, ring %lu, pid %lu, cr3 0x%lx\n", cs, cs & 3, mnos_pid, cr3);
    tap_eq((int64_t)(cs & 3), 3, "init runs in ring 3 [M046]");
    tap_ok(mnos_pid == 1 && self.pid == 1 && self.parent == 0, "it is process 1, and has no parent [M228]");
}

struct boot_slot {
    const char *name;
    uint32_t slot, type, rights;
    uint64_t id, size; /* MNOS_NONE: not compared */
};

static void slots(void)
{
    const uint32_t pass = MNOS_RIGHT_GRANT | MNOS_RIGHT_REVOKE, rw = MNOS_RIGHT_READ | MNOS_RIGHT_WRITE;
    const struct boot_slot boot[] = {
        {"pool", MNOS_BOOT_POOL, MNOS_TYPE_POOL, rw | pass, MNOS_NONE, MNOS_NONE},
        {"self", MNOS_BOOT_SELF, MNOS_TYPE_PROCESS, MNOS_RIGHTS_ALL, 1, MNOS_NONE},
        {"ioport", MNOS_BOOT_IOPORT, MNOS_TYPE_IOPORT, rw | pass, 0, 65536},
        {"irq", MNOS_BOOT_IRQ, MNOS_TYPE_INTERRUPT, MNOS_RIGHT_RECV | pass, 0, MNOS_NONE},
    };

    for (unsigned i = 0; i < sizeof boot / sizeof boot[0]; i++) {
        struct mnos_cap_info info = inspect(boot[i].slot);
        tap_ok(info.type == boot[i].type && info.rights == boot[i].rights && mnos_cap(boot[i].name) == boot[i].slot &&
                   (boot[i].id == MNOS_NONE || info.id == boot[i].id) &&
                   (boot[i].size == MNOS_NONE || info.size == boot[i].size),
               "slot %u holds %s with its rights [M229]", boot[i].slot, boot[i].name);
        tap_diag("type %u rights 0x%x id %lu size %lu", info.type, info.rights, info.id, info.size);
    }
    struct mnos_info_ledger ledger = ledger_now();
    uint64_t size = inspect(MNOS_BOOT_POOL).size;
    tap_ok(size <= ledger.frames_total * PAGE && size > ledger.frames_total * PAGE / 10 * 9,
           "the pool is the machine's memory [M229]");
}

static void package(void)
{
    const char *at = (const char *)MNOS_INIT_PACKAGE;

    tap_ok(memcmp(at + 257, "ustar", 6) == 0 && memcmp(at, "sbin/", 5) == 0,
           "the boot package, a USTAR archive, lies at 0x10000000 [M232]");
}

/* ---- a new process, a new thread ---- */

static uint64_t caps_of(uint64_t pid)
{
    struct mnos_info_cap cap;
    uint64_t count = 0;

    for (uint64_t index = pid << 32;
         mnos_system_info(MNOS_BOOT_SYSTEM, MNOS_INFO_CAP, index, &cap, sizeof cap) >= 0 && cap.pid == pid;
         index = (pid << 32 | cap.slot) + 1)
        count++;
    return count;
}

static void empty_process(void)
{
    struct mnos_info_process child = {0}, self = {0};
    mnos_handle_t pool = must(mnos_cap_create(MNOS_CREATE_POOL, mnos_pool(), 64 * PAGE, 0, 0), "a pool");
    /* What was freed before is still being given back. */
    (void)ledger_now();
    uint64_t parent = inspect(mnos_pool()).used;
    mnos_handle_t process = must(mnos_proc_create(pool, 64, MNOS_NONE, "empty", 5, 0), "a process");
    struct mnos_cap_info info = inspect(process);

    tap_ok(info.type == MNOS_TYPE_PROCESS && info.rights == MNOS_RIGHTS_ALL && info.state == MNOS_STATE_NEW,
           "a new process is named by the slot that the call returns, with all rights [M220]");
    tap_ok(process_info(info.id, &child) && child.threads == 0 && child.caps == 0 && child.memory == 0 &&
               caps_of(info.id) == 0 && caps_of(1) > 0,
           "it has no thread, no capability and no memory [M220 M061]");
    uint64_t paid = inspect(pool).used;
    tap_ok(paid >= 2 * PAGE && inspect(mnos_pool()).used == parent,
           "what it takes is charged to the pool that was named, and to no other [M061 M056]");
    tap_diag("%lu bytes", paid);
    process_info(1, &self);
    tap_ok(child.cr3 != 0 && self.cr3 != 0 && child.cr3 != self.cr3, "and page tables of its own [M220 M228]");
    mnos_proc_destroy(process, 0);
    mnos_cap_delete(process);
    (void)ledger_now();
    tap_eq((int64_t)inspect(pool).used, 0, "and given back to it [M061 M056]");
    mnos_cap_delete(pool);
}

static void entry_and_stack(void)
{
    mnos_handle_t faults = new_endpoint(), sender = mint(faults, MNOS_RIGHT_SEND, 1), reply = new_reply();
    struct tiny tiny = {.program = TINY_CRASH, .fault = sender, .stack = 0x123456789ab0, .arg = {11, 22, 33}};
    struct mnos_msg msg = {0};
    struct mnos_regs regs = {0};
    mnos_handle_t thread;
    mnos_handle_t process = must(tiny_start(&tiny, &thread), "a process");

    must(mnos_ipc_recv(faults, &msg, NULL, reply), "its fault");
    must(mnos_thread_control(thread, MNOS_THREADCTL_GET_REGS, (uint64_t)&regs, 0), "registers");
    uint64_t entry = tiny_entry(TINY_CRASH);
    tap_ok(msg.word[MNOS_FAULT_RIP] >= entry && msg.word[MNOS_FAULT_RIP] < entry + 16 &&
               msg.word[MNOS_FAULT_RSP] == tiny.stack && msg.word[MNOS_FAULT_PID] == inspect(process).id,
           "a thread runs in the child, at the address and on the stack that it was given [M224 M063]");
    tap_ok(regs.rdi == 11 && regs.rsi == 22 && regs.rdx == 33, "with its three arguments [M224]");
    struct mnos_msg answer = {.label = MNOS_FAULT_DESTROY};
    mnos_ipc_reply(MNOS_NONE, &answer, NULL, reply);
    mnos_proc_destroy(process, 0);
    mnos_cap_delete(thread);
    mnos_cap_delete(process);
    mnos_cap_delete(reply);
    mnos_cap_delete(sender);
    mnos_cap_delete(faults);
}

/* System calls with a stack pointer that the kernel must never use, and interrupts that come meanwhile. */
static void stack_garbage(void)
{
    uint64_t seed = 213, wrong = 0;

    for (unsigned i = 0; i < 100000; i++) {
        uint64_t garbage = i < bad_pointer_count ? bad_pointers[i] : random_next(&seed), number = MNOS_SYS_time;
        /* r12 keeps the stack pointer over the call. */
        __asm__ volatile("mov %%rsp, %%r12\n\tmov %[garbage], %%rsp\n\tsyscall\n\tcmp %[garbage], %%rsp\n\t"
                         "mov %%r12, %%rsp\n\tje 1f\n\txor %%eax, %%eax\n1:"
                         : "+a"(number)
                         : [garbage] "r"(garbage)
                         : "rcx", "r11", "r12", "memory", "cc");
        wrong += number == 0 || number >= UINT64_MAX / 2;
    }
    tap_eq((int64_t)wrong, 0, "100,000 system calls with senseless stack pointers answer, and keep them [M213]");
}

/* ---- frames ---- */

/* Do all frames lie in memory that the loader called usable or its own? */
static bool in_ram(uint64_t start, uint64_t length)
{
    struct mnos_info_room room;

    for (uint64_t i = 0; mnos_system_info(MNOS_BOOT_SYSTEM, MNOS_INFO_ROOM, i, &room, sizeof room) >= 0; i++)
        if ((room.type == 0 || room.type == 5) && start >= room.start && start + length <= room.start + room.length)
            return true;
    return false;
}

static void every_frame(void)
{
    static struct {
        mnos_handle_t memory;
        uint64_t start, length;
    } piece[3500];
    struct mnos_info_ledger before = ledger_now();
    struct tally tally = {0};
    uint64_t total = 0;
    unsigned count = 0;

    for (uint64_t pages = 1024; pages > 0; pages /= 2)
        while (count < 3500) {
            int64_t got = mnos_mem_alloc(mnos_pool(), pages * PAGE, MNOS_MEM_CONTIG, UINT64_MAX & ~(PAGE - 1));
            if (got < 0)
                break;
            piece[count].memory = (mnos_handle_t)got;
            piece[count].length = pages * PAGE;
            piece[count].start = (uint64_t)mnos_mem_control((mnos_handle_t)got, MNOS_MEMCTL_PHYS, 0, 0, 0);
            total += pages;
            count++;
        }
    for (unsigned i = 0; i < count; i++) {
        /* A piece may reach from one range into a neighbouring one: judged page by page. */
        for (uint64_t at = 0; at < piece[i].length; at += PAGE)
            tally_check(&tally, in_ram(piece[i].start + at, PAGE), "not usable", piece[i].start + at);
        for (unsigned j = 0; j < i; j++)
            tally_check(&tally,
                        piece[i].start + piece[i].length <= piece[j].start ||
                            piece[j].start + piece[j].length <= piece[i].start,
                        "given out twice", piece[i].start);
    }
    tally_check(&tally, total > before.frames_free / 10 * 9, "not all frames were had", total);
    tally_done(&tally, "all frames are given out once, none of them reserved by the memory map [M037]");
    tap_diag("%lu of %lu frames in %u pieces", total, before.frames_free, count);
    for (unsigned i = 0; i < count; i++)
        mnos_cap_delete(piece[i].memory);
    ledger_same(&before, "and their number is what it was when they are given back [M034]");
}

/* ---- deaths ---- */

static mnos_handle_t deaths_process;
static uint64_t deaths_each;

static void creator(void *arg)
{
    uint64_t core = (uint64_t)arg;
    const struct tiny tiny = {.program = TINY_COUNT_EXIT, .arg = {TINY_DATA}, .affinity = 1ull << core};

    for (uint64_t made = 0; made < deaths_each;) {
        int64_t thread = tiny_thread(deaths_process, &tiny);
        if (thread >= 0) {
            mnos_cap_delete((mnos_handle_t)thread);
            made++;
        } else {
            mnos_thread_yield(); /* out of memory or slots until the reaper has run */
        }
    }
}

static void concurrent_deaths(void)
{
    struct mnos_thread *thread[CREATORS];
    mnos_handle_t data = new_memory(PAGE), keeper;
    volatile uint64_t *counter = map_memory(data, 0, PAGE, MNOS_MAP_READ | MNOS_MAP_WRITE, NULL);
    struct tiny tiny = {.program = TINY_EXIT, .data = data, .data_size = PAGE, .suspended = true};

    deaths_process = must(tiny_start(&tiny, &keeper), "a process");
    deaths_each = (machine_option("full") ? 100000 : 10000) / CREATORS;
    struct mnos_info_ledger before = ledger_now();
    for (uint64_t i = 0; i < CREATORS; i++)
        thread[i] =
            thread_start(creator, (void *)(i % machine_cores()),
                         &(struct mnos_thread_options){.affinity = 1ull << i % machine_cores(), .priority = 90}, NULL);
    for (unsigned i = 0; i < CREATORS; i++)
        thread_join(thread[i]);
    for (unsigned i = 0; i < 500 && *counter < deaths_each * CREATORS; i++)
        sleep_ns(10 * MNOS_MS);
    tap_eq((int64_t)*counter, (int64_t)(deaths_each * CREATORS),
           "each of the threads that %u cores made and ended ran once%s", machine_cores(),
           machine_cores() >= 4 ? " [M235]" : "");
    /* Nobody does anything now: what the reaper does, it does by itself. */
    struct mnos_info_ledger after = {.dead_queue = 1};
    for (unsigned i = 0; i < 100 && after.dead_queue != 0; i++) {
        sleep_ns(100 * MNOS_MS);
        must(mnos_system_info(MNOS_BOOT_SYSTEM, MNOS_INFO_LEDGER, 0, &after, sizeof after), "the ledger");
    }
    tap_eq((int64_t)after.dead_queue, 0, "the queue of the dead is empty though nobody asked [M236]");
    tap_eq((int64_t)(after.objects[MNOS_TYPE_THREAD] - before.objects[MNOS_TYPE_THREAD]), 0,
           "as many threads as before: none lost, none reaped twice%s", machine_cores() >= 4 ? " [M235]" : "");
    mnos_proc_destroy(deaths_process, 0);
    mnos_cap_delete(keeper);
    mnos_cap_delete(deaths_process);
    unmap_memory((void *)(uint64_t)counter, PAGE);
    mnos_cap_delete(data);
}

/* Frames that `count` threads take, and what is still missing when they are dead. */
static void frames_of(unsigned count, uint64_t *taken, uint64_t *missing)
{
    static mnos_handle_t thread[BATCH];
    const struct tiny tiny = {.program = TINY_EXIT, .suspended = true};
    struct mnos_info_ledger before = ledger_now(), during, after;

    for (unsigned i = 0; i < count; i++)
        thread[i] = must(tiny_thread(deaths_process, &tiny), "a thread");
    during = ledger_now();
    for (unsigned i = 0; i < count; i++) {
        mnos_thread_destroy(thread[i]);
        mnos_cap_delete(thread[i]);
    }
    after = ledger_now();
    *taken = before.frames_free - during.frames_free;
    *missing = before.frames_free - after.frames_free;
    tap_diag("%u threads: %lu frames free, %lu with them, %lu after their death", count, before.frames_free,
             during.frames_free, after.frames_free);
}

static void frames_of_the_dead(void)
{
    const struct tiny tiny = {.program = TINY_EXIT, .suspended = true};
    uint64_t taken, missing;
    mnos_handle_t keeper;

    deaths_process = must(tiny_start(&tiny, &keeper), "a process");
    const struct mnos_info_ledger settled = ledger_now();
    /* What the many threads before left with other cores comes back first, and what is kept for next time is kept. */
    for (unsigned i = 0; i < 4; i++)
        frames_of(BATCH, &taken, &missing);
    tap_diag("%lu frames free before, %lu after", settled.frames_free, ledger_now().frames_free);
    frames_of(1, &taken, &missing);
    tap_eq((int64_t)missing, 0, "a thread's death gives back exactly the frames that its record took [M237]");
    frames_of(BATCH, &taken, &missing);
    tap_ok(taken > 0 && missing == 0, "and so do the deaths of %u, which take some [M237]", BATCH);
    mnos_proc_destroy(deaths_process, 0);
    mnos_cap_delete(keeper);
    mnos_cap_delete(deaths_process);
}

static void tests(void)
{
    first_line();
    slots();
    package();
    machine_warm();
    tiny_prepare();
    empty_process();
    entry_and_stack();
    stack_garbage();
    every_frame();
    concurrent_deaths();
    frames_of_the_dead();
}

int main(int argc, char **argv)
{
    return test_main(argc, argv, NULL, 0, tests);
}
