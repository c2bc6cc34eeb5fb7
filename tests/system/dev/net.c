/* SPDX-License-Identifier: BSD-2-Clause */
/* The network card: QEMU's own router answers an ARP request; so it does after the driver was killed. */
#include <driver/net.h>

#include "dev.h"

#define SLOT      2048u
#define RECEIVES  8u
#define ETHER_ARP 0x0608u /* 0806h in network order */

static struct session_client card;
static uint64_t card_index;
static const unsigned char us[4] = {10, 0, 2, 15}, router[4] = {10, 0, 2, 2};

static void receive_submit(unsigned slot)
{
    must(client_submit(&card, NET_RECEIVE, 0, (uint64_t)slot * SLOT, SLOT, slot), "room for a frame");
}

static void arp_send(void)
{
    unsigned char *frame = card.data + RECEIVES * SLOT;
    static const unsigned char head[] = {0x08, 0x06, 0, 1, 0x08, 0, 6, 4, 0, 1};

    memset(frame, 0, 60);
    memset(frame, 0xff, 6);
    memcpy(frame + 6, &card.word[NET_ADDRESS], 6);
    memcpy(frame + 12, head, sizeof head);
    memcpy(frame + 22, &card.word[NET_ADDRESS], 6);
    memcpy(frame + 28, us, 4);
    memcpy(frame + 38, router, 4);
    must(client_submit(&card, NET_SEND, 0, RECEIVES * SLOT, 60, 99), "a frame");
    client_kick(&card);
}

static bool is_answer(const unsigned char *frame, uint64_t bytes)
{
    uint16_t type;

    memcpy(&type, frame + 12, 2);
    return bytes >= 42 && type == ETHER_ARP && frame[21] == 2 && memcmp(frame + 28, router, 4) == 0 &&
           memcmp(frame, &card.word[NET_ADDRESS], 6) == 0;
}

/* Sends until the router answers; true when it does within two seconds. */
static bool router_answers(void)
{
    uint64_t deadline = clock_ns() + 2 * MNOS_S, next = 0;
    bool sending = false;

    while (clock_ns() < deadline) {
        struct session_result r;
        if (clock_ns() >= next && !sending) {
            arp_send();
            sending = true;
            next = clock_ns() + 200 * MNOS_MS;
        }
        if (client_wait(&card, next < deadline ? next : deadline, &r) < 0)
            continue;
        if (r.request.op == NET_SEND) {
            sending = false;
            continue;
        }
        bool answer = r.status == MNOS_OK && is_answer(card.data + r.request.offset, r.bytes);
        receive_submit((unsigned)r.user);
        client_kick(&card);
        if (answer && !sending)
            return true;
        if (answer) {
            /* The completion of what was sent is still to come. */
            while (client_wait(&card, deadline, &r) == 0 && r.request.op != NET_SEND)
                receive_submit((unsigned)r.user);
            return true;
        }
    }
    return false;
}

void net_tests(void)
{
    struct device_record r;
    struct tally t = {0};
    int64_t index = devmgr_find(devmgr, "net0", &r);

    if (!tap_ok(index >= 0 && device_reaches(devmgr, (uint64_t)index, DEVICE_STATE_RUNNING, &r),
                "a network card's driver is started without a word in any configuration [M316]"))
        return;
    card_index = (uint64_t)index;
    mnos_handle_t service = must(devmgr_service(devmgr, card_index), "the card's service");
    must(client_open(&card, service, mnos_pool(), (RECEIVES + 2) * SLOT), "a session with the card");
    tap_ok(card.word[NET_LINK] == 1 && card.word[NET_ADDRESS] != 0, "its link is up, and it has an address");
    struct session_client second;
    tally_status(&t, client_open(&second, service, mnos_pool(), 4096), MNOS_E_NO_SLOTS, "a second client", 0);
    static const struct {
        uint32_t op;
        uint64_t offset, bytes;
    } wrong[] = {{NET_SEND, 0, 13},
                 {NET_SEND, 0, 1515},
                 {NET_SEND, (RECEIVES + 2) * SLOT - 50, 60},
                 {NET_RECEIVE, 0, 100},
                 {NET_RECEIVE, UINT64_MAX, 2048},
                 {7, 0, 100}};
    for (unsigned i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        struct session_result result;
        must(client_submit(&card, wrong[i].op, 0, wrong[i].offset, wrong[i].bytes, i), "a wrong request");
        client_kick(&card);
        tally_check(&t, client_wait(&card, clock_ns() + MNOS_S, &result) == 0 && result.status != MNOS_OK, "wrong", i);
    }
    tally_done(&t, "wrong requests to the card are refused");
    for (unsigned i = 0; i < RECEIVES; i++)
        receive_submit(i);
    client_kick(&card);
    tap_ok(router_answers(), "a raw frame goes out, and its answer comes in");
    must(devmgr_kill(devmgr, card_index), "the end of the driver");
    tap_ok(router_answers() && card.reopened == 1, "and so again after the driver was killed");
    client_close(&card);
    mnos_cap_delete(service);
}
