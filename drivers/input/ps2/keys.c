/* SPDX-License-Identifier: BSD-2-Clause */
#include "keys.h"

#define PREFIX    0xe0u
#define PAUSE     0xe1u
#define UP        0x80u
#define EXTENDED  0x80u
#define CONTROL   0x1du
#define SHIFT_1   0x2au
#define SHIFT_2   0x36u
#define CAPS_LOCK 0x3au
#define SLASH     0x35u
#define ENTER     0x1cu

static const char plain[] = "\0\033"
                            "1234567890-=\b\tqwertyuiop[]\n\0asdfghjkl;'`\0\\zxcvbnm,./\0*\0 ";
static const char shifted[] = "\0\033"
                              "!@#$%^&*()_+\b\tQWERTYUIOP{}\n\0ASDFGHJKL:\"~\0|ZXCVBNM<>?\0*\0 ";

static bool is_letter(char c)
{
    return c >= 'a' && c <= 'z';
}

static char character_of(const struct keys *keys, uint8_t code, bool extended)
{
    bool shift = keys->shift[0] || keys->shift[1];

    if (extended)
        return code == SLASH ? '/' : code == ENTER ? '\n' : 0;
    if (code >= sizeof plain - 1)
        return 0;
    char c = plain[code];
    if (keys->control[0] || keys->control[1])
        return is_letter(c) ? (char)(c - 'a' + 1) : 0;
    return shift != (keys->caps && is_letter(c)) ? shifted[code] : c;
}

static void modifier(struct keys *keys, uint8_t code, bool extended, bool down)
{
    if (code == CONTROL)
        keys->control[extended] = down;
    else if (code == SHIFT_1 && !extended)
        keys->shift[0] = down;
    else if (code == SHIFT_2 && !extended)
        keys->shift[1] = down;
    else if (code == CAPS_LOCK && !extended && down)
        keys->caps = !keys->caps;
}

bool keys_feed(struct keys *keys, uint8_t byte, struct key_event *event)
{
    if (keys->skip > 0) {
        keys->skip--;
        return false;
    }
    if (byte == PREFIX) {
        keys->extended = true;
        return false;
    }
    if (byte == PAUSE) {
        keys->skip = 2;
        return false;
    }
    bool extended = keys->extended, down = (byte & UP) == 0;
    uint8_t code = byte & 0x7fu;
    keys->extended = false;
    /* What surrounds some keys for old programs' sake is no key. */
    if (code == 0 || (extended && (code == SHIFT_1 || code == SHIFT_2)))
        return false;
    modifier(keys, code, extended, down);
    *event = (struct key_event){
        .code = (uint8_t)(code | (extended ? EXTENDED : 0)),
        .down = down,
        .character = down ? character_of(keys, code, extended) : '\0',
    };
    return true;
}
