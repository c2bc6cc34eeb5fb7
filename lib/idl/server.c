/* SPDX-License-Identifier: BSD-2-Clause */
#include <idl/server.h>

enum mnos_serve idl_refuse_as(struct mnos_msg *msg, struct mnos_ipc_ext *ext, uint64_t error)
{
    unsigned caps = ext ? MNOS_INFO_CAPS(msg->info) : 0;

    for (unsigned i = 0; i < caps && i < MNOS_IPC_CAPS; i++)
        if (ext->recv_cap[i] != MNOS_NONE) {
            idl_cap_drop(ext->recv_cap[i]);
            ext->recv_cap[i] = MNOS_NONE;
        }
    *msg = (struct mnos_msg){.badge = msg->badge};
    idl_error(msg, ext, (int64_t)error);
    return MNOS_SERVE_ANSWER;
}

static uint64_t label_wrong(uint64_t label, uint64_t base)
{
    if (label >> 32 != base >> 32)
        return IDL_E_WRONG_INTERFACE;
    return IDL_INTERFACE(label) != IDL_INTERFACE(base) ? IDL_E_WRONG_VERSION : IDL_E_NO_METHOD;
}

/* Of a message to a method that there is. */
static uint64_t form_wrong(const struct mnos_msg *msg, const struct idl_form *form)
{
    unsigned caps = MNOS_INFO_CAPS(msg->info), flags = MNOS_INFO_FLAGS(msg->info);
    uint64_t bytes = MNOS_INFO_BYTES(msg->info);

    if (IDL_WORDS(msg->label) != IDL_WORDS(form->label))
        return IDL_WORDS(msg->label) < IDL_WORDS(form->label) ? IDL_E_SHORT : IDL_E_LONG;
    if (caps < form->caps_least || caps > form->caps_most)
        return IDL_E_BAD_CAPS;
    if ((flags & MNOS_INFO_TRUNCATED) != 0)
        return IDL_E_LONG;
    if ((flags & MNOS_INFO_PARTIAL) != 0)
        return IDL_E_ABSENT;
    return bytes < form->bytes_least ? IDL_E_SHORT : IDL_E_LONG;
}

enum mnos_serve idl_refuse(struct mnos_msg *msg, struct mnos_ipc_ext *ext, const struct idl_form *form, uint64_t base)
{
    return idl_refuse_as(msg, ext, form ? form_wrong(msg, form) : label_wrong(msg->label, base));
}

bool idl_caps_fit(const struct mnos_msg *msg, const struct mnos_ipc_ext *ext, const struct idl_form *form)
{
    for (unsigned i = 0; i < MNOS_INFO_CAPS(msg->info); i++)
        if (form->type[i] != 0 && idl_cap_type(ext->recv_cap[i]) != form->type[i])
            return false;
    return true;
}

const char *idl_text(const char **at, const char *end, size_t most)
{
    const char *text = *at, *nul = memchr(text, '\0', (size_t)(end - text));

    if (!nul || (size_t)(nul - text) >= most)
        return NULL;
    *at = nul + 1;
    return text;
}

int64_t idl_answer_error(mnos_handle_t reply, int64_t error)
{
    struct mnos_msg msg = {0};

    idl_error(&msg, NULL, error);
    return idl_reply(reply, &msg, NULL);
}
