/* SPDX-License-Identifier: BSD-2-Clause */
/* LINK: lib/ustar/ */
#include "host_test.h"

#include <fcntl.h>
#include <ftw.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <unistd.h>
#include <ustar.h>

#define BLOCK USTAR_BLOCK

/* An archive under construction: as long as it says, and no byte longer. */
struct archive {
    uint8_t *bytes;
    size_t size;
};

static uint8_t *archive_grow(struct archive *archive, size_t size)
{
    archive->bytes = realloc(archive->bytes, archive->size + size);
    assert_non_null(archive->bytes);
    uint8_t *at = archive->bytes + archive->size;
    memset(at, 0, size);
    archive->size += size;
    return at;
}

static void header_seal(uint8_t *header)
{
    unsigned sum = 0;

    memset(header + 148, ' ', 8);
    for (size_t i = 0; i < BLOCK; i++)
        sum += header[i];
    snprintf((char *)header + 148, 8, "%06o", sum);
}

/* Field offsets: name 0, mode 100, uid 108, gid 116, size 124, mtime 136, checksum 148, type 156, link 157, magic 257,
 * version 263, prefix 345. */
static size_t member_add(struct archive *archive, const char *name, char type, const char *data)
{
    size_t offset = archive->size, size = data == NULL ? 0 : strlen(data);
    uint8_t *header = archive_grow(archive, BLOCK + (size + BLOCK - 1) / BLOCK * BLOCK);

    strncpy((char *)header, name, 100);
    snprintf((char *)header + 100, 8, "%07o", 0644u);
    snprintf((char *)header + 108, 8, "%07o", 1000u);
    snprintf((char *)header + 116, 8, "%07o", 100u);
    snprintf((char *)header + 124, 12, "%011o", (unsigned)size & 0xffffff);
    snprintf((char *)header + 136, 12, "%011o", 1700000000u);
    header[156] = (uint8_t)type;
    memcpy(header + 257, "ustar\00000", 8);
    if (data != NULL)
        memcpy(header + BLOCK, data, size);
    header_seal(header);
    return offset;
}

static void archive_end(struct archive *archive)
{
    archive_grow(archive, 2 * BLOCK);
}

static struct archive sample_make(void)
{
    struct archive archive = {0};

    member_add(&archive, "boot/manifest.bin", '0', "the manifest");
    member_add(&archive, "sbin/", '5', NULL);
    member_add(&archive, "sbin/init", '0', "init's bytes");
    size_t link = member_add(&archive, "sbin/start", '2', NULL);
    strcpy((char *)archive.bytes + link + 157, "init");
    header_seal(archive.bytes + link);
    member_add(&archive, "empty", '\0', "");
    archive_end(&archive);
    return archive;
}

static enum ustar_error check(const struct archive *archive)
{
    struct ustar_member bad;
    return ustar_check(archive->bytes, archive->size, &bad);
}

/* One member, changed in one place, and sealed again. */
static enum ustar_error check_changed(size_t at, const char *bytes, size_t length)
{
    struct archive archive = {0};

    member_add(&archive, "file", '0', "data");
    archive_end(&archive);
    memcpy(archive.bytes + at, bytes, length);
    header_seal(archive.bytes);
    enum ustar_error error = check(&archive);
    free(archive.bytes);
    return error;
}

static void members_come_in_order(void **state)
{
    struct archive archive = sample_make();
    struct ustar_reader reader = ustar_open(archive.bytes, archive.size);
    struct ustar_member member;
    (void)state;

    assert_int_equal(ustar_next(&reader, &member), USTAR_OK);
    assert_string_equal(member.name, "boot/manifest.bin");
    assert_int_equal(member.type, USTAR_FILE);
    assert_int_equal(member.size, 12);
    assert_memory_equal(member.data, "the manifest", 12);
    assert_int_equal(member.mode, 0644);
    assert_int_equal(member.uid, 1000);
    assert_int_equal(member.gid, 100);
    assert_int_equal(member.mtime, 1700000000);
    assert_int_equal(ustar_next(&reader, &member), USTAR_OK);
    assert_string_equal(member.name, "sbin");
    assert_int_equal(member.type, USTAR_DIRECTORY);
    assert_int_equal(ustar_next(&reader, &member), USTAR_OK);
    assert_int_equal(ustar_next(&reader, &member), USTAR_OK);
    assert_int_equal(member.type, USTAR_LINK);
    assert_string_equal(member.link, "init");
    assert_int_equal(ustar_next(&reader, &member), USTAR_OK);
    assert_int_equal(member.size, 0);
    assert_int_equal(ustar_next(&reader, &member), USTAR_END);
    assert_int_equal(ustar_next(&reader, &member), USTAR_END);
    free(archive.bytes);
}

static void members_are_found_by_path(void **state)
{
    static const char *const spellings[] = {"sbin/init", "/sbin/init", "./sbin/init", "//sbin/init", "./././sbin/init"};
    struct archive archive = sample_make();
    struct ustar_member member;
    (void)state;

    for (size_t i = 0; i < sizeof spellings / sizeof spellings[0]; i++) {
        assert_int_equal(ustar_find(archive.bytes, archive.size, spellings[i], &member), USTAR_OK);
        assert_memory_equal(member.data, "init's bytes", 12);
    }
    assert_int_equal(ustar_find(archive.bytes, archive.size, "sbin", &member), USTAR_OK);
    assert_int_equal(ustar_find(archive.bytes, archive.size, "sbin/ini", &member), USTAR_NOT_FOUND);
    assert_int_equal(ustar_find(archive.bytes, archive.size, "sbin/init/", &member), USTAR_NOT_FOUND);
    assert_int_equal(ustar_find(archive.bytes, archive.size, "", &member), USTAR_NOT_FOUND);
    free(archive.bytes);
}

static void one_file_is_found_without_the_reader(void **state)
{
    struct archive archive = sample_make();
    uint64_t size = 0;
    (void)state;

    assert_memory_equal(ustar_file(archive.bytes, archive.size, "sbin/init", &size), "init's bytes", 12);
    assert_int_equal(size, 12);
    assert_non_null(ustar_file(archive.bytes, archive.size, "empty", &size));
    assert_int_equal(size, 0);
    static const char *const others[] = {"sbin", "sbin/", "sbin/start", "sbin/ini", "sbin/init/", "./sbin/init", ""};
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++)
        assert_null(ustar_file(archive.bytes, archive.size, others[i], &size));
    free(archive.bytes);
}

/* Behind its data nothing matters; whatever is cut off or broken before hides it. */
static void one_file_is_not_found_behind_damage(void **state)
{
    struct archive archive = {0};
    uint64_t size = 0;
    (void)state;

    member_add(&archive, "first", '0', "one");
    size_t at = member_add(&archive, "./second", '0', "two");
    for (size_t length = 0; length <= archive.size; length++) {
        uint8_t *exact = malloc(length + (length == 0));
        assert_non_null(exact);
        memcpy(exact, archive.bytes, length);
        assert_int_equal(ustar_file(exact, length, "second", &size) != NULL, length >= at + BLOCK + 3);
        free(exact);
    }
    for (size_t byte = 0; byte < 2 * BLOCK; byte++) {
        archive.bytes[byte] ^= 0x20;
        /* Blank and NUL end the checksum alike. */
        assert_int_equal(ustar_file(archive.bytes, archive.size, "second", &size) != NULL,
                         byte >= BLOCK || byte == 154 || byte == 155);
        archive.bytes[byte] ^= 0x20;
    }
    memcpy(archive.bytes + at + 124, "77777777777", 11);
    header_seal(archive.bytes + at);
    assert_null(ustar_file(archive.bytes, archive.size, "second", &size));
    free(archive.bytes);
}

static void the_first_of_two_members_with_one_name_is_found(void **state)
{
    struct archive archive = {0};
    struct ustar_member member;
    (void)state;

    member_add(&archive, "a", '0', "one");
    member_add(&archive, "a", '0', "two");
    archive_end(&archive);
    assert_int_equal(ustar_find(archive.bytes, archive.size, "a", &member), USTAR_OK);
    assert_memory_equal(member.data, "one", 3);
    free(archive.bytes);
}

static void an_empty_archive_has_no_member(void **state)
{
    struct archive archive = {0};
    struct ustar_member member;
    (void)state;

    archive_end(&archive);
    assert_int_equal(check(&archive), USTAR_OK);
    assert_int_equal(ustar_find(archive.bytes, archive.size, "x", &member), USTAR_NOT_FOUND);
    free(archive.bytes);
    assert_int_equal(ustar_check(NULL, 0, &member), USTAR_NO_END);
}

static void a_file_that_is_no_archive_is_named(void **state)
{
    uint8_t *bytes = malloc(2048);
    struct ustar_member member;
    (void)state;

    assert_non_null(bytes);
    memset(bytes, 'x', 2048);
    assert_int_equal(ustar_check(bytes, 2048, &member), USTAR_BAD_MAGIC);
    assert_int_equal(ustar_check(bytes, 511, &member), USTAR_TRUNCATED_HEADER);
    free(bytes);
    /* The old GNU format, tar's default on Debian. */
    assert_int_equal(check_changed(257, "ustar  \0", 8), USTAR_BAD_MAGIC);
    assert_int_equal(check_changed(263, "01", 2), USTAR_BAD_MAGIC);
}

static void every_damaged_header_byte_is_noticed(void **state)
{
    struct archive archive = {0};
    (void)state;

    member_add(&archive, "file", '0', "data");
    archive_end(&archive);
    assert_int_equal(check(&archive), USTAR_OK);
    for (size_t at = 0; at < BLOCK; at++) {
        for (unsigned bit = 0; bit < 8; bit++) {
            /* The checksum stays the same number: a blank for its first zero, a blank for a NUL behind it or back. */
            if ((at == 148 && bit == 4) || ((at == 154 || at == 155) && bit == 5))
                continue;
            archive.bytes[at] ^= (uint8_t)(1u << bit);
            assert_int_not_equal(check(&archive), USTAR_OK);
            archive.bytes[at] ^= (uint8_t)(1u << bit);
        }
    }
    free(archive.bytes);
}

static void a_wrong_checksum_names_the_member(void **state)
{
    struct archive archive = sample_make();
    struct ustar_member bad;
    (void)state;

    archive.bytes[1024 + 512 + 5] = 'I';
    assert_int_equal(ustar_check(archive.bytes, archive.size, &bad), USTAR_BAD_CHECKSUM);
    assert_string_equal(bad.name, "sbin/Init");
    archive.bytes[1024 + 512 + 5] = '\n';
    assert_int_equal(ustar_check(archive.bytes, archive.size, &bad), USTAR_BAD_CHECKSUM);
    assert_string_equal(bad.name, "sbin/?nit");
    free(archive.bytes);
}

static void unsupported_types_are_refused_by_name(void **state)
{
    static const char types[] = "1346789xgLKSVDMNA\x01\xff";
    (void)state;

    for (size_t i = 0; i < sizeof types - 1; i++) {
        struct archive archive = {0};
        struct ustar_member bad;
        member_add(&archive, "dev/thing", types[i], NULL);
        archive_end(&archive);
        assert_int_equal(ustar_check(archive.bytes, archive.size, &bad), USTAR_BAD_TYPE);
        assert_string_equal(bad.name, "dev/thing");
        free(archive.bytes);
    }
}

static void names_that_leave_the_tree_are_refused(void **state)
{
    static const char *const names[] = {"..",   "../x",    "a/../b", "a/..", "a//b", "a/./b", "a/.",
                                        "a\nb", "\033[2J", "a/",     "/",    "./",   ".",     "\x7f"};
    (void)state;

    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        struct archive archive = {0};
        member_add(&archive, names[i], '0', "x");
        archive_end(&archive);
        assert_int_equal(check(&archive), USTAR_BAD_NAME);
        free(archive.bytes);
    }
    assert_int_equal(check_changed(0, "\0\0\0\0", 4), USTAR_BAD_NAME);
}

static void names_are_made_relative(void **state)
{
    static const struct {
        const char *stored;
        char type;
        const char *name;
    } cases[] = {
        {"/etc/motd", '0', "etc/motd"},
        {"./etc/motd", '0', "etc/motd"},
        {"./", '5', "."},
        {"/", '5', "."},
        {".", '5', "."},
        {"./dir/", '5', "dir"},
        {"dir//", '5', "dir"},
        {"...", '0', "..."},
        {".hidden", '0', ".hidden"},
        {"..a", '0', "..a"},
        {"a b", '0', "a b"},
        {"a.", '0', "a."},
        {"\xc3\xa9", '0', "\xc3\xa9"},
    };
    (void)state;

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct archive archive = {0};
        struct ustar_member member;
        member_add(&archive, cases[i].stored, cases[i].type, NULL);
        archive_end(&archive);
        struct ustar_reader reader = ustar_open(archive.bytes, archive.size);
        assert_int_equal(ustar_next(&reader, &member), USTAR_OK);
        assert_string_equal(member.name, cases[i].name);
        free(archive.bytes);
    }
}

static void prefix_and_name_at_full_length_are_joined(void **state)
{
    struct archive archive = {0};
    struct ustar_member member;
    char wanted[USTAR_NAME_MAX + 1];
    (void)state;

    member_add(&archive, "x", '0', "data");
    memset(archive.bytes, 'n', 100);
    memset(archive.bytes + 345, 'p', 155);
    header_seal(archive.bytes);
    archive_end(&archive);
    memset(wanted, 'p', 155);
    wanted[155] = '/';
    memset(wanted + 156, 'n', 100);
    wanted[256] = '\0';
    assert_int_equal(ustar_find(archive.bytes, archive.size, wanted, &member), USTAR_OK);
    assert_string_equal(member.name, wanted);
    memset(archive.bytes + 346, 0, 154);
    memset(archive.bytes + 1, 0, 99);
    header_seal(archive.bytes);
    assert_int_equal(ustar_find(archive.bytes, archive.size, "p/n", &member), USTAR_OK);
    free(archive.bytes);
}

static void numbers_are_octal_or_refused(void **state)
{
    (void)state;
    assert_int_equal(check_changed(124, "0000000000x", 11), USTAR_BAD_NUMBER);
    assert_int_equal(check_changed(124, "00000000008", 11), USTAR_BAD_NUMBER);
    assert_int_equal(check_changed(124, "\0\0\0\0\0\0\0\0\0\0\0\0", 12), USTAR_BAD_NUMBER);
    assert_int_equal(check_changed(124, "            ", 12), USTAR_BAD_NUMBER);
    assert_int_equal(check_changed(124, "-0000000004", 11), USTAR_BAD_NUMBER);
    assert_int_equal(check_changed(124, "\x80\0\0\0\0\0\0\0\0\0\0\x04", 12), USTAR_BAD_NUMBER);
    assert_int_equal(check_changed(124, "4\0 4\0\0\0\0\0\0\0\0", 12), USTAR_BAD_NUMBER);
    assert_int_equal(check_changed(124, "4 \0\0\0\0\0\0\0\0\0\0", 12), USTAR_OK);
    assert_int_equal(check_changed(124, "          4 ", 12), USTAR_OK);
    assert_int_equal(check_changed(100, "0010000", 7), USTAR_BAD_NUMBER);
    assert_int_equal(check_changed(100, "0007777", 7), USTAR_OK);
    assert_int_equal(check_changed(136, "77777777777", 11), USTAR_OK);
}

static void huge_sizes_are_refused(void **state)
{
    (void)state;
    assert_int_equal(check_changed(124, "777777777777", 12), USTAR_TRUNCATED_DATA);
    assert_int_equal(check_changed(124, "00000003001", 11), USTAR_TRUNCATED_DATA);
    /* 1536 bytes are what is left, and then the archive has no end. */
    assert_int_equal(check_changed(124, "00000003000", 11), USTAR_NO_END);
}

static void data_and_targets_are_only_where_they_belong(void **state)
{
    (void)state;
    assert_int_equal(check_changed(156, "5", 1), USTAR_SIZE_NOT_ZERO);
    assert_int_equal(check_changed(156, "2", 1), USTAR_SIZE_NOT_ZERO);
    assert_int_equal(check_changed(157, "elsewhere", 9), USTAR_BAD_LINK);

    struct archive archive = {0};
    member_add(&archive, "link", '2', NULL);
    archive_end(&archive);
    assert_int_equal(check(&archive), USTAR_BAD_LINK);
    archive.bytes[157] = 't';
    header_seal(archive.bytes);
    assert_int_equal(check(&archive), USTAR_OK);
    memset(archive.bytes + 157, 't', 100);
    header_seal(archive.bytes);
    struct ustar_member member;
    assert_int_equal(ustar_find(archive.bytes, archive.size, "link", &member), USTAR_OK);
    assert_int_equal(strlen(member.link), 100);
    free(archive.bytes);
}

static void an_archive_cut_anywhere_is_refused(void **state)
{
    struct archive archive = sample_make();
    (void)state;

    for (size_t size = 0; size < archive.size; size++) {
        uint8_t *cut = malloc(size + (size == 0));
        struct ustar_member bad;
        assert_non_null(cut);
        memcpy(cut, archive.bytes, size);
        assert_int_not_equal(ustar_check(cut, size, &bad), USTAR_OK);
        free(cut);
    }
    free(archive.bytes);
}

static void the_end_is_two_zero_blocks(void **state)
{
    struct archive archive = {0};
    (void)state;

    member_add(&archive, "file", '0', "data");
    assert_int_equal(check(&archive), USTAR_NO_END);
    archive_grow(&archive, BLOCK);
    assert_int_equal(check(&archive), USTAR_NO_END);
    *archive_grow(&archive, BLOCK) = 1;
    assert_int_equal(check(&archive), USTAR_BAD_END);
    archive.bytes[archive.size - BLOCK] = 0;
    assert_int_equal(check(&archive), USTAR_OK);
    /* What tar pads its records with is not looked at. */
    *archive_grow(&archive, 100) = 'x';
    assert_int_equal(check(&archive), USTAR_OK);
    free(archive.bytes);
}

static void random_damage_never_leaves_the_archive(void **state)
{
    struct rng rng = rng_seeded(0x7a4);
    struct archive archive = sample_make();
    uint8_t *bytes = malloc(archive.size);
    (void)state;

    assert_non_null(bytes);
    for (unsigned step = 0; step < 30000; step++) {
        memcpy(bytes, archive.bytes, archive.size);
        for (unsigned n = 1 + (unsigned)rng_below(&rng, 4); n > 0; n--)
            bytes[rng_below(&rng, archive.size)] = (uint8_t)rng_next(&rng);
        /* With checksums mended, so that the checks behind them are reached. */
        for (size_t at = 0; at + BLOCK <= archive.size; at += BLOCK)
            if (memcmp(bytes + at + 257, "ustar", 6) == 0)
                header_seal(bytes + at);
        struct ustar_reader reader = ustar_open(bytes, archive.size);
        struct ustar_member member;
        size_t before = 0;
        while (ustar_next(&reader, &member) == USTAR_OK) {
            assert_true(reader.offset > before && reader.offset <= archive.size);
            assert_true(member.data >= bytes && member.size <= archive.size);
            assert_true((size_t)(member.data - bytes) + member.size <= reader.offset);
            assert_in_range(strlen(member.name), 1, USTAR_NAME_MAX);
            before = reader.offset;
        }
    }
    free(bytes);
    free(archive.bytes);
}

/* A tree of files in a scratch folder, archived by GNU tar. */
#define TREE_FILES 40

static char scratch[] = "/tmp/mnos-ustar-XXXXXX";

struct tree_file {
    char path[220];
    size_t size;
    unsigned char seed;
    mode_t mode;
};

static int tree_unlink(const char *path, const struct stat *info, int type, struct FTW *walk)
{
    (void)info;
    (void)type;
    (void)walk;
    return remove(path);
}

static void file_write(const struct tree_file *file)
{
    char path[512], *slash = path;
    int root = snprintf(path, sizeof path, "%s/tree/", scratch);

    snprintf(path + root, sizeof path - (size_t)root, "%s", file->path);
    for (slash = strchr(path + root, '/'); slash != NULL; slash = strchr(slash + 1, '/')) {
        *slash = '\0';
        mkdir(path, 0755);
        *slash = '/';
    }
    FILE *stream = fopen(path, "wb");
    assert_non_null(stream);
    for (size_t i = 0; i < file->size; i++)
        putc((int)(file->seed + i) & 0xff, stream);
    assert_int_equal(fclose(stream), 0);
    assert_int_equal(chmod(path, file->mode), 0);
}

static void file_invent(struct rng *rng, struct tree_file *file, unsigned serial)
{
    static const size_t sizes[] = {0, 1, 511, 512, 513, 1024, 4096, 70000};
    size_t length = 0;

    for (unsigned depth = (unsigned)rng_below(rng, 4); depth > 0; depth--)
        length +=
            (size_t)sprintf(file->path + length, "%.*s%u/", (int)rng_below(rng, 50),
                            "a-directory-with-a-very-long-name-so-that-prefix-is-used", (unsigned)rng_below(rng, 3));
    sprintf(file->path + length, "file%u", serial);
    file->size = sizes[rng_below(rng, 8)];
    file->seed = (unsigned char)rng_next(rng);
    file->mode = (mode_t)(0400 | rng_below(rng, 01000));
}

static struct archive archive_read(const char *path)
{
    struct archive archive = {0};
    FILE *stream = fopen(path, "rb");
    int byte;

    assert_non_null(stream);
    fseek(stream, 0, SEEK_END);
    size_t size = (size_t)ftell(stream);
    rewind(stream);
    uint8_t *bytes = archive_grow(&archive, size);
    for (size_t i = 0; i < size && (byte = getc(stream)) != EOF; i++)
        bytes[i] = (uint8_t)byte;
    fclose(stream);
    return archive;
}

static void compare_with_tree(const struct archive *archive, const struct tree_file *files, unsigned count)
{
    struct ustar_reader reader = ustar_open(archive->bytes, archive->size);
    struct ustar_member member;
    enum ustar_error error;
    unsigned regular = 0;

    while ((error = ustar_next(&reader, &member)) == USTAR_OK)
        regular += member.type == USTAR_FILE;
    assert_string_equal(ustar_error_text(error), ustar_error_text(USTAR_END));
    assert_int_equal(regular, count);
    for (unsigned i = 0; i < count; i++) {
        assert_int_equal(ustar_find(archive->bytes, archive->size, files[i].path, &member), USTAR_OK);
        assert_int_equal(member.size, files[i].size);
        assert_int_equal(member.mode, files[i].mode);
        for (size_t j = 0; j < member.size; j++)
            assert_int_equal(member.data[j], (files[i].seed + j) & 0xff);
    }
}

static void archives_of_gnu_tar_are_read(void **state)
{
    struct rng rng = rng_seeded(0x6a7);
    (void)state;

    assert_non_null(mkdtemp(scratch));
    for (unsigned round = 0; round < 6; round++) {
        static struct tree_file files[TREE_FILES];
        char text[600];
        snprintf(text, sizeof text, "%s/tree", scratch);
        assert_int_equal(mkdir(text, 0755), 0);
        for (unsigned i = 0; i < TREE_FILES; i++) {
            file_invent(&rng, &files[i], i);
            file_write(&files[i]);
        }
        snprintf(text, sizeof text, "tar --format=ustar -C %s/tree -cf %s/t.tar .", scratch, scratch);
        assert_int_equal(system(text), 0);
        snprintf(text, sizeof text, "%s/t.tar", scratch);
        struct archive archive = archive_read(text);
        compare_with_tree(&archive, files, TREE_FILES);
        free(archive.bytes);
        snprintf(text, sizeof text, "%s/tree", scratch);
        nftw(text, tree_unlink, 16, FTW_DEPTH | FTW_PHYS);
    }
    nftw(scratch, tree_unlink, 16, FTW_DEPTH | FTW_PHYS);
}

static void every_error_has_a_text_of_its_own(void **state)
{
    (void)state;
    for (unsigned a = 0; a < USTAR_ERROR_COUNT; a++)
        for (unsigned b = 0; b < a; b++)
            assert_string_not_equal(ustar_error_text((enum ustar_error)a), ustar_error_text((enum ustar_error)b));
    assert_non_null(ustar_error_text(USTAR_ERROR_COUNT));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST("ustar: members come in order", members_come_in_order),
        TEST("ustar: members are found by path", members_are_found_by_path),
        TEST("ustar: one file is found without the reader", one_file_is_found_without_the_reader),
        TEST("ustar: one file is not found behind damage", one_file_is_not_found_behind_damage),
        TEST("ustar: the first of two members with one name is found", the_first_of_two_members_with_one_name_is_found),
        TEST("ustar: an empty archive has no member", an_empty_archive_has_no_member),
        TEST("ustar: a file that is no archive is named", a_file_that_is_no_archive_is_named),
        TEST("ustar: every damaged header byte is noticed", every_damaged_header_byte_is_noticed),
        TEST("ustar: a wrong checksum names the member", a_wrong_checksum_names_the_member),
        TEST("ustar: unsupported types are refused by name", unsupported_types_are_refused_by_name),
        TEST("ustar: names that leave the tree are refused", names_that_leave_the_tree_are_refused),
        TEST("ustar: names are made relative", names_are_made_relative),
        TEST("ustar: prefix and name at full length are joined", prefix_and_name_at_full_length_are_joined),
        TEST("ustar: numbers are octal or refused", numbers_are_octal_or_refused),
        TEST("ustar: huge sizes are refused", huge_sizes_are_refused),
        TEST("ustar: data and targets are only where they belong", data_and_targets_are_only_where_they_belong),
        TEST("ustar: an archive cut anywhere is refused", an_archive_cut_anywhere_is_refused),
        TEST("ustar: the end is two zero blocks", the_end_is_two_zero_blocks),
        TEST("ustar: random damage never leaves the archive", random_damage_never_leaves_the_archive),
        TEST("ustar: archives of GNU tar are read", archives_of_gnu_tar_are_read),
        TEST("ustar: every error has a text of its own", every_error_has_a_text_of_its_own),
    };
    return RUN_TESTS(tests);
}
