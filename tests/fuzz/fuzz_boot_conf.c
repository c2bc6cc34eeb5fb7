/* SPDX-License-Identifier: BSD-2-Clause */
/* LINK: boot/core/conf.c */
/* Any bytes as limine.conf: parsing ends, and what it accepts holds terminated strings and counts within limits. */
#include <boot/conf.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void demand(bool condition)
{
    if (!condition)
        abort();
}

static void demand_kept(const struct conf *conf, const char *text)
{
    if (text == NULL || *text == 0)
        return;
    demand(text >= conf->text && text < conf->text + conf->text_used);
    demand(text + strlen(text) < conf->text + conf->text_used);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct conf conf;
    struct conf_error error = {0, NULL};
    if (!conf_parse(&conf, (const char *)data, size, &error)) {
        demand(error.line > 0 && error.what != NULL);
        return 0;
    }
    demand(conf.entry_count <= CONF_ENTRIES && conf.macro_count <= CONF_MACROS && conf.text_used <= CONF_TEXT);
    uint64_t rows = 0;
    while (conf_row(&conf, rows + 1) != NULL)
        rows++;
    demand(rows <= conf.entry_count);
    for (unsigned i = 0; i < conf.entry_count; i++) {
        const struct conf_entry *entry = &conf.entries[i];
        demand_kept(&conf, entry->title);
        demand_kept(&conf, entry->path);
        demand_kept(&conf, entry->cmdline);
        demand(entry->module_count <= CONF_MODULES);
        for (unsigned k = 0; k < entry->module_count; k++) {
            demand_kept(&conf, entry->modules[k].string);
            (void)conf_volume_path(entry->modules[k].path);
        }
    }
    return 0;
}
