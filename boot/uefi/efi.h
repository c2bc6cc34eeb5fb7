/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The part of the UEFI interface that the loader uses; members that it does not call are only kept in place.
 * Source: UEFI Specification 2.10, chapters 4, 7, 8, 9, 10, 12, 13.
 */
#ifndef BOOT_EFI_H
#define BOOT_EFI_H

#include <boot/platform.h>
#include <stdint.h>

typedef uint64_t efi_status;
typedef void *efi_handle;
typedef uint16_t efi_char;

#define EFI_SUCCESS          0u
#define EFI_ERROR_BIT        0x8000000000000000u
#define EFI_LOAD_ERROR       (EFI_ERROR_BIT | 1)
#define EFI_BUFFER_TOO_SMALL (EFI_ERROR_BIT | 5)
#define EFI_OUT_OF_RESOURCES (EFI_ERROR_BIT | 9)
#define EFI_NOT_FOUND        (EFI_ERROR_BIT | 14)

struct efi_guid {
    uint32_t a;
    uint16_t b, c;
    uint8_t d[8];
};

struct efi_header {
    uint64_t signature;
    uint32_t revision, size, crc, reserved;
};

struct efi_key {
    uint16_t scan;
    efi_char character;
};

struct efi_input {
    void *reset;
    efi_status (*read_key)(struct efi_input *self, struct efi_key *key);
    void *wait_for_key;
};

struct efi_output {
    void *reset;
    efi_status (*put)(struct efi_output *self, const efi_char *text);
};

enum efi_memory_type {
    EFI_LOADER_CODE = 1,
    EFI_LOADER_DATA = 2,
    EFI_BOOT_CODE = 3,
    EFI_BOOT_DATA = 4,
    EFI_CONVENTIONAL = 7,
    EFI_ACPI_RECLAIM = 9,
    EFI_ACPI_NVS = 10,
};

enum efi_allocate { EFI_ALLOCATE_MAX_ADDRESS = 1 };

struct efi_memory {
    uint32_t type;
    uint64_t physical;
    uint64_t virtual;
    uint64_t pages;
    uint64_t attributes;
};

struct efi_boot_services {
    struct efi_header header;
    void *tpl[2];
    efi_status (*allocate_pages)(uint32_t how, uint32_t type, uint64_t pages, uint64_t *address);
    efi_status (*free_pages)(uint64_t address, uint64_t pages);
    efi_status (*get_memory_map)(uint64_t *size, void *map, uint64_t *key, uint64_t *descriptor_size,
                                 uint32_t *descriptor_version);
    void *pool[2];
    void *events[6];
    void *protocols[3];
    efi_status (*handle_protocol)(efi_handle handle, const struct efi_guid *guid, void **interface);
    void *more_protocols[5];
    void *images[2];
    efi_status (*exit)(efi_handle image, efi_status status, uint64_t size, const efi_char *text);
    void *unload_image;
    efi_status (*exit_boot_services)(efi_handle image, uint64_t key);
    void *get_next_count;
    efi_status (*stall)(uint64_t microseconds);
    efi_status (*set_watchdog)(uint64_t seconds, uint64_t code, uint64_t size, const efi_char *data);
    void *controllers[2];
    void *open_protocol[3];
    void *handles[2];
    efi_status (*locate_protocol)(const struct efi_guid *guid, void *registration, void **interface);
};

struct efi_time {
    uint16_t year;
    uint8_t month, day, hour, minute, second, pad;
    uint32_t nanosecond;
    int16_t zone; /* minutes west of UTC; 0x7ff: not known */
    uint8_t daylight, pad_2;
};

struct efi_runtime_services {
    struct efi_header header;
    efi_status (*get_time)(struct efi_time *time, void *capabilities);
};

struct efi_table {
    struct efi_guid guid;
    uint64_t address;
};

struct efi_system_table {
    struct efi_header header;
    efi_char *vendor;
    uint32_t vendor_revision;
    efi_handle input_handle;
    struct efi_input *input;
    efi_handle output_handle;
    struct efi_output *output;
    efi_handle error_handle;
    struct efi_output *error;
    struct efi_runtime_services *runtime;
    struct efi_boot_services *boot;
    uint64_t table_count;
    struct efi_table *tables;
};

struct efi_loaded_image {
    uint32_t revision;
    efi_handle parent;
    struct efi_system_table *system;
    efi_handle device;
};

enum { EFI_FILE_READ = 1, EFI_FILE_DIRECTORY = 0x10 };

struct efi_file {
    uint64_t revision;
    efi_status (*open)(struct efi_file *self, struct efi_file **file, const efi_char *name, uint64_t mode,
                       uint64_t attributes);
    efi_status (*close)(struct efi_file *self);
    void *remove;
    efi_status (*read)(struct efi_file *self, uint64_t *size, void *buffer);
    void *write;
    void *get_position;
    void *set_position;
    efi_status (*get_info)(struct efi_file *self, const struct efi_guid *guid, uint64_t *size, void *buffer);
};

struct efi_file_info {
    uint64_t size, file_size, physical_size;
    struct efi_time times[3];
    uint64_t attributes;
    efi_char name[256];
};

struct efi_file_system {
    uint64_t revision;
    efi_status (*open_volume)(struct efi_file_system *self, struct efi_file **root);
};

enum efi_pixel_format { EFI_PIXEL_RGBX = 0, EFI_PIXEL_BGRX = 1, EFI_PIXEL_MASK = 2 };

struct efi_graphics_info {
    uint32_t version, width, height, format;
    uint32_t red, green, blue, reserved;
    uint32_t pixels_per_line;
};

struct efi_graphics_mode {
    uint32_t count, current;
    struct efi_graphics_info *info;
    uint64_t info_size;
    uint64_t base;
    uint64_t size;
};

struct efi_graphics {
    efi_status (*query)(struct efi_graphics *self, uint32_t mode, uint64_t *size, struct efi_graphics_info **info);
    efi_status (*set)(struct efi_graphics *self, uint32_t mode);
    void *blt;
    struct efi_graphics_mode *mode;
};

/* A node of a device path; `length` counts the header too. */
struct __attribute__((packed)) efi_path {
    uint8_t type, subtype;
    uint16_t length;
};

enum {
    EFI_PATH_MEDIA = 4,
    EFI_PATH_MEDIA_DISK = 1,
    EFI_PATH_MEDIA_OPTICAL = 2,
    EFI_PATH_END = 0x7f,
    EFI_SIGNATURE_MBR = 1,
    EFI_SIGNATURE_GUID = 2,
};

struct __attribute__((packed)) efi_path_disk {
    struct efi_path header;
    uint32_t partition;
    uint64_t start, size;
    uint8_t signature[16];
    uint8_t format, signature_type;
};

/* The front end's own state, set at its start. */
extern struct efi_system_table *efi_system;
extern efi_handle efi_image;
extern efi_handle efi_volume_device;

/* Fills the map and leaves the boot services; stops with an error line if it cannot. */
void memory_leave(struct ram_map *map, struct firmware *firmware);

/* Opens the volume that the loader came from. */
void volume_open(void);

#endif
