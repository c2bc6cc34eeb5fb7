/* SPDX-License-Identifier: BSD-2-Clause */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "mkmanifest.h"

#define MESSAGE_MAX (4u << 20)
#define USAGE                                                                                                          \
    "usage: mkmanifest check [--build DIR] FILE   judge a description (.toml) or a message; DIR: and its programs\n"   \
    "       mkmanifest encode [--unchecked] DESCRIPTION OUT\n"                                                         \
    "       mkmanifest package [--unchecked] [--build DIR] DESCRIPTION OUT\n"                                          \
    "       mkmanifest show FILE              what it says, for people\n"                                              \
    "       mkmanifest toml FILE              any TOML file as JSON\n"                                                 \
    "       mkmanifest rules                  what is checked\n"                                                       \
    "       mkmanifest names                  the short names of capabilities\n"

void *must_alloc(size_t size)
{
    void *taken = calloc(1, size);

    if (!taken)
        abort();
    return taken;
}

char *text_make(const char *format, ...)
{
    char *text;
    va_list args;

    va_start(args, format);
    if (vasprintf(&text, format, args) < 0)
        abort();
    va_end(args);
    return text;
}

bool file_read(const char *path, char **bytes, size_t *size)
{
    FILE *file = fopen(path, "rb");
    size_t room = 65536;

    if (!file)
        return false;
    *bytes = must_alloc(room);
    *size = 0;
    for (size_t got; (got = fread(*bytes + *size, 1, room - *size, file)) > 0;) {
        *size += got;
        if (*size == room) {
            room *= 2;
            *bytes = realloc(*bytes, room);
            if (!*bytes)
                abort();
        }
    }
    bool good = !ferror(file);
    fclose(file);
    return good;
}

bool file_write(const char *path, const void *bytes, size_t size)
{
    char *new = text_make("%s.new", path);
    FILE *file = fopen(new, "wb");

    if (!file)
        return false;
    bool good = fwrite(bytes, 1, size, file) == size;
    good = fclose(file) == 0 && good;
    return good && rename(new, path) == 0;
}

static void report(void *context, const struct manifest *m, enum manifest_rule rule, uint32_t line, const char *text)
{
    (void)m;
    complain(context, line, manifest_rule_name(rule), "%s", text);
}

/* Where programs are looked for; NULL: they are not. */
struct programs {
    const struct system *system;
    const char *build;
};

static bool program_exists(void *context, const char *path)
{
    const struct programs *p = context;
    const struct manifest *m = &p->system->manifest;

    for (uint32_t i = 0; i < m->count; i++)
        if (strcmp(m->services[i].program, path) == 0) {
            char *file = program_file(p->build, p->system->binary[i]);
            bool there = access(file, R_OK) == 0;
            free(file);
            return there;
        }
    return false;
}

/* Reads the message as init will, into `m`; errors are counted in the system. */
static void message_check(struct system *system, const void *bytes, size_t size, struct manifest *m, const char *build)
{
    struct programs programs = {system, build};
    struct manifest_env env = {.context = &programs, .program = build ? program_exists : NULL};
    size_t room = manifest_arena_size(size);

    if (manifest_decode(m, bytes, size, must_alloc(room), room, report, system))
        (void)manifest_check(m, &env, report, system);
}

static bool description(const char *path)
{
    size_t length = strlen(path);

    return length > 5 && strcmp(path + length - 5, ".toml") == 0;
}

static char *source_read(struct system *system, const char *path, size_t *size)
{
    char *bytes;

    *system = (struct system){.path = path};
    if (file_read(path, &bytes, size))
        return bytes;
    complain(system, 0, "file", "cannot be read");
    return NULL;
}

/* The message of a description; NULL: it has errors, and was to be checked, or is no TOML. */
static void *description_encode(struct system *system, const char *path, size_t *size, bool checked)
{
    struct toml_document document;
    char *text = source_read(system, path, size);

    if (!text)
        return NULL;
    if (!toml_parse(&document, text, *size)) {
        complain(system, document.error_line, "toml", "%s", document.error);
        return NULL;
    }
    system_load(system, document.root);
    if (system->errors > 0 && checked)
        return NULL;
    void *message = must_alloc(MESSAGE_MAX);
    *size = manifest_encode(&system->manifest, message, MESSAGE_MAX);
    if (*size == 0)
        complain(system, 0, manifest_rule_name(MANIFEST_MESSAGE), "the message has more than %u bytes", MESSAGE_MAX);
    return *size ? message : NULL;
}

static int file_check(const char *path, const char *build, bool show)
{
    struct system system;
    struct manifest m = {0};
    size_t size;
    void *message =
        description(path) ? description_encode(&system, path, &size, true) : source_read(&system, path, &size);

    if (message)
        message_check(&system, message, size, &m, build);
    if (show && system.errors == 0)
        manifest_show(&m);
    return system.errors > 0;
}

static int encode(const char *path, const char *out, bool checked)
{
    struct system system;
    struct manifest m;
    size_t size;
    void *message = description_encode(&system, path, &size, checked);

    if (message && checked)
        message_check(&system, message, size, &m, NULL);
    if (!message || (checked && system.errors > 0))
        return 1;
    if (!file_write(out, message, size)) {
        complain(&system, 0, "file", "cannot write %s", out);
        return 1;
    }
    return 0;
}

/* Unchecked: for tests of what init makes of it; programs that there are not are left out. */
static int package(const char *path, const char *build, const char *out, bool checked)
{
    struct system system;
    struct manifest m;
    size_t size;
    void *message = description_encode(&system, path, &size, checked);

    if (message && checked)
        message_check(&system, message, size, &m, build);
    if (!message || (checked && system.errors > 0))
        return 1;
    return !package_write(&system, build, message, size, out, checked);
}

static int toml_print(const char *path)
{
    struct system system;
    struct toml_document document;
    size_t size;
    char *text = source_read(&system, path, &size);

    if (!text)
        return 1;
    if (!toml_parse(&document, text, size)) {
        complain(&system, document.error_line, "toml", "%s", document.error);
        return 1;
    }
    toml_show(document.root);
    putchar('\n');
    return 0;
}

static int rules_print(void)
{
    for (unsigned i = 0; i < MANIFEST_RULE_COUNT; i++)
        printf("%-22s %s\n", manifest_rule_name(i), manifest_rule_demand(i));
    return 0;
}

static int names_print(void)
{
    for (unsigned i = 0; i < short_name_count; i++) {
        printf("%s:", short_names[i].name);
        for (unsigned k = 0; k < SHORT_CAPS_MAX && short_names[i].cap[k].name; k++) {
            const struct manifest_cap *c = &short_names[i].cap[k];
            printf(" %s(%s%s%s)", c->name, manifest_sources[c->source].name, c->from[0] ? " " : "", c->from);
        }
        printf("\n");
    }
    return 0;
}

int main(int argc, char **argv)
{
    const char *build = "build", *what = argc > 1 ? argv[1] : "";
    bool checked = true, built = false;
    int at = 2;

    while (at < argc && strncmp(argv[at], "--", 2) == 0) {
        if (strcmp(argv[at], "--unchecked") == 0) {
            checked = false;
        } else if (strcmp(argv[at], "--build") == 0 && at + 1 < argc) {
            build = argv[++at];
            built = true;
        } else {
            at = argc;
        }
        at++;
    }
    int left = argc - at;
    if (strcmp(what, "check") == 0 && left == 1)
        return file_check(argv[at], built ? build : NULL, false);
    if (strcmp(what, "show") == 0 && left == 1)
        return file_check(argv[at], NULL, true);
    if (strcmp(what, "encode") == 0 && left == 2)
        return encode(argv[at], argv[at + 1], checked);
    if (strcmp(what, "package") == 0 && left == 2)
        return package(argv[at], build, argv[at + 1], checked);
    if (strcmp(what, "toml") == 0 && left == 1)
        return toml_print(argv[at]);
    if (strcmp(what, "rules") == 0 && left == 0)
        return rules_print();
    if (strcmp(what, "names") == 0 && left == 0)
        return names_print();
    fputs(USAGE, stderr);
    return 2;
}
