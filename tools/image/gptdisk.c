/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Wraps a FAT file system into a disk image: protective MBR, GPT with one EFI system partition, backup GPT.
 * The same file system gives the same image: the GUIDs are made from its contents.
 * Source: UEFI Specification 2.10, chapter 5.
 *
 *   gptdisk OUT FILE_SYSTEM
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    SECTOR = 512,
    ENTRIES = 128,
    ENTRY_SIZE = 128,
    TABLE_SECTORS = ENTRIES * ENTRY_SIZE / SECTOR,
    FIRST_USABLE = 2 + TABLE_SECTORS,
    ALIGNMENT = 2048, /* sectors before the partition */
    HEADER_SIZE = 92,
};

/* A whole disk in memory. */
struct disk {
    uint8_t *bytes;
    uint64_t sectors;
    uint64_t partition_sectors;
};

static void die(const char *what, const char *name)
{
    fprintf(stderr, "gptdisk: %s %s\n", what, name);
    exit(1);
}

static void put(uint8_t *to, uint64_t value, unsigned size)
{
    for (unsigned i = 0; i < size; i++)
        to[i] = (uint8_t)(value >> (8 * i));
}

static uint32_t crc32(const uint8_t *bytes, size_t size)
{
    uint32_t crc = 0xffffffff;
    for (size_t i = 0; i < size; i++) {
        crc ^= bytes[i];
        for (int bit = 0; bit < 8; bit++)
            crc = crc >> 1 ^ (crc & 1 ? 0xedb88320u : 0);
    }
    return ~crc;
}

/* 64-bit FNV-1a, with a salt in front. */
static uint64_t hash(const uint8_t *bytes, size_t size, uint64_t salt)
{
    uint64_t value = 0xcbf29ce484222325u ^ salt;
    for (size_t i = 0; i < size; i++)
        value = (value ^ bytes[i]) * 0x100000001b3u;
    return value;
}

/* A version 4 GUID from the file system's contents. */
static void put_guid(uint8_t *to, const struct disk *disk, uint64_t salt)
{
    const uint8_t *system = disk->bytes + ALIGNMENT * SECTOR;
    put(to, hash(system, disk->partition_sectors * SECTOR, 2 * salt), 8);
    put(to + 8, hash(system, disk->partition_sectors * SECTOR, 2 * salt + 1), 8);
    to[7] = (uint8_t)((to[7] & 0x0f) | 0x40);
    to[8] = (uint8_t)((to[8] & 0x3f) | 0x80);
}

static void write_mbr(const struct disk *disk)
{
    uint8_t *entry = disk->bytes + 446;
    uint64_t length = disk->sectors - 1;
    put(entry + 1, 0x000200, 3);
    entry[4] = 0xee;
    put(entry + 5, 0xffffff, 3);
    put(entry + 8, 1, 4);
    put(entry + 12, length < 0xffffffff ? length : 0xffffffff, 4);
    put(disk->bytes + 510, 0xaa55, 2);
}

static void write_table(const struct disk *disk, uint64_t sector)
{
    static const uint8_t system_partition[16] = {0x28, 0x73, 0x2a, 0xc1, 0x1f, 0xf8, 0xd2, 0x11,
                                                 0xba, 0x4b, 0x00, 0xa0, 0xc9, 0x3e, 0xc9, 0x3b};
    static const char name[] = "EFI system partition";
    uint8_t *entry = disk->bytes + sector * SECTOR;
    memcpy(entry, system_partition, sizeof system_partition);
    put_guid(entry + 16, disk, 1);
    put(entry + 32, ALIGNMENT, 8);
    put(entry + 40, ALIGNMENT + disk->partition_sectors - 1, 8);
    for (size_t i = 0; name[i] != 0; i++)
        put(entry + 56 + 2 * i, (uint8_t)name[i], 2);
}

static void write_header(const struct disk *disk, uint64_t sector, uint64_t other, uint64_t table)
{
    uint8_t *header = disk->bytes + sector * SECTOR;
    memcpy(header, "EFI PART", 8);
    put(header + 8, 0x00010000, 4);
    put(header + 12, HEADER_SIZE, 4);
    put(header + 24, sector, 8);
    put(header + 32, other, 8);
    put(header + 40, FIRST_USABLE, 8);
    put(header + 48, disk->sectors - 2 - TABLE_SECTORS, 8);
    put_guid(header + 56, disk, 0);
    put(header + 72, table, 8);
    put(header + 80, ENTRIES, 4);
    put(header + 84, ENTRY_SIZE, 4);
    put(header + 88, crc32(disk->bytes + table * SECTOR, ENTRIES * ENTRY_SIZE), 4);
    put(header + 16, crc32(header, HEADER_SIZE), 4);
}

/* Reads the file system into a disk that is zero elsewhere. */
static struct disk read_disk(const char *name)
{
    FILE *file = fopen(name, "rb");
    if (file == NULL || fseek(file, 0, SEEK_END) != 0)
        die("cannot read", name);
    long size = ftell(file);
    if (size <= 0 || size % SECTOR != 0)
        die("not whole sectors:", name);
    struct disk disk = {.partition_sectors = (uint64_t)size / SECTOR};
    disk.sectors = (ALIGNMENT + disk.partition_sectors + 1 + TABLE_SECTORS + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
    disk.bytes = calloc(disk.sectors, SECTOR);
    if (disk.bytes == NULL)
        die("no memory for", name);
    rewind(file);
    if (fread(disk.bytes + ALIGNMENT * SECTOR, 1, (size_t)size, file) != (size_t)size)
        die("cannot read", name);
    (void)fclose(file);
    return disk;
}

int main(int argc, char **argv)
{
    if (argc != 3)
        die("usage: gptdisk OUT FILE_SYSTEM", "");
    struct disk disk = read_disk(argv[2]);
    uint64_t last = disk.sectors - 1;
    write_mbr(&disk);
    write_table(&disk, 2);
    write_table(&disk, last - TABLE_SECTORS);
    write_header(&disk, 1, last, 2);
    write_header(&disk, last, 1, last - TABLE_SECTORS);
    FILE *out = fopen(argv[1], "wb");
    if (out == NULL || fwrite(disk.bytes, SECTOR, disk.sectors, out) != disk.sectors || fclose(out) != 0)
        die("cannot write", argv[1]);
    free(disk.bytes);
    return 0;
}
