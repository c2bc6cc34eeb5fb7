/* SPDX-License-Identifier: BSD-2-Clause */
/* From a document to services.  docs/manifest.md has every key. */
#include <ctype.h>
#include <errno.h>
#include <mnos/object.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "mkmanifest.h"

#define KIB 1024ull

#define DEFAULT_MEMORY      (2 * KIB * KIB)
#define DEFAULT_PRIORITY    100
#define DEFAULT_SLOTS       256
#define DEFAULT_BACKOFF     100
#define DEFAULT_BACKOFF_MAX 5000
#define DEFAULT_LIMIT       10
#define DEFAULT_START       10000

/* A table being read, for its messages. */
struct reading {
    struct system *system;
    const struct toml_value *table;
    const char *what; /* "service 'vfs'" */
};

void complain(struct system *system, unsigned line, const char *rule, const char *format, ...)
{
    va_list args;

    system->errors++;
    fprintf(stderr, "%s:", system->path);
    if (line > 0)
        fprintf(stderr, "%u:", line);
    fprintf(stderr, " %s: ", rule);
    va_start(args, format);
    vfprintf(stderr, format, args);
    va_end(args);
    fputc('\n', stderr);
}

/* ---- Keys of one table ---- */

static void keys_check(struct reading *r, const char *const *known)
{
    for (size_t i = 0; i < r->table->count; i++) {
        unsigned k = 0;
        while (known[k] && strcmp(known[k], r->table->keys[i]) != 0)
            k++;
        if (!known[k])
            complain(r->system, r->table->items[i]->line, "key", "%s has the unknown key '%s'", r->what,
                     r->table->keys[i]);
    }
}

static const struct toml_value *get(struct reading *r, const char *key, enum toml_kind kind)
{
    const struct toml_value *v = toml_get(r->table, key);

    if (v && v->kind != kind) {
        complain(r->system, v->line, "key", "%s: '%s' is %s, not %s", r->what, key, toml_kind_name(v->kind),
                 toml_kind_name(kind));
        return NULL;
    }
    return v;
}

static const char *text_get(struct reading *r, const char *key, const char *otherwise)
{
    const struct toml_value *v = get(r, key, TOML_STRING);

    return v ? v->string : otherwise;
}

static uint64_t number_get(struct reading *r, const char *key, uint64_t otherwise, uint64_t most)
{
    const struct toml_value *v = get(r, key, TOML_INTEGER);

    if (v && (v->integer < 0 || (uint64_t)v->integer > most)) {
        complain(r->system, v->line, "key", "%s: '%s' is %lld; it can be 0 to %llu", r->what, key,
                 (long long)v->integer, (unsigned long long)most);
        return otherwise;
    }
    return v ? (uint64_t)v->integer : otherwise;
}

static bool flag_get(struct reading *r, const char *key)
{
    const struct toml_value *v = get(r, key, TOML_BOOLEAN);

    return v && v->boolean;
}

struct unit {
    const char *name;
    uint64_t factor;
};
static const struct unit sizes[] = {{"K", KIB}, {"M", KIB *KIB}, {"G", KIB *KIB *KIB}, {NULL, 0}};
static const struct unit times[] = {{"us", 1000}, {"ms", 1000000}, {"s", 1000000000}, {NULL, 0}};

/* A number of the smallest unit, or a string of a number and a unit. */
static uint64_t quantity_get(struct reading *r, const char *key, const struct unit *units, uint64_t otherwise,
                             uint64_t most)
{
    const struct toml_value *v = toml_get(r->table, key);
    char *end;

    if (!v || v->kind == TOML_INTEGER)
        return number_get(r, key, otherwise, most);
    v = get(r, key, TOML_STRING);
    if (!v)
        return otherwise;
    errno = 0;
    unsigned long long value = isdigit((unsigned char)v->string[0]) ? strtoull(v->string, &end, 10) : 0;
    for (; isdigit((unsigned char)v->string[0]) && errno == 0 && units->name; units++)
        if (strcmp(end, units->name) == 0 && value <= most / units->factor)
            return value * units->factor;
    complain(r->system, v->line, "key", "%s: '%s' is \"%s\"; a number and a unit was expected", r->what, key,
             v->string);
    return otherwise;
}

static uint32_t ms_get(struct reading *r, const char *key, uint32_t otherwise)
{
    const struct toml_value *v = toml_get(r->table, key);

    if (v && v->kind == TOML_INTEGER) /* a bare number counts milliseconds */
        return (uint32_t)number_get(r, key, otherwise, UINT32_MAX);
    return (uint32_t)(quantity_get(r, key, times, otherwise * 1000000ull, UINT32_MAX * 1000000ull) / 1000000);
}

static const char **texts_get(struct reading *r, const char *key, uint32_t *count)
{
    const struct toml_value *v = get(r, key, TOML_ARRAY);

    *count = 0;
    if (!v)
        return NULL;
    const char **texts = must_alloc((v->count + 1) * sizeof *texts);
    for (size_t i = 0; i < v->count; i++)
        if (v->items[i]->kind == TOML_STRING)
            texts[(*count)++] = v->items[i]->string;
        else
            complain(r->system, v->items[i]->line, "key", "%s: '%s' holds %s", r->what, key,
                     toml_kind_name(v->items[i]->kind));
    return texts;
}

static uint8_t rights_get(struct reading *r, uint8_t otherwise)
{
    static const char *const names[] = {"read", "write", "exec", "send", "recv", "grant", "revoke"};
    uint32_t count;

    if (!toml_get(r->table, "rights"))
        return otherwise;
    const char **texts = texts_get(r, "rights", &count);
    uint8_t rights = 0;
    for (uint32_t i = 0; i < count; i++) {
        unsigned k = 0;
        while (k < 7 && strcmp(names[k], texts[i]) != 0)
            k++;
        if (k == 7)
            complain(r->system, toml_get(r->table, "rights")->line, "key", "%s: there is no right '%s'", r->what,
                     texts[i]);
        else
            rights |= (uint8_t)(1u << k);
    }
    return rights;
}

/* A name that tools/mkmanifest/interfaces.c knows, or "0x...". */
static uint64_t interface_get(struct reading *r)
{
    const char *text = text_get(r, "interface", NULL);
    char *end = NULL;

    if (!text)
        return 0;
    uint64_t id = interface_id(text);
    if (id == 0 && strncmp(text, "0x", 2) == 0 && isxdigit((unsigned char)text[2])) {
        errno = 0;
        id = strtoull(text, &end, 16);
        id = *end || errno ? 0 : id;
    }
    if (id == 0)
        complain(r->system, toml_get(r->table, "interface")->line, "key", "%s: there is no interface '%s'", r->what,
                 text);
    return id;
}

/* ---- Capabilities ---- */

static void cap_add(struct manifest_service *s, const struct manifest_cap *cap)
{
    s->caps = realloc(s->caps, (s->cap_count + 1) * sizeof *s->caps);
    if (!s->caps)
        abort();
    s->caps[s->cap_count++] = *cap;
}

static void short_add(struct reading *r, struct manifest_service *s, const char *name, unsigned line, bool *itself)
{
    const struct short_name *found = short_name_find(name);

    if (!found) {
        complain(r->system, line, "key", "%s: there is no capability '%s'", r->what, name);
        return;
    }
    *itself = *itself || found->provides_itself;
    for (unsigned i = 0; i < SHORT_CAPS_MAX && found->cap[i].name; i++) {
        struct manifest_cap cap = found->cap[i];
        uint32_t same = 0;
        while (same < s->cap_count && (strcmp(s->caps[same].name, cap.name) != 0 || s->caps[same].source != cap.source))
            same++;
        cap.line = line;
        if (same == s->cap_count)
            cap_add(s, &cap);
    }
}

static void cap_read(struct system *system, struct manifest_service *s, const struct toml_value *table)
{
    static const char *const keys[] = {"name",   "source",    "service", "first",    "count",
                                       "rights", "interface", "late",    "optional", NULL};
    struct reading r = {system, table, text_make("a capability of service '%s'", s->name)};
    struct manifest_cap cap = {.from = "", .line = table->line};

    keys_check(&r, keys);
    const char *source = text_get(&r, "source", NULL);
    cap.from = text_get(&r, "service", "");
    if (!source && cap.from[0] != '\0')
        source = "service";
    while (cap.source < MANIFEST_SOURCES && (!source || strcmp(manifest_sources[cap.source].name, source) != 0))
        cap.source++;
    if (cap.source == MANIFEST_SOURCES) {
        complain(system, table->line, manifest_rule_name(MANIFEST_UNKNOWN_SOURCE), "%s: there is no source '%s'",
                 r.what, source ? source : "");
        source = "";
    }
    static const struct manifest_source_info unknown;
    const struct manifest_source_info *from = cap.source < MANIFEST_SOURCES ? &manifest_sources[cap.source] : &unknown;
    cap.name = text_get(&r, "name", cap.source == MANIFEST_SERVICE ? cap.from : source);
    cap.first = number_get(&r, "first", 0, INT64_MAX);
    cap.count = quantity_get(&r, "count", sizes, 0, INT64_MAX);
    cap.interface = interface_get(&r);
    cap.late = flag_get(&r, "late");
    cap.rights = rights_get(&r, (uint8_t)(from->usual | (cap.late ? MNOS_RIGHT_GRANT : 0)));
    cap.optional = flag_get(&r, "optional");
    cap_add(s, &cap);
}

/* True: a short name among them says that the service provides its own name. */
static bool caps_read(struct reading *r, struct manifest_service *s)
{
    const struct toml_value *v = get(r, "capabilities", TOML_ARRAY);
    bool itself = false;

    for (size_t i = 0; v && i < v->count; i++) {
        const struct toml_value *item = v->items[i];
        if (item->kind == TOML_STRING)
            short_add(r, s, item->string, item->line, &itself);
        else if (item->kind == TOML_TABLE)
            cap_read(r->system, s, item);
        else
            complain(r->system, item->line, "key", "%s: 'capabilities' holds %s", r->what, toml_kind_name(item->kind));
    }
    return itself;
}

static void provided_add(struct manifest_service *s, struct manifest_provided provided)
{
    s->provides = realloc(s->provides, (s->provided_count + 1) * sizeof *s->provides);
    if (!s->provides)
        abort();
    s->provides[s->provided_count++] = provided;
}

static void provided_read(struct reading *service, struct manifest_service *s, const struct toml_value *item)
{
    static const char *const keys[] = {"name", "capability", "interface", "rights", NULL};
    struct manifest_provided p = {.capability = "", .line = item->line, .rights = MNOS_RIGHT_SEND | MNOS_RIGHT_GRANT};

    if (item->kind == TOML_STRING) {
        p.name = item->string;
        provided_add(s, p);
        return;
    }
    if (item->kind != TOML_TABLE) {
        complain(service->system, item->line, "key", "%s: 'provides' holds %s", service->what,
                 toml_kind_name(item->kind));
        return;
    }
    struct reading r = {service->system, item, text_make("what service '%s' provides", s->name)};
    keys_check(&r, keys);
    p.name = text_get(&r, "name", "");
    p.capability = text_get(&r, "capability", "");
    p.interface = interface_get(&r);
    p.rights = rights_get(&r, p.rights);
    provided_add(s, p);
}

/* ---- Services ---- */

/* The number of one of these words; a word that is none is complained about under its rule. */
static uint16_t word_get(struct reading *r, const char *key, uint16_t otherwise, const char *(*name)(unsigned),
                         uint16_t count, enum manifest_rule rule)
{
    const char *text = text_get(r, key, NULL);
    uint16_t value = 0;

    if (!text)
        return otherwise;
    char *word = text_make("%s", text);
    for (char *c = word; *c; c++)
        *c = *c == '_' ? '-' : *c;
    while (value < count && strcmp(name(value), word) != 0)
        value++;
    if (value == count) {
        complain(r->system, toml_get(r->table, key)->line, manifest_rule_name(rule), "%s: '%s' cannot be \"%s\"",
                 r->what, key, text);
    }
    return value;
}

static void cpu_read(struct reading *service, struct manifest_service *s)
{
    static const char *const keys[] = {"budget", "period", NULL};
    const struct toml_value *v = get(service, "cpu", TOML_TABLE);

    if (!v)
        return;
    struct reading r = {service->system, v, text_make("'cpu' of %s", service->what)};
    keys_check(&r, keys);
    s->cpu_ns = quantity_get(&r, "budget", times, 0, INT64_MAX);
    s->period_ns = quantity_get(&r, "period", times, 0, INT64_MAX);
}

static bool start_read(struct reading *r)
{
    const char *text = text_get(r, "start", "boot");

    if (strcmp(text, "boot") != 0 && strcmp(text, "request") != 0)
        complain(r->system, toml_get(r->table, "start")->line, "key", "%s: 'start' is \"boot\" or \"request\"",
                 r->what);
    return strcmp(text, "request") == 0;
}

static void service_read(struct system *system, const struct toml_value *table, struct manifest_service *s,
                         const char **binary)
{
    static const char *const keys[] = {"name",           "path",       "binary",      "args",          "capabilities",
                                       "provides",       "depends_on", "memory",      "cpu",           "slots",
                                       "restart_policy", "backoff",    "backoff_max", "restart_limit", "priority",
                                       "readiness",      "start",      "instances",   "start_timeout", NULL};
    struct reading r = {system, table, "a service"};

    s->name = text_get(&r, "name", "");
    s->line = table->line;
    r.what = text_make("service '%s'", s->name);
    keys_check(&r, keys);
    const char *path = text_get(&r, "path", "");
    s->program = path + strspn(path, "/");
    const char *last = strrchr(s->program, '/');
    *binary = text_get(&r, "binary", last ? last + 1 : s->program);
    s->args = texts_get(&r, "args", &s->arg_count);
    s->depends_on = texts_get(&r, "depends_on", &s->depend_count);
    s->memory = quantity_get(&r, "memory", sizes, DEFAULT_MEMORY, INT64_MAX);
    cpu_read(&r, s);
    s->slots = (uint32_t)number_get(&r, "slots", DEFAULT_SLOTS, UINT32_MAX);
    s->priority = (uint8_t)number_get(&r, "priority", DEFAULT_PRIORITY, UINT8_MAX);
    s->restart = word_get(&r, "restart_policy", MANIFEST_NEVER, manifest_restart_name, MANIFEST_RESTARTS,
                          MANIFEST_RESTART_POLICY);
    s->backoff_ms = ms_get(&r, "backoff", DEFAULT_BACKOFF);
    s->backoff_max_ms = ms_get(&r, "backoff_max", DEFAULT_BACKOFF_MAX);
    s->restart_limit = (uint32_t)number_get(&r, "restart_limit", DEFAULT_LIMIT, UINT32_MAX);
    s->readiness = word_get(&r, "readiness", MANIFEST_REGISTERED, manifest_readiness_name, MANIFEST_READINESSES,
                            MANIFEST_READINESS);
    s->start_ms = ms_get(&r, "start_timeout", DEFAULT_START);
    s->on_request = start_read(&r);
    s->instances = (uint16_t)number_get(&r, "instances", 1, UINT16_MAX);
    bool itself = caps_read(&r, s);
    const struct toml_value *provides = get(&r, "provides", TOML_ARRAY);
    for (size_t i = 0; provides && i < provides->count; i++)
        provided_read(&r, s, provides->items[i]);
    if (!provides && itself)
        provided_add(
            s, (struct manifest_provided){
                   .name = s->name, .capability = "", .line = s->line, .rights = MNOS_RIGHT_SEND | MNOS_RIGHT_GRANT});
}

/* ---- The document ---- */

static void head_read(struct system *system, const struct toml_value *table)
{
    static const char *const keys[] = {"name", "schema", "memory", NULL};
    struct reading r = {system, table, "[system]"};
    struct manifest *m = &system->manifest;
    int used = 0;
    unsigned major = MANIFEST_MAJOR, minor = MANIFEST_MINOR;

    keys_check(&r, keys);
    m->name = text_get(&r, "name", m->name);
    m->memory = quantity_get(&r, "memory", sizes, 0, INT64_MAX);
    const char *schema = text_get(&r, "schema", NULL);
    if (schema && (sscanf(schema, "%3u.%3u%n", &major, &minor, &used) != 2 || schema[used] != '\0'))
        complain(system, toml_get(table, "schema")->line, "key", "[system]: 'schema' is \"%s\", not as \"1.0\"",
                 schema);
    m->major = (uint16_t)major;
    m->minor = (uint16_t)minor;
}

static const struct toml_value *tables_get(struct system *system, const struct toml_value *root, const char *key)
{
    static const struct toml_value none = {.kind = TOML_ARRAY};
    struct reading r = {system, root, "the description"};
    const struct toml_value *v = get(&r, key, TOML_ARRAY);

    for (size_t i = 0; v && i < v->count; i++)
        if (v->items[i]->kind != TOML_TABLE) {
            complain(system, v->items[i]->line, "key", "'%s' holds %s", key, toml_kind_name(v->items[i]->kind));
            return &none;
        }
    return v ? v : &none;
}

static void files_read(struct system *system, const struct toml_value *files)
{
    static const char *const keys[] = {"path", "file", NULL};

    system->files = must_alloc((files->count + 1) * sizeof *system->files);
    for (size_t i = 0; i < files->count; i++) {
        struct reading r = {system, files->items[i], "[[files]]"};
        keys_check(&r, keys);
        const char *path = text_get(&r, "path", "");
        struct system_file file = {path + strspn(path, "/"), text_get(&r, "file", ""), files->items[i]->line};
        if (file.member[0] == '\0' || file.file[0] == '\0')
            complain(system, file.line, "key", "[[files]] needs 'path' and 'file'");
        else
            system->files[system->file_count++] = file;
    }
}

void system_load(struct system *system, const struct toml_value *root)
{
    static const char *const keys[] = {"system", "services", "files", NULL};
    struct reading r = {system, root, "the description"};
    struct manifest *m = &system->manifest;
    const char *base = strrchr(system->path, '/');

    keys_check(&r, keys);
    m->name = "";
    m->source = base ? base + 1 : system->path;
    m->major = MANIFEST_MAJOR;
    m->minor = MANIFEST_MINOR;
    const struct toml_value *head = get(&r, "system", TOML_TABLE);
    if (head)
        head_read(system, head);
    const struct toml_value *services = tables_get(system, root, "services");
    m->count = (uint32_t)services->count;
    m->services = must_alloc((services->count + 1) * sizeof *m->services);
    system->binary = must_alloc((services->count + 1) * sizeof *system->binary);
    for (uint32_t i = 0; i < m->count; i++)
        service_read(system, services->items[i], &m->services[i], &system->binary[i]);
    files_read(system, tables_get(system, root, "files"));
}
