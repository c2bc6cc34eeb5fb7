/* SPDX-License-Identifier: BSD-2-Clause */
/* The null system call and messages between two processes. */
#include "bench.h"

#define SEED_CLIENT 1u
#define SEED_SERVER 3u

static void work_null(struct series *s)
{
    while (!series_full(s)) {
        int64_t before = mnos_time();
        take(s, time_null_syscall(&s->path));
        expect(s, before > 0 && mnos_time() > before);
    }
}

static void words_set(struct path *path, uint64_t first)
{
    for (unsigned i = 0; i < 8; i++)
        path->word[i] = first * (i + 1);
}

static bool words_back(const struct path *path)
{
    for (unsigned i = 0; i < 8; i++)
        if (path->out[i] != path->word[i])
            return false;
    return true;
}

static void work_words(struct series *s, path_fn *time, uint64_t first)
{
    for (uint64_t round = 1; !series_full(s); round++) {
        words_set(&s->path, first * round);
        s->path.label = round;
        take(s, time(&s->path));
        expect(s, s->path.label == ~round && words_back(&s->path));
    }
}

static void work_0w(struct series *s)
{
    work_words(s, time_ipc_roundtrip_0w, 0);
}

static void work_8w(struct series *s)
{
    work_words(s, time_ipc_roundtrip_8w, 0x123456789abcdef);
}

/* The server's vector register comes back in word 0, ours has to be what it was. */
static void work_fpu(struct series *s)
{
    for (uint64_t round = 1; !series_full(s); round++) {
        fpu_set(round);
        s->path.label = round;
        take(s, time_ipc_roundtrip_fpu(&s->path));
        expect(s, s->path.label == ~round && s->path.out[0] == SERVER_XMM0 && fpu_get() == round);
    }
}

static struct mnos_ipc_ext ext;

static void work_cap(struct series *s)
{
    for (uint64_t round = 1; !series_full(s); round++) {
        mnos_handle_t sent = ext.send_cap[0];
        s->path.label = round;
        take(s, time_ipc_cap(&s->path));
        struct mnos_cap_info info = {0};
        mnos_cap_inspect(ext.recv_cap[0], &info, sizeof info);
        expect(s, s->path.label == ~round && info.type == MNOS_TYPE_NOTIFICATION &&
                      mnos_cap_inspect(sent, &info, sizeof info) == -MNOS_E_BADCAP);
        ext.send_cap[0] = ext.recv_cap[0];
    }
}

static void work_buffer(struct series *s, path_fn *time)
{
    for (uint64_t round = 1; !series_full(s); round++) {
        recv_buffer[0] = recv_buffer[ext.recv_len - 1] = 0xff;
        s->path.label = round;
        take(s, time(&s->path));
        expect(s, s->path.label == ~round);
    }
    expect(s, buffer_holds(recv_buffer, ext.recv_len, SEED_SERVER));
}

static void work_4k(struct series *s)
{
    work_buffer(s, time_ipc_4k);
}

static void work_64k(struct series *s)
{
    work_buffer(s, time_ipc_64k);
}

static void measure_with(struct series *s, work_fn *work, entry_fn *server)
{
    mnos_handle_t endpoint = new_object(MNOS_CREATE_ENDPOINT);
    struct partner partner = {.name = s->name, .entry = server};

    partner_cap(&partner, endpoint, MNOS_RIGHT_RECV);
    partner_start(&partner);
    s->path.target = endpoint;
    s->path.ext = (uint64_t)&ext;
    measure(s, work);
    partner_stop(&partner);
    mnos_cap_delete(endpoint);
}

void bench_ipc(void)
{
    static struct series null = {.name = "null_syscall"}, words0 = {.name = "ipc_roundtrip_0w"},
                         words8 = {.name = "ipc_roundtrip_8w"}, fpu = {.name = "ipc_roundtrip_fpu"},
                         cap = {.name = "ipc_cap"}, buffer4 = {.name = "ipc_4k"}, buffer64 = {.name = "ipc_64k"};

    measure(&null, work_null);
    measure_with(&words0, work_0w, child_words);
    measure_with(&words8, work_8w, child_words);
    measure_with(&fpu, work_fpu, child_fpu);

    ext = (struct mnos_ipc_ext){.deadline = MNOS_FOREVER, .send_caps = 1, .recv_caps = 1, .move_mask = 1};
    ext.send_cap[0] = new_object(MNOS_CREATE_NOTIFICATION);
    measure_with(&cap, work_cap, child_caps);
    mnos_cap_delete(ext.send_cap[0]);

    buffer_fill(send_buffer, BUFFER_BYTES, SEED_CLIENT);
    buffer_fill(recv_buffer, BUFFER_BYTES, 0);
    ext = (struct mnos_ipc_ext){.deadline = MNOS_FOREVER,
                                .send_buf = (uint64_t)send_buffer,
                                .send_len = MNOS_PAGE_SIZE,
                                .recv_buf = (uint64_t)recv_buffer,
                                .recv_len = MNOS_PAGE_SIZE};
    measure_with(&buffer4, work_4k, child_buffers);
    ext.send_len = 0;
    ext.recv_len = BUFFER_BYTES;
    measure_with(&buffer64, work_64k, child_buffers);
}
