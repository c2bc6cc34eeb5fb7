/* SPDX-License-Identifier: BSD-2-Clause */
/* The monitor: the parts and what they share. */
#ifndef MONITOR_H
#define MONITOR_H

#include <mnos/system.h>
#include <stdbool.h>

#define WORDS_MAX 16

struct command {
    const char *name, *arguments, *text;
    int least, most; /* arguments */
    void (*run)(int argc, char **argv);
};
extern const struct command commands[];
extern const unsigned command_count;

/* Splits a line at blanks, in place; at most WORDS_MAX words, the rest is dropped.  Returns their number. */
int line_split(char *line, char **words);
/* A decimal or 0x number that is all of the word. */
bool number_parse(const char *word, uint64_t *value);

enum command_match {
    COMMAND_NONE, /* the line is blank */
    COMMAND_UNKNOWN,
    COMMAND_MISUSED, /* *found, with too few or too many arguments */
    COMMAND_FOUND
};
enum command_match command_find(int count, char *const *words, const struct command **found);

/* A record of the System view; false: there is none (or an error, which is printed). */
bool system_read(enum mnos_info what, uint64_t index, void *record, uint64_t size);
/* Waits, at most a second, until the process is gone. */
void process_wait(uint64_t pid);

/* tables.c */
void show_mem(int argc, char **argv);
void show_processes(int argc, char **argv);
void show_caps(int argc, char **argv);
void show_graph(int argc, char **argv);
void show_cores(int argc, char **argv);
void show_ledger(int argc, char **argv);
void show_names(int argc, char **argv);
void show_services(int argc, char **argv);
void show_uptime(int argc, char **argv);

/* devices.c */
void show_devices(int argc, char **argv);

#endif
