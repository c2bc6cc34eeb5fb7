/* SPDX-License-Identifier: BSD-2-Clause */
/* The commands that show the System view. */
#include <libmnos/authority.h>
#include <libmnos/clock.h>
#include <libmnos/errors.h>
#include <libmnos/initctl.h>
#include <libmnos/ipc.h>
#include <libmnos/objects.h>
#include <libmnos/print.h>
#include <libmnos/start.h>
#include <str.h>

#include "monitor.h"

#define FRAME_KIB 4ul

void show_mem(int argc, char **argv)
{
    struct mnos_info_ledger l;

    (void)argc;
    (void)argv;
    if (!system_read(MNOS_INFO_LEDGER, 0, &l, sizeof l))
        return;
    printf("usable   %10lu KiB\n", l.frames_total * FRAME_KIB);
    printf("free     %10lu KiB\n", l.frames_free * FRAME_KIB);
    printf("used     %10lu KiB\n", (l.frames_total - l.frames_free) * FRAME_KIB);
    printf("charged  %10lu KiB\n", l.pool_used / 1024);
    printf("objects  %10lu KiB of kernel object caches\n", l.slab_frames * FRAME_KIB);
}

void show_processes(int argc, char **argv)
{
    struct mnos_info_process p;

    (void)argc;
    (void)argv;
    printf("%5s %6s %-16s %-9s %7s %5s %10s %10s\n", "PID", "PARENT", "NAME", "STATE", "THREADS", "CAPS", "MEM-KIB",
           "CPU-MS");
    for (uint64_t pid = 0; system_read(MNOS_INFO_PROCESS, pid, &p, sizeof p); pid = p.pid + 1)
        printf("%5lu %6lu %-16.31s %-9s %7lu %5lu %10lu %10lu\n", p.pid, p.parent, p.name, mnos_state_name(p.state),
               p.threads, p.caps, p.memory / 1024, p.cpu_ns / MNOS_MS);
}

static bool process_exists(uint64_t pid)
{
    struct mnos_info_process p;

    return system_read(MNOS_INFO_PROCESS, pid, &p, sizeof p) && p.pid == pid;
}

void show_caps(int argc, char **argv)
{
    struct mnos_info_cap c;
    char rights[8];
    uint64_t pid;

    (void)argc;
    if (!number_parse(argv[1], &pid) || pid > UINT32_MAX || !process_exists(pid)) {
        printf("caps: there is no process %s; 'ps' lists them\n", argv[1]);
        return;
    }
    printf("%5s %-12s %-7s %10s %8s %14s %8s %8s\n", "SLOT", "TYPE", "RIGHTS", "BADGE", "OBJECT", "SIZE", "NODE",
           "PARENT");
    for (uint64_t at = pid << 32; system_read(MNOS_INFO_CAP, at, &c, sizeof c) && c.pid == pid;
         at = (pid << 32 | c.slot) + 1)
        printf("%5lu %-12s %-7s %10lx %8lu %14lu %8lu %8lu\n", c.slot, mnos_type_name(c.type),
               mnos_rights_text(c.rights, rights), c.badge, c.object, c.size, c.node, c.parent);
}

static void difference_print(void *context, const char *text)
{
    (void)context;
    printf("graph: difference: %s\n", text);
}

static void graph_check(const char *word)
{
    int64_t found = strcmp(word, "check") == 0
                        ? authority_check(mnos_cap("system"), mnos_cap("package"), difference_print, NULL)
                        : -MNOS_E_INVALID;

    if (found < 0)
        printf("graph %s: %s\n", word, mnos_error_text(found));
    else
        printf("graph: %ld differences from the manifest\n", found);
}

/* For the host's tool (tools/graph): one line each, the number of lines last. */
void show_graph(int argc, char **argv)
{
    struct mnos_info_process p;
    struct mnos_info_cap c;
    char rights[8];
    uint64_t lines = 0;

    if (argc > 1) {
        graph_check(argv[1]);
        return;
    }
    for (uint64_t pid = 0; system_read(MNOS_INFO_PROCESS, pid, &p, sizeof p); pid = p.pid + 1, lines++)
        printf("graph: process %lu %lu %.31s\n", p.pid, p.parent, p.name[0] != '\0' ? p.name : "-");
    for (uint64_t at = 0; system_read(MNOS_INFO_CAP, at, &c, sizeof c); at = (c.pid << 32 | c.slot) + 1, lines++)
        printf("graph: cap %lu %lu %s %s %lu %lu %lu %lu %lu\n", c.pid, c.slot, mnos_type_name(c.type),
               mnos_rights_text(c.rights, rights), c.badge, c.object, c.size, c.node, c.parent);
    printf("graph: end %lu\n", lines);
}

void show_cores(int argc, char **argv)
{
    struct mnos_info_core c;

    (void)argc;
    (void)argv;
    printf("%4s %4s %9s %9s %9s %9s %10s %10s %9s %8s\n", "CORE", "APIC", "TIMER", "DEVICE", "IPI", "FAULTS",
           "SWITCHES", "SLOW-IPC", "SHOOTDOWN", "IDLE-S");
    for (uint64_t i = 0; system_read(MNOS_INFO_CORE, i, &c, sizeof c); i = c.index + 1)
        printf("%4lu %4lu %9lu %9lu %9lu %9lu %10lu %10lu %9lu %8lu\n", c.index, c.apic_id, c.timer_irqs, c.device_irqs,
               c.ipis, c.page_faults, c.switches, c.ipc_slow, c.shootdowns, c.idle_ns / MNOS_S);
}

void show_ledger(int argc, char **argv)
{
    struct mnos_info_ledger l;

    (void)argc;
    (void)argv;
    if (!system_read(MNOS_INFO_LEDGER, 0, &l, sizeof l))
        return;
    printf("frames        %10lu free of %lu\n", l.frames_free, l.frames_total);
    for (unsigned type = 1; type < MNOS_TYPE_COUNT; type++)
        printf("%-13s %10lu\n", mnos_type_name(type), l.objects[type]);
    printf("capabilities  %10lu\nbadges        %10lu\n", l.caps, l.badges);
    printf("dead queue    %10lu\nslab frames   %10lu\npool bytes    %10lu\ncopied bytes  %10lu\n", l.dead_queue,
           l.slab_frames, l.pool_used, l.copied_bytes);
}

void show_names(int argc, char **argv)
{
    uint64_t owner, endpoint;
    char name[32];

    (void)argc;
    (void)argv;
    printf("%-31s %6s %10s\n", "NAME", "OWNER", "ENDPOINT");
    for (uint64_t i = 0; init_name(mnos_cap("init"), i, name, &owner, &endpoint) >= 0; i++)
        printf("%-31s %6lu %10lu\n", name, owner, endpoint);
}

void show_services(int argc, char **argv)
{
    static const char *const policies[] = {"never", "on-failure", "always"};
    struct init_status s;

    (void)argc;
    (void)argv;
    printf("%-20s %-9s %6s %9s %-11s %8s\n", "SERVICE", "STATE", "PID", "RESTARTS", "POLICY", "KIB");
    for (uint64_t i = 0; init_list(mnos_cap("init"), i, &s) >= 0; i++)
        printf("%-20.31s %-9s %6lu %9lu %-11s %8lu\n", s.name, init_state_name(s.state), s.pid, s.restarts,
               s.restart < 3 ? policies[s.restart] : "?", s.memory >> 10);
}

void show_uptime(int argc, char **argv)
{
    struct mnos_info_kernel k;
    uint64_t ms = clock_ns() / MNOS_MS;

    (void)argc;
    (void)argv;
    if (!system_read(MNOS_INFO_KERNEL, 0, &k, sizeof k))
        return;
    printf("%.31s (%s), %lu core%s, loaded by %.63s\n", k.version, k.build_flags & 1 ? "debug" : "release", k.cores,
           k.cores == 1 ? "" : "s", k.loader);
    printf("command line: %.255s\n", k.command_line);
    printf("up %lu.%03lu s\n", ms / 1000, ms % 1000);
}
