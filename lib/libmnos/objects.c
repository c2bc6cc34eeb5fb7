/* SPDX-License-Identifier: BSD-2-Clause */
#include <libmnos/objects.h>

const char *mnos_type_name(uint64_t type)
{
    static const char *const names[MNOS_TYPE_COUNT] = {"None",      "Pool",     "Memory",       "Process",
                                                       "Thread",    "Endpoint", "Notification", "Reply",
                                                       "Interrupt", "IoPort",   "IoSpace",      "System"};

    return type < MNOS_TYPE_COUNT ? names[type] : "?";
}

const char *mnos_state_name(uint64_t state)
{
    static const char *const names[] = {"new", "ready", "running", "blocked", "suspended", "dead"};

    return state < sizeof names / sizeof names[0] ? names[state] : "?";
}

const char *mnos_rights_text(uint64_t rights, char text[8])
{
    static const char letters[] = "RWXSVGK";

    for (unsigned i = 0; i < 7; i++)
        text[i] = '-';
    for (unsigned i = 0; i < 7; i++)
        if (rights >> i & 1)
            text[i] = letters[i];
    text[7] = '\0';
    return text;
}
