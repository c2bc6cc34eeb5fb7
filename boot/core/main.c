/* SPDX-License-Identifier: BSD-2-Clause */
#include <boot/console.h>
#include <boot/load.h>

static struct conf the_conf;

/* The first of the places where Limine looks. */
static const char *find_conf(struct file *file)
{
    static const char *const places[] = {
        "/limine.conf", "/limine/limine.conf", "/boot/limine.conf", "/boot/limine/limine.conf", "/EFI/BOOT/limine.conf",
    };
    for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
        enum file_status status = platform_file(places[i], RAM_SCRATCH, file);
        if (status == FILE_OK)
            return places[i];
        if (status != FILE_MISSING)
            BOOT_FAIL(places[i], ": ", load_file_error(status));
    }
    BOOT_FAIL("no limine.conf on the boot volume");
}

static void show_menu(const struct conf *conf)
{
    for (uint64_t row = 1; conf_row(conf, row) != NULL; row++)
        BOOT_SAY(number_of(row).text, row == conf->default_entry ? " * " : "   ", conf_row(conf, row)->title);
}

/* The row that a key chooses, or 0: digits for rows, Enter for the default. */
static uint64_t row_of_key(const struct conf *conf, int key)
{
    if (key == '\r' || key == '\n')
        return conf->default_entry;
    return key >= '1' && key <= '9' ? (uint64_t)(key - '0') : 0;
}

static uint64_t choose(const struct conf *conf)
{
    if (!conf->no_timeout && conf->timeout == 0)
        return conf->default_entry;
    if (!conf->quiet)
        show_menu(conf);
    for (uint64_t second = 0; conf->no_timeout || second < conf->timeout; second++) {
        uint64_t row = row_of_key(conf, platform_key(1000));
        if (row != 0 && conf_row(conf, row) != NULL)
            return row;
    }
    return conf->default_entry;
}

_Noreturn void load_main(void)
{
    struct file file;
    struct conf *conf = &the_conf;
    struct conf_error error;
    const char *place = find_conf(&file);
    if (!conf_parse(conf, file.data, file.size, &error))
        BOOT_FAIL(place, ":", number_of(error.line).text, ": ", error.what);
    if (conf->serial)
        console_serial(true);
    console_verbose(conf->verbose && !conf->quiet);
    if (conf->entry_count == 0)
        BOOT_FAIL(place, ": no entry to boot");
    const struct conf_entry *entry = conf_row(conf, choose(conf));
    if (entry == NULL)
        BOOT_FAIL(place, ": default_entry ", number_of(conf->default_entry).text, " does not exist");
    load_entry(entry);
}
