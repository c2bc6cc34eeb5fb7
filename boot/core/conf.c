/* SPDX-License-Identifier: BSD-2-Clause */
#include <boot/conf.h>
#include <str.h>

/* A piece of text that is not terminated. */
struct slice {
    const char *text;
    size_t size;
};

struct parser {
    struct conf *conf;
    struct conf_entry *entry; /* the one that options belong to, or NULL */
    const char *error;
};

static bool is_space(char c)
{
    return c == ' ' || c == '\t' || c == '\r';
}

static char lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

static struct slice trim(struct slice s)
{
    while (s.size > 0 && is_space(s.text[0])) {
        s.text++;
        s.size--;
    }
    while (s.size > 0 && is_space(s.text[s.size - 1]))
        s.size--;
    return s;
}

static bool slice_is(struct slice s, const char *word)
{
    size_t n = strlen(word);
    if (s.size != n)
        return false;
    for (size_t i = 0; i < n; i++)
        if (lower(s.text[i]) != word[i])
            return false;
    return true;
}

static bool slice_number(struct slice s, uint64_t *value)
{
    uint64_t sum = 0;
    if (s.size == 0 || s.size > 9)
        return false;
    for (size_t i = 0; i < s.size; i++) {
        if (s.text[i] < '0' || s.text[i] > '9')
            return false;
        sum = sum * 10 + (uint64_t)(s.text[i] - '0');
    }
    *value = sum;
    return true;
}

/* Position of `c` at or after `from`, or s.size. */
static size_t slice_find(struct slice s, size_t from, char c)
{
    while (from < s.size && s.text[from] != c)
        from++;
    return from;
}

static struct slice slice_part(struct slice s, size_t from, size_t to)
{
    return (struct slice){s.text + from, to - from};
}

static const char *keep(struct parser *p, struct slice s)
{
    struct conf *conf = p->conf;
    if (s.size >= CONF_TEXT - conf->text_used) {
        p->error = "the file has too much text";
        return "";
    }
    char *to = conf->text + conf->text_used;
    memcpy(to, s.text, s.size);
    to[s.size] = 0;
    conf->text_used += s.size + 1;
    return to;
}

static void set_flag(struct parser *p, bool *flag, struct slice value)
{
    if (slice_is(value, "yes"))
        *flag = true;
    else if (slice_is(value, "no"))
        *flag = false;
    else
        p->error = "the value must be yes or no";
}

static void set_timeout(struct parser *p, struct slice value)
{
    p->conf->no_timeout = slice_is(value, "no");
    if (!p->conf->no_timeout && !slice_number(value, &p->conf->timeout))
        p->error = "timeout must be a number of seconds or no";
}

static void set_default_entry(struct parser *p, struct slice value)
{
    if (!slice_number(value, &p->conf->default_entry) || p->conf->default_entry == 0)
        p->error = "default_entry must be a number from 1";
}

/* <width>x<height>[x<bpp>] */
static void set_resolution(struct parser *p, struct slice value)
{
    uint64_t width, height, bpp = 32;
    size_t x = slice_find(value, 0, 'x');
    size_t y = x < value.size ? slice_find(value, x + 1, 'x') : x;
    bool good = x < value.size && slice_number(slice_part(value, 0, x), &width) &&
                slice_number(slice_part(value, x + 1, y), &height) && width > 0 && height > 0;
    if (good && y < value.size)
        good = slice_number(slice_part(value, y + 1, value.size), &bpp) && bpp > 0;
    if (!good) {
        p->error = "resolution must be WIDTHxHEIGHT or WIDTHxHEIGHTxBPP";
        return;
    }
    p->entry->width = (uint32_t)width;
    p->entry->height = (uint32_t)height;
    p->entry->bpp = (uint32_t)bpp;
}

static void add_module(struct parser *p, struct slice value)
{
    struct conf_entry *entry = p->entry;
    if (entry->module_count == CONF_MODULES) {
        p->error = "too many modules in one entry";
        return;
    }
    entry->modules[entry->module_count].path = keep(p, value);
    entry->modules[entry->module_count].string = "";
    entry->module_count++;
}

static void set_module_string(struct parser *p, struct slice value)
{
    if (p->entry->module_count == 0)
        p->error = "a module's command line stands before its module_path";
    else
        p->entry->modules[p->entry->module_count - 1].string = keep(p, value);
}

/* Options of the whole file.  False if `name` is none. */
static bool global_option(struct parser *p, struct slice name, struct slice value)
{
    if (slice_is(name, "timeout"))
        set_timeout(p, value);
    else if (slice_is(name, "serial"))
        set_flag(p, &p->conf->serial, value);
    else if (slice_is(name, "verbose"))
        set_flag(p, &p->conf->verbose, value);
    else if (slice_is(name, "quiet"))
        set_flag(p, &p->conf->quiet, value);
    else if (slice_is(name, "default_entry"))
        set_default_entry(p, value);
    else
        return false;
    return true;
}

/* Options of one entry.  Unknown ones are another loader's business. */
static void local_option(struct parser *p, struct slice name, struct slice value)
{
    struct conf_entry *entry = p->entry;
    if (entry == NULL)
        return;
    if (slice_is(name, "protocol"))
        entry->protocol = keep(p, value);
    else if (slice_is(name, "path") || slice_is(name, "kernel_path"))
        entry->path = keep(p, value);
    else if (slice_is(name, "cmdline") || slice_is(name, "kernel_cmdline"))
        entry->cmdline = keep(p, value);
    else if (slice_is(name, "module_path"))
        add_module(p, value);
    else if (slice_is(name, "module_string") || slice_is(name, "module_cmdline"))
        set_module_string(p, value);
    else if (slice_is(name, "resolution"))
        set_resolution(p, value);
}

static void open_entry(struct parser *p, struct slice line, unsigned number)
{
    struct conf *conf = p->conf;
    unsigned level = 0;
    while (line.size > 0 && line.text[0] == '/') {
        line = slice_part(line, 1, line.size);
        level++;
    }
    bool expanded = line.size > 0 && line.text[0] == '+';
    line = trim(expanded ? slice_part(line, 1, line.size) : line);
    struct conf_entry *above = conf->entry_count > 0 ? &conf->entries[conf->entry_count - 1] : NULL;
    if (line.size == 0)
        p->error = "an entry without a title";
    else if (level > (above == NULL ? 1 : above->level + 1))
        p->error = "a sub-entry without the entry above it";
    else if (conf->entry_count == CONF_ENTRIES)
        p->error = "too many entries";
    if (p->error != NULL)
        return;
    if (above != NULL && level == above->level + 1)
        above->directory = true;
    p->entry = &conf->entries[conf->entry_count++];
    memset(p->entry, 0, sizeof *p->entry);
    p->entry->line = number;
    p->entry->level = level;
    p->entry->expanded = expanded;
    p->entry->cmdline = "";
    p->entry->title = keep(p, line);
}

static const char *macro_text(const struct conf *conf, struct slice name)
{
    for (unsigned i = conf->macro_count; i-- > 0;) {
        const struct conf_macro *macro = &conf->macros[i];
        if (strlen(macro->name) == name.size && memcmp(macro->name, name.text, name.size) == 0)
            return macro->text;
    }
    return slice_is(name, "arch") ? "x86-64" : NULL;
}

/* Copies `line` with its ${macros} replaced into `out` (CONF_LINE bytes). */
static struct slice expand(struct parser *p, struct slice line, char *out)
{
    size_t n = 0;
    for (size_t i = 0; i < line.size && p->error == NULL;) {
        struct slice piece = slice_part(line, i, i + 1);
        size_t next = i + 1;
        size_t close = slice_find(line, i, '}');
        if (line.text[i] == '$' && i + 1 < line.size && line.text[i + 1] == '{' && close < line.size) {
            const char *text = macro_text(p->conf, slice_part(line, i + 2, close));
            if (text == NULL) {
                p->error = "a macro that is not defined";
                break;
            }
            piece = (struct slice){text, strlen(text)};
            next = close + 1;
        }
        if (piece.size > CONF_LINE - n) {
            p->error = "the line is too long";
            break;
        }
        memcpy(out + n, piece.text, piece.size);
        n += piece.size;
        i = next;
    }
    return (struct slice){out, n};
}

/* Handles ${NAME}=text.  False if the line is none. */
static bool define_macro(struct parser *p, struct slice line)
{
    size_t close = slice_find(line, 0, '}');
    if (line.size < 2 || line.text[0] != '$' || line.text[1] != '{' || close + 1 >= line.size ||
        line.text[close + 1] != '=')
        return false;
    char buffer[CONF_LINE];
    struct slice text = expand(p, trim(slice_part(line, close + 2, line.size)), buffer);
    if (p->error == NULL && p->conf->macro_count == CONF_MACROS)
        p->error = "too many macros";
    if (p->error != NULL)
        return true;
    struct conf_macro macro = {keep(p, slice_part(line, 2, close)), keep(p, text)};
    p->conf->macros[p->conf->macro_count++] = macro;
    return true;
}

static void parse_line(struct parser *p, struct slice line, unsigned number)
{
    line = trim(line);
    if (line.size == 0 || line.text[0] == '#' || define_macro(p, line))
        return;
    char buffer[CONF_LINE];
    line = expand(p, line, buffer);
    if (p->error != NULL || line.size == 0)
        return;
    if (line.text[0] == '/') {
        open_entry(p, line, number);
        return;
    }
    size_t colon = slice_find(line, 0, ':');
    struct slice name = trim(slice_part(line, 0, colon));
    if (colon == line.size || name.size == 0) {
        p->error = "neither an entry, an option nor a comment";
        return;
    }
    struct slice value = trim(slice_part(line, colon + 1, line.size));
    if (!global_option(p, name, value))
        local_option(p, name, value);
}

bool conf_parse(struct conf *conf, const char *text, size_t size, struct conf_error *error)
{
    memset(conf, 0, sizeof *conf);
    conf->timeout = 5;
    conf->default_entry = 1;
    struct parser parser = {conf, NULL, NULL};
    struct slice all = {text, size};
    unsigned number = 0;
    for (size_t at = 0; at < size;) {
        size_t end = slice_find(all, at, '\n');
        number++;
        for (size_t i = at; i < end; i++)
            if (text[i] == 0)
                parser.error = "a zero byte";
        if (parser.error == NULL)
            parse_line(&parser, slice_part(all, at, end), number);
        if (parser.error != NULL) {
            *error = (struct conf_error){number, parser.error};
            return false;
        }
        at = end + 1;
    }
    return true;
}

const struct conf_entry *conf_row(const struct conf *conf, uint64_t row)
{
    unsigned hidden_below = 0; /* level of the closest collapsed directory, 0: none */
    for (unsigned i = 0; i < conf->entry_count; i++) {
        const struct conf_entry *entry = &conf->entries[i];
        if (hidden_below != 0 && entry->level > hidden_below)
            continue;
        hidden_below = entry->directory && !entry->expanded ? entry->level : 0;
        if (--row == 0)
            return entry;
    }
    return NULL;
}

const char *conf_volume_path(const char *path)
{
    static const char resource[] = "boot():/";
    size_t n = sizeof resource - 1;
    for (size_t i = 0; i < n; i++)
        if (path[i] != resource[i])
            return NULL;
    for (size_t i = n; path[i] != 0; i++)
        if (path[i] == '#')
            return NULL;
    return path + n - 1;
}
