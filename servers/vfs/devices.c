/* SPDX-License-Identifier: BSD-2-Clause */
/* Devices without hardware: null, zero, full, random, urandom. */
#include <str.h>

#include "ttys.h"

static enum outcome null_read(struct call *call, struct desc *desc, uint64_t count, struct queue **queue)
{
    (void)desc, (void)count, (void)queue;
    return call_bytes(call, 0, 0);
}

static enum outcome null_write(struct call *call, struct desc *desc, uint64_t count, struct queue **queue)
{
    (void)desc, (void)queue;
    return call_bytes(call, count, 0);
}

static enum outcome full_write(struct call *call, struct desc *desc, uint64_t count, struct queue **queue)
{
    (void)desc, (void)queue;
    if (count > 0)
        call_fail(call, VFS_E_NO_SPACE);
    return ANSWER;
}

#define PIECE 4096u

static enum outcome zero_read(struct call *call, struct desc *desc, uint64_t count, struct queue **queue)
{
    static const unsigned char zeros[PIECE];
    uint64_t done = 0;
    int64_t got = 0;

    (void)desc, (void)queue;
    count = count < 1u << 20 ? count : 1u << 20;
    while (done < count) {
        size_t part = count - done < PIECE ? (size_t)(count - done) : PIECE;
        got = call_give(call, done, zeros, part);
        if (got <= 0)
            break;
        done += (uint64_t)got;
    }
    return call_bytes(call, done, got);
}

static enum outcome random_read(struct call *call, struct desc *desc, uint64_t count, struct queue **queue)
{
    static uint64_t bytes[PIECE / 8];
    size_t part = count < PIECE ? (size_t)count : PIECE;

    (void)desc, (void)queue;
    for (size_t i = 0; i < (part + 7) / 8; i++)
        bytes[i] = port_random();
    int64_t got = part > 0 ? call_give(call, 0, bytes, part) : 0;
    return call_bytes(call, got > 0 ? (uint64_t)got : 0, got);
}

static const struct file_ops null_ops = {.read = null_read, .write = null_write, .seeks = true};
static const struct file_ops zero_ops = {.read = zero_read, .write = null_write, .seeks = true};
static const struct file_ops full_ops = {.read = zero_read, .write = full_write, .seeks = true};
static const struct file_ops random_ops = {.read = random_read, .write = null_write, .seeks = true};

const struct file_ops *device_ops(uint16_t device)
{
    switch (device) {
    case 1 << 8 | 3:
        return &null_ops;
    case 1 << 8 | 5:
        return &zero_ops;
    case 1 << 8 | 7:
        return &full_ops;
    case 1 << 8 | 8:
    case 1 << 8 | 9:
        return &random_ops;
    default:
        return tty_device_ops(device);
    }
}
