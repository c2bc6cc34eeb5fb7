/* SPDX-License-Identifier: BSD-2-Clause */
#include <libmnos/page.h>
#include <libmnos/print.h>
#include <libmnos/start.h>
#include <mnos/calls.h>
#include <mnos/thread.h>
#include <str.h>

#include "tls.h"

const struct mnos_capset *mnos_capset;
void *mnos_ring;
uint64_t mnos_pid;

_Noreturn void mnos_start(void *ring, uint64_t pid, const struct mnos_capset *capset);

void mnos_exit(uint64_t status)
{
    print_flush();
    for (;;)
        mnos_proc_destroy(MNOS_SELF, status);
}

void mnos_panic(const char *format, ...)
{
    va_list args;

    va_start(args, format);
    vprintf(format, args);
    va_end(args);
    printf("\n");
    mnos_exit(MNOS_EXIT_PANIC);
}

static bool start_sound(const void *ring, uint64_t pid, const struct mnos_capset *capset)
{
    return ring != NULL && ((uint64_t)ring & (MNOS_PAGE_SIZE - 1)) == 0 && pid != 0 && capset != NULL &&
           ((uint64_t)capset & (MNOS_PAGE_SIZE - 1)) == 0 && capset->magic == MNOS_CAPSET_MAGIC &&
           capset->version == MNOS_CAPSET_VERSION && capset->count <= MNOS_CAPSET_MAX;
}

/* Splits the NUL-separated arguments; the strings stay where they are. */
static int args_split(char **argv)
{
    char *text = (char *)mnos_capset->args;
    uint64_t length = mnos_capset->args_len;
    int argc = 0;

    if (text == NULL || length == 0 || text[length - 1] != '\0')
        return 0;
    for (uint64_t at = 0; at < length && argc < MNOS_ARGS_MAX; at += strlen(text + at) + 1)
        argv[argc++] = text + at;
    return argc;
}

static void main_tls(void)
{
    static _Alignas(64) char small[512];
    size_t bytes = tls_bytes();
    char *end = small + sizeof small;

    if (bytes > sizeof small) {
        char *pages = alloc_pages((bytes + MNOS_PAGE_SIZE - 1) / MNOS_PAGE_SIZE, NULL);
        if (!pages)
            mnos_exit(MNOS_EXIT_BAD_START);
        end = pages + ((bytes + MNOS_PAGE_SIZE - 1) & ~(MNOS_PAGE_SIZE - 1));
    }
    if (mnos_thread_control(MNOS_SELF, MNOS_THREADCTL_TLS, (uint64_t)tls_place(end, NULL), 0) < 0)
        mnos_exit(MNOS_EXIT_BAD_START);
}

void mnos_start(void *ring, uint64_t pid, const struct mnos_capset *capset)
{
    static char *argv[MNOS_ARGS_MAX + 1];

    if (!start_sound(ring, pid, capset))
        for (;;)
            mnos_proc_destroy(MNOS_SELF, MNOS_EXIT_BAD_START);
    mnos_ring = ring;
    mnos_pid = pid;
    mnos_capset = capset;
    main_tls();
    int argc = args_split(argv);
    mnos_exit((uint64_t)(int64_t)main(argc, argv));
}
