/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The authority graph of a running system, from what the monitor's command `graph` printed: who holds what, derived from
 * whom.  The lines come from the kernel's derivation tree.
 *
 *   graph LOG           the graph as text
 *   graph --dot LOG     for Graphviz
 *   graph --svg LOG     a picture
 *   graph --compare PACKAGE LOG
 *                       what differs from the closure of the manifest in this boot package (lib/include/authority.h); the
 *                       status is 1 where something does
 *
 * LOG may hold anything else besides ("-": standard input).  A listing that is incomplete or contradicts itself is refused.
 */
#include <authority.h>
#include <inttypes.h>
#include <libmnos/objects.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <ustar.h>

#define PROCESSES 512u
#define CAPS      65536u
#define PACKAGE   (64u << 20)

struct process {
    uint64_t pid, parent;
    char name[32];
    unsigned depth, column; /* place in the picture */
};

struct cap {
    uint64_t pid, slot, badge, object, size, node, parent;
    char type[16], rights[8];
    const struct cap *origin; /* what it was derived from; NULL: a root */
};

static struct process processes[PROCESSES];
static struct cap caps[CAPS];
static size_t process_count, cap_count;

static _Noreturn void refuse(const char *what, uint64_t number)
{
    fprintf(stderr, "graph: %s (%" PRIu64 ")\n", what, number);
    exit(2);
}

/* ---- reading ----------------------------------------------------------------------------------------------------- */

static struct process *process_of(uint64_t pid)
{
    for (size_t i = 0; i < process_count; i++)
        if (processes[i].pid == pid)
            return &processes[i];
    return NULL;
}

static void read_process(const char *line)
{
    struct process p = {0};

    if (sscanf(line, "%" SCNu64 " %" SCNu64 " %31s", &p.pid, &p.parent, p.name) != 3)
        refuse("a line of a process that is none", process_count);
    if (process_count == PROCESSES)
        refuse("more processes than this tool has room for", PROCESSES);
    if (process_of(p.pid) != NULL)
        refuse("a process twice", p.pid);
    processes[process_count++] = p;
}

static void read_cap(const char *line)
{
    struct cap c = {0};

    if (sscanf(line, "%" SCNu64 " %" SCNu64 " %15s %7s %" SCNu64 " %" SCNu64 " %" SCNu64 " %" SCNu64 " %" SCNu64,
               &c.pid, &c.slot, c.type, c.rights, &c.badge, &c.object, &c.size, &c.node, &c.parent) != 9)
        refuse("a line of a capability that is none", cap_count);
    if (cap_count == CAPS)
        refuse("more capabilities than this tool has room for", CAPS);
    if (process_of(c.pid) == NULL)
        refuse("a capability of a process that is not listed", c.pid);
    caps[cap_count++] = c;
}

static void read_log(FILE *file)
{
    char line[512];
    uint64_t told = UINT64_MAX;

    while (fgets(line, sizeof line, file) != NULL) {
        const char *at = strstr(line, "graph: ");
        if (at == NULL)
            continue;
        at += strlen("graph: ");
        if (strncmp(at, "process ", 8) == 0)
            read_process(at + 8);
        else if (strncmp(at, "cap ", 4) == 0)
            read_cap(at + 4);
        else if (sscanf(at, "end %" SCNu64, &told) == 1)
            break;
    }
    if (told == UINT64_MAX)
        refuse("no complete listing: its last line is missing, lines", process_count + cap_count);
    if (told != process_count + cap_count)
        refuse("lines are missing; the listing has", told);
}

static void link_caps(void)
{
    for (size_t i = 0; i < cap_count; i++) {
        for (size_t k = 0; k < cap_count && caps[i].parent != 0 && caps[i].origin == NULL; k++)
            if (caps[k].node == caps[i].parent)
                caps[i].origin = &caps[k];
        if (caps[i].parent != 0 && caps[i].origin == NULL)
            refuse("the origin of a capability is not listed: node", caps[i].parent);
        if (caps[i].origin != NULL && strcmp(caps[i].origin->type, caps[i].type) != 0)
            refuse("a capability is of another type than its origin: node", caps[i].node);
    }
}

/* ---- text -------------------------------------------------------------------------------------------------------- */

static void print_text(void)
{
    for (size_t i = 0; i < process_count; i++) {
        const struct process *p = &processes[i];
        printf("%s (%" PRIu64 ")\n", p->name, p->pid);
        for (size_t k = 0; k < cap_count; k++) {
            const struct cap *c = &caps[k];
            if (c->pid != p->pid)
                continue;
            printf("  %4" PRIu64 " %-12s %-8s object %" PRIu64, c->slot, c->type, c->rights, c->object);
            if (c->badge != 0)
                printf(" badge %" PRIu64, c->badge);
            if (c->origin == NULL)
                puts(", a root");
            else
                printf(", of %s (%" PRIu64 ") slot %" PRIu64 "\n", process_of(c->origin->pid)->name, c->origin->pid,
                       c->origin->slot);
        }
    }
}

/* ---- edges: what one process has from another ----------------------------------------------------------------------- */

/* "Endpoint x2, Memory": the types of what `to` has from `from`.  False: nothing. */
static bool edge_label(const struct process *from, const struct process *to, char *text, size_t room)
{
    static const char *const types[] = {"Pool",  "Memory",    "Process", "Thread",  "Endpoint", "Notification",
                                        "Reply", "Interrupt", "IoPort",  "IoSpace", "System"};
    size_t used = 0;

    text[0] = '\0';
    for (size_t t = 0; t < sizeof types / sizeof types[0]; t++) {
        unsigned count = 0;
        for (size_t k = 0; k < cap_count; k++)
            count += caps[k].pid == to->pid && caps[k].origin != NULL && caps[k].origin->pid == from->pid &&
                     strcmp(caps[k].type, types[t]) == 0;
        if (count == 0)
            continue;
        int n =
            snprintf(text + used, room - used, count > 1 ? "%s%s x%u" : "%s%s", used > 0 ? ", " : "", types[t], count);
        used += n > 0 && (size_t)n < room - used ? (size_t)n : 0;
    }
    return used > 0;
}

static void print_dot(void)
{
    char label[256];

    puts("digraph authority {\n    rankdir = LR;\n    node [shape = box, fontname = \"sans-serif\"];");
    for (size_t i = 0; i < process_count; i++)
        printf("    p%" PRIu64 " [label = \"%s (%" PRIu64 ")\"];\n", processes[i].pid, processes[i].name,
               processes[i].pid);
    for (size_t i = 0; i < process_count; i++)
        for (size_t k = 0; k < process_count; k++)
            if (i != k && edge_label(&processes[i], &processes[k], label, sizeof label))
                printf("    p%" PRIu64 " -> p%" PRIu64 " [label = \"%s\", fontsize = 9];\n", processes[i].pid,
                       processes[k].pid, label);
    puts("}");
}

/* ---- picture: who was started by whom from left to right ------------------------------------------------------------ */

#define BOX_W 150u
#define BOX_H 36u
#define GAP_X 230u
#define GAP_Y 56u

static unsigned place(void)
{
    unsigned used[PROCESSES] = {0}, rows = 0;

    for (size_t i = 0; i < process_count; i++) {
        struct process *p = &processes[i];
        const struct process *parent = process_of(p->parent);
        p->depth = parent != NULL && parent < p ? parent->depth + 1 : 0;
        p->column = used[p->depth]++;
        if (used[p->depth] > rows)
            rows = used[p->depth];
    }
    return rows;
}

static void print_svg(void)
{
    unsigned rows = place(), depth = 0;
    char label[256];

    for (size_t i = 0; i < process_count; i++)
        depth = processes[i].depth > depth ? processes[i].depth : depth;
    printf("<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%u\" height=\"%u\" font-family=\"sans-serif\">\n",
           depth * (BOX_W + GAP_X) + BOX_W + 40, rows * (BOX_H + GAP_Y) + 40);
    puts("<defs><marker id=\"a\" viewBox=\"0 0 8 8\" refX=\"8\" refY=\"4\" markerWidth=\"8\" markerHeight=\"8\" "
         "orient=\"auto\"><path d=\"M0 0L8 4L0 8z\"/></marker></defs>");
    for (size_t i = 0; i < process_count; i++)
        for (size_t k = 0; k < process_count; k++) {
            const struct process *a = &processes[i], *b = &processes[k];
            if (i == k || !edge_label(a, b, label, sizeof label))
                continue;
            unsigned ax = 20 + a->depth * (BOX_W + GAP_X) + BOX_W, ay = 20 + a->column * (BOX_H + GAP_Y) + BOX_H / 2;
            unsigned bx = 20 + b->depth * (BOX_W + GAP_X), by = 20 + b->column * (BOX_H + GAP_Y) + BOX_H / 2;
            if (b->depth <= a->depth) { /* back, or to a neighbour: from below to above */
                ax -= BOX_W / 2;
                bx += BOX_W / 2;
                ay += b->column > a->column ? BOX_H / 2 : 0;
                by = b->column > a->column ? by - BOX_H / 2 : by + BOX_H / 2;
            }
            printf("<path d=\"M%u %uL%u %u\" stroke=\"#888\" fill=\"none\" marker-end=\"url(#a)\"/>\n", ax, ay, bx, by);
            printf("<text x=\"%u\" y=\"%u\" font-size=\"9\" text-anchor=\"middle\">%s</text>\n", (ax + bx) / 2,
                   (ay + 2 * by) / 3 - 4, label);
        }
    for (size_t i = 0; i < process_count; i++) {
        const struct process *p = &processes[i];
        unsigned x = 20 + p->depth * (BOX_W + GAP_X), y = 20 + p->column * (BOX_H + GAP_Y);
        printf("<rect x=\"%u\" y=\"%u\" width=\"%u\" height=\"%u\" rx=\"4\" fill=\"#eef\" stroke=\"#336\"/>\n", x, y,
               BOX_W, BOX_H);
        printf("<text x=\"%u\" y=\"%u\" font-size=\"13\" text-anchor=\"middle\">%s (%" PRIu64 ")</text>\n",
               x + BOX_W / 2, y + BOX_H / 2 + 5, p->name, p->pid);
    }
    puts("</svg>");
}

/* ---- the manifest ---------------------------------------------------------------------------------------------------- */

static uint8_t *package_read(const char *name, size_t *size)
{
    static uint8_t bytes[PACKAGE];
    FILE *file = fopen(name, "rb");

    if (file == NULL || (*size = fread(bytes, 1, sizeof bytes, file)) == 0 || *size == sizeof bytes) {
        fprintf(stderr, "graph: cannot read %s\n", name);
        exit(2);
    }
    fclose(file);
    return bytes;
}

static void breach_print(void *context, const struct manifest *m, enum manifest_rule rule, uint32_t line,
                         const char *text)
{
    (void)context, (void)m;
    fprintf(stderr, "graph: manifest: %s: %s (line %" PRIu32 ")\n", manifest_rule_name(rule), text, line);
}

static void manifest_read(struct manifest *m, const char *name)
{
    struct ustar_member member;
    struct manifest_env env = {0};
    size_t size = 0;
    const uint8_t *bytes = package_read(name, &size);

    if (ustar_find(bytes, size, MANIFEST_PATH, &member) != USTAR_OK)
        refuse("the package holds no manifest; its bytes are", size);
    size_t room = manifest_arena_size(member.size);
    void *arena = calloc(1, room);
    if (arena == NULL || !manifest_decode(m, member.data, member.size, arena, room, breach_print, NULL) ||
        manifest_check(m, &env, breach_print, NULL) != 0)
        refuse("the manifest is not sound; its bytes are", member.size);
}

static uint32_t type_number(const char *name)
{
    uint32_t type = 0;

    while (type < MNOS_TYPE_COUNT && strcmp(mnos_type_name(type), name) != 0)
        type++;
    return type;
}

static uint32_t rights_bits(const char *text)
{
    uint32_t bits = 0;

    for (uint32_t i = 0; text[i] != '\0'; i++)
        bits |= text[i] != '-' ? 1u << i : 0;
    return bits;
}

static void difference_print(void *context, const char *text)
{
    (void)context;
    printf("difference: %s\n", text);
}

static int compare(const char *package)
{
    static struct authority_process holders[PROCESSES];
    static struct authority_cap held[CAPS];
    static uint32_t index[2 * CAPS];
    struct authority a = {.processes = holders,
                          .caps = held,
                          .index = index,
                          .process_room = PROCESSES,
                          .cap_room = CAPS,
                          .index_room = 2 * CAPS};
    struct manifest m;
    uint32_t bad = 0;

    manifest_read(&m, package);
    for (size_t i = 0; i < process_count; i++)
        if (!authority_add_process(&a, processes[i].pid, processes[i].parent, processes[i].name))
            refuse("a process that is not in order", processes[i].pid);
    for (size_t i = 0; i < cap_count; i++) {
        const struct cap *c = &caps[i];
        struct mnos_info_cap info = {.pid = c->pid,
                                     .slot = c->slot,
                                     .type = type_number(c->type),
                                     .rights = rights_bits(c->rights),
                                     .badge = c->badge,
                                     .object = c->object,
                                     .size = c->size,
                                     .node = c->node,
                                     .parent = c->parent};
        if (!authority_add_cap(&a, &info))
            refuse("a capability that is not in order: node", c->node);
    }
    const char *wrong = authority_link(&a, &bad);
    if (wrong != NULL)
        refuse(wrong, caps[bad].node);
    unsigned differences = authority_compare(&a, &m, difference_print, NULL);
    printf("%u differences between %zu capabilities of %zu processes and the manifest '%s'\n", differences, cap_count,
           process_count, m.name);
    return differences == 0 ? 0 : 1;
}

int main(int argc, char **argv)
{
    bool dot = argc == 3 && strcmp(argv[1], "--dot") == 0, svg = argc == 3 && strcmp(argv[1], "--svg") == 0;
    bool closure = argc == 4 && strcmp(argv[1], "--compare") == 0;

    if (argc != 2 && !dot && !svg && !closure) {
        fputs("usage: graph [--dot | --svg | --compare PACKAGE] LOG\n", stderr);
        return 2;
    }
    const char *name = argv[argc - 1];
    FILE *file = strcmp(name, "-") == 0 ? stdin : fopen(name, "r");
    if (file == NULL) {
        fprintf(stderr, "graph: cannot read %s\n", name);
        return 2;
    }
    read_log(file);
    link_caps();
    if (closure)
        return compare(argv[2]);
    if (dot)
        print_dot();
    else if (svg)
        print_svg();
    else
        print_text();
    return 0;
}
