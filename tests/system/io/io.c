/* SPDX-License-Identifier: BSD-2-Clause */
/* Ports and interrupts: who holds the capability uses them, who does not is refused.  COM2 is edge triggered, QEMU's "edu" level. */
#include <libmnos/thread.h>

#include "../common/machine.h"
#include "../common/test.h"

#define COM1       0x3f8u
#define COM2       0x2f8u
#define COM2_LINE  3u
#define UART_IER   1u
#define UART_IIR   2u
#define UART_MCR   4u
#define UART_LSR   5u
#define IER_THRE   2u /* interrupt when the transmitter is empty: at once, when it is */
#define MCR_LOOP   0x10u
#define MCR_OUT2   0x08u /* lets the interrupt out of the chip */
#define EVENTS     100000u
#define WAKE_UPS   1000u
#define PATIENCE   (10 * MNOS_S)
#define EDU_PLACE  0x38000000ull
#define EDU_STATUS 0x24u
#define EDU_RAISE  0x60u
#define EDU_ACK    0x64u
#define PCI_LINE   16u /* the first of eight inputs that PCI devices use */
#define PCI_LINES  8u

static mnos_handle_t ports2;

static uint8_t com2_in(unsigned reg)
{
    return (uint8_t)must(mnos_port_in(ports2, COM2 + reg, 1), "a register of COM2");
}

static void com2_out(unsigned reg, uint8_t value)
{
    must(mnos_port_out(ports2, COM2 + reg, 1, value), "a register of COM2");
}

static int64_t wait_bits(mnos_handle_t notification, uint64_t *bits, uint64_t patience)
{
    struct mnos_msg msg = {0};
    struct mnos_ipc_ext ext = MNOS_EXT_INIT;

    ext.deadline = clock_ns() + patience;
    int64_t status = mnos_ipc_recv(notification, &msg, &ext, MNOS_NONE);
    *bits = msg.bits;
    return status;
}

static uint64_t device_irqs(void)
{
    uint64_t sum = 0;

    for (unsigned i = 0; i < machine_cores(); i++)
        sum += core_info(i).device_irqs;
    return sum;
}

/* ---- roles ---- */

/* Binds its line, and tells each wake-up; its status is their number, or a negated error. */
static int role_driver(int argc, char **argv)
{
    mnos_handle_t irq = mnos_cap("irq"), woken = mnos_cap("woken"), told = mnos_cap("told");
    uint64_t bits;
    int count = 0;
    int64_t status = mnos_irq_bind(irq, MNOS_IRQ_BIND, woken, 1);

    (void)argc;
    (void)argv;
    mnos_ipc_notify(told, 2);
    while (status >= 0 && count < (int)WAKE_UPS) {
        status = wait_bits(woken, &bits, PATIENCE);
        if (status >= 0 && bits == 1)
            count++;
        mnos_irq_bind(irq, MNOS_IRQ_ACK, MNOS_NONE, 0);
        mnos_ipc_notify(told, 1);
    }
    return status < 0 ? (int)status : count;
}

/* Has a line without RECV, and a notification of its own: nothing that it tries lets it hear of an interrupt. */
static int role_intruder(int argc, char **argv)
{
    mnos_handle_t irq = mnos_cap("irq"), own = mnos_cap("own"), other = mnos_cap("woken");
    uint64_t bits;
    int wrong = 0;

    (void)argc;
    (void)argv;
    for (uint64_t op = MNOS_IRQ_BIND; op <= MNOS_IRQ_UNBIND; op++)
        wrong |= mnos_irq_bind(irq, op, own, 1) == -MNOS_E_NO_RIGHTS ? 0 : 1;
    for (mnos_handle_t guess = 0; guess < 64; guess++)
        wrong |= guess == irq || mnos_irq_bind(guess, MNOS_IRQ_BIND, own, 1) < 0 ? 0 : 2;
    wrong |= mnos_irq_bind(4000, MNOS_IRQ_BIND, own, 1) == -MNOS_E_BADCAP ? 0 : 4;
    wrong |= mnos_cap_create(MNOS_CREATE_INTERRUPT, irq, COM2_LINE + 1, 1, 0) < 0 ? 0 : 8;
    wrong |= wait_bits(other, &bits, MNOS_S) == -MNOS_E_NO_RIGHTS ? 0 : 16;
    mnos_ipc_notify(mnos_cap("told"), 4);
    wrong |= wait_bits(own, &bits, 300 * MNOS_MS) == -MNOS_E_TIMED_OUT ? 0 : 32;
    return wrong;
}

static const struct role roles[] = {{"driver", role_driver}, {"intruder", role_intruder}};

/* ---- ports ---- */

static void ports(void)
{
    static const char text[] = "# this line went out byte by byte through port_out\n";
    mnos_handle_t com1 = must(mnos_cap_create(MNOS_CREATE_IOPORT, MNOS_BOOT_IOPORT, COM1, 8, 0), "the ports of COM1");
    int64_t lsr = mnos_port_in(com1, COM1 + UART_LSR, 1);
    int64_t status = 0;

    tap_ok(lsr == 0x60, "the line status of COM1 says empty and without error [M218]");
    tap_diag("LSR 0x%lx", lsr);
    for (unsigned i = 0; i + 1 < sizeof text && status >= 0; i++) {
        for (unsigned n = 0; n < 100000 && (mnos_port_in(com1, COM1 + UART_LSR, 1) & 0x20) == 0; n++)
            ;
        status = mnos_port_out(com1, COM1, 1, (uint8_t)text[i]);
    }
    tap_status(status, MNOS_OK, "bytes are written to COM1 through the capability to its ports");
    com2_out(UART_MCR, MCR_LOOP);
    com2_out(0, 0xa5);
    tap_ok((com2_in(UART_LSR) & 1) && com2_in(0) == 0xa5, "a byte written in loop-back mode is read back [M218]");
    com2_out(UART_MCR, MCR_OUT2);
    mnos_handle_t reader = mint(com1, MNOS_RIGHT_READ, 0), writer = mint(com1, MNOS_RIGHT_WRITE, 0);
    struct tally tally = {0};
    tally_status(&tally, mnos_port_out(reader, COM1, 1, 'x'), MNOS_E_NO_RIGHTS, "out with READ", 0);
    tally_status(&tally, mnos_port_in(writer, COM1, 1), MNOS_E_NO_RIGHTS, "in with WRITE", 0);
    tally_status(&tally, mnos_port_out(com1, COM1 + 8, 1, 'x'), MNOS_E_RANGE, "behind", 0);
    tally_status(&tally, mnos_port_in(com1, COM1 - 1, 1), MNOS_E_RANGE, "before", 0);
    tally_status(&tally, mnos_port_in(com1, COM1 + 7, 2), MNOS_E_RANGE, "across the end", 0);
    tally_status(&tally, mnos_port_in(com1, COM1, 3), MNOS_E_INVALID, "width", 3);
    tally_status(&tally, mnos_port_out(MNOS_BOOT_IRQ, COM1, 1, 'x'), MNOS_E_BADTYPE, "another type", 0);
    tally_status(&tally, mnos_port_in(4000, COM1, 1), MNOS_E_BADCAP, "nothing", 0);
    tally_done(&tally, "no other port, no other direction, no other width [M217 M218 M204]");
    mnos_cap_delete(reader);
    mnos_cap_delete(writer);
    mnos_cap_delete(com1);
}

/* ---- who may bind ---- */

static void com2_raise(void)
{
    com2_out(UART_IER, IER_THRE);
}

static bool com2_quiet(void)
{
    bool pending = (com2_in(UART_IIR) & 0x0f) == 2; /* reading it takes the interrupt back */
    com2_out(UART_IER, 0);
    return pending;
}

static void holders(mnos_handle_t irq)
{
    mnos_handle_t woken = new_notification(), own = new_notification(), told = new_notification();
    uint64_t bits, rounds = 0, failures = 0, before = device_irqs();
    const struct spawn_cap driver_caps[] = {
        {.name = "irq", .handle = irq, .rights = MNOS_RIGHT_RECV},
        {.name = "woken", .handle = woken, .rights = MNOS_RIGHT_SEND | MNOS_RIGHT_RECV},
        {.name = "told", .handle = told, .rights = MNOS_RIGHT_SEND}};
    const struct spawn_cap intruder_caps[] = {
        {.name = "irq", .handle = irq, .rights = MNOS_RIGHT_GRANT},
        {.name = "own", .handle = own, .rights = MNOS_RIGHT_SEND | MNOS_RIGHT_RECV},
        {.name = "woken", .handle = woken, .rights = MNOS_RIGHT_SEND},
        {.name = "told", .handle = told, .rights = MNOS_RIGHT_SEND}};
    struct spawn_child driver = test_spawn("driver", driver_caps, 3);

    must(wait_bits(told, &bits, PATIENCE), "the driver");
    struct spawn_child intruder = test_spawn("intruder", intruder_caps, 4);
    must(wait_bits(told, &bits, PATIENCE), "the intruder");
    for (; rounds < WAKE_UPS && failures == 0; rounds++) {
        com2_raise();
        failures += wait_bits(told, &bits, PATIENCE) < 0 || bits != 1;
        failures += !com2_quiet();
    }
    tap_eq((int64_t)test_wait(&driver), WAKE_UPS, "the driver that holds the line wakes at each interrupt [M006 M020]");
    tap_diag("%lu rounds, %lu failures, %lu interrupts", rounds, failures, device_irqs() - before);
    tap_eq((int64_t)test_wait(&intruder), 0,
           "whoever holds it without RECV, or not at all, binds nothing, waits for nothing, "
           "and is never woken [M006 M020 M068]");
    mnos_cap_delete(woken);
    mnos_cap_delete(own);
    mnos_cap_delete(told);
}

static void binding(mnos_handle_t irq)
{
    mnos_handle_t first = new_notification(), second = new_notification();
    mnos_handle_t again = must(mnos_cap_create(MNOS_CREATE_INTERRUPT, MNOS_BOOT_IRQ, COM2_LINE, 1, 0), "the same line");
    mnos_handle_t weak = mint(irq, MNOS_RIGHT_GRANT, 0);
    struct tally tally = {0};
    uint64_t bits;

    tap_status(mnos_irq_bind(irq, MNOS_IRQ_BIND, first, 8), MNOS_OK, "a line is bound to a notification [M068]");
    tally_status(&tally, mnos_irq_bind(weak, MNOS_IRQ_BIND, second, 1), MNOS_E_NO_RIGHTS, "without RECV", 0);
    tally_status(&tally, mnos_irq_bind(4000, MNOS_IRQ_BIND, second, 1), MNOS_E_BADCAP, "without capability", 0);
    tally_status(&tally, mnos_irq_bind(second, MNOS_IRQ_BIND, second, 1), MNOS_E_BADTYPE, "another type", 0);
    tally_status(&tally, mnos_irq_bind(again, MNOS_IRQ_BIND, second, 1), MNOS_E_BUSY, "bound", 0);
    tally_status(&tally, mnos_irq_bind(again, MNOS_IRQ_UNBIND, MNOS_NONE, 0), MNOS_E_NOT_FOUND, "unbind another's", 0);
    tally_status(&tally, mnos_irq_bind(MNOS_BOOT_IRQ, MNOS_IRQ_BIND, second, 1), MNOS_E_INVALID, "a range", 0);
    tally_done(&tally, "a second bind fails, without the capability most of all [M068]");
    com2_raise();
    tap_ok(wait_bits(first, &bits, PATIENCE) >= 0 && bits == 8, "the first binding still works [M068]");
    com2_quiet();
    tap_ok(wait_bits(second, &bits, 20 * MNOS_MS) == -MNOS_E_TIMED_OUT, "and the second never was one [M068]");
    tap_status(mnos_irq_bind(irq, MNOS_IRQ_UNBIND, MNOS_NONE, 0), MNOS_OK, "it is unbound");
    com2_raise();
    tap_ok(wait_bits(first, &bits, 20 * MNOS_MS) == -MNOS_E_TIMED_OUT, "and then nothing comes");
    com2_quiet();
    mnos_cap_delete(again);
    mnos_cap_delete(weak);
    mnos_cap_delete(first);
    mnos_cap_delete(second);
}

/* ---- waiting ---- */

struct waiter {
    mnos_handle_t from;
    uint32_t done;
    int64_t status;
    struct mnos_msg msg;
};

static void waiter_run(void *arg)
{
    struct waiter *w = arg;

    w->status = mnos_ipc_recv(w->from, &w->msg, NULL, MNOS_NONE);
    __atomic_store_n(&w->done, 1, __ATOMIC_RELEASE);
}

/* Waits until it is off the processor; true when it is and has not returned. */
static bool waiter_blocks(struct mnos_thread *thread, struct waiter *w)
{
    bool blocked = becomes(thread_handle(thread), MNOS_STATE_BLOCKED);
    sleep_ns(20 * MNOS_MS);
    return blocked && !__atomic_load_n(&w->done, __ATOMIC_ACQUIRE);
}

static void receiving(void)
{
    mnos_handle_t endpoint = new_endpoint(), sender = mint(endpoint, MNOS_RIGHT_SEND, 7);
    struct waiter w = {.from = endpoint};
    struct mnos_thread *thread = thread_start(waiter_run, &w, NULL, NULL);
    struct mnos_msg msg = {.label = 99, .word = {5}};

    tap_ok(waiter_blocks(thread, &w), "receiving waits while no message is there [M216]");
    must(mnos_ipc_send(sender, &msg, NULL), "send");
    thread_join(thread);
    tap_ok(w.status == 0 && w.msg.label == 99 && w.msg.word[0] == 5 && w.msg.badge == 7, "until one comes [M216]");
    tap_status(mnos_ipc_recv(sender, &msg, NULL, MNOS_NONE), MNOS_E_NO_RIGHTS, "without RECV there is none [M216]");
    mnos_cap_delete(sender);
    mnos_cap_delete(endpoint);
}

static void serial_wakes(mnos_handle_t irq)
{
    struct waiter w = {.from = new_notification()};

    must(mnos_irq_bind(irq, MNOS_IRQ_BIND, w.from, 16), "bind");
    struct mnos_thread *thread = thread_start(waiter_run, &w, NULL, NULL);
    tap_ok(waiter_blocks(thread, &w), "a thread waits for the serial interrupt [M219]");
    com2_raise();
    thread_join(thread);
    tap_ok(w.status == 0 && w.msg.bits == 16, "which wakes it [M219]");
    com2_quiet();
    must(mnos_irq_bind(irq, MNOS_IRQ_UNBIND, MNOS_NONE, 0), "unbind");
    mnos_cap_delete(w.from);
}

/* ---- many events ---- */

/* Nothing may be lost (each wait ends with the bit) and nothing be told twice (as many interrupts as events). */
static void judge(uint64_t good, uint64_t interrupts, const char *kind)
{
    tap_ok(good == EVENTS && interrupts == EVENTS, "%u %s interrupts: none is lost, none is one too many [M210]",
           EVENTS, kind);
    tap_diag("%lu good, %lu interrupts", good, interrupts);
}

static void edge(mnos_handle_t irq)
{
    mnos_handle_t woken = new_notification();
    uint64_t good = 0, bits, before;

    must(mnos_irq_bind(irq, MNOS_IRQ_BIND, woken, 1), "bind");
    before = device_irqs();
    for (uint64_t i = 0; i < EVENTS; i++) {
        com2_raise();
        bool came = wait_bits(woken, &bits, PATIENCE) >= 0 && bits == 1;
        came &= com2_quiet();
        came &= mnos_irq_bind(irq, MNOS_IRQ_ACK, MNOS_NONE, 0) >= 0;
        if (!came)
            break;
        good++;
    }
    judge(good, device_irqs() - before, "edge");
    must(mnos_irq_bind(irq, MNOS_IRQ_UNBIND, MNOS_NONE, 0), "unbind");
    mnos_cap_delete(woken);
}

static uint32_t pci_read(uint32_t device, uint32_t reg)
{
    must(mnos_port_out(MNOS_BOOT_IOPORT, 0xcf8, 4, 0x80000000u | device << 11 | reg), "PCI address");
    return (uint32_t)must(mnos_port_in(MNOS_BOOT_IOPORT, 0xcfc, 4), "PCI data");
}

static bool edu_open(void)
{
    for (uint32_t device = 0; device < 32; device++) {
        if (pci_read(device, 0) != 0x11e81234)
            continue;
        uint32_t bar = pci_read(device, 0x10) & ~0xfu, command = pci_read(device, 4);
        must(mnos_port_out(MNOS_BOOT_IOPORT, 0xcf8, 4, 0x80000000u | device << 11 | 4), "PCI address");
        must(mnos_port_out(MNOS_BOOT_IOPORT, 0xcfc, 4, (command & 0xfbffu) | 6), "PCI data"); /* memory, INTx */
        must(mnos_mem_map(MNOS_SELF, MNOS_BOOT_MMIO, EDU_PLACE, bar, MNOS_PAGE_SIZE,
                          MNOS_MAP_READ | MNOS_MAP_WRITE | MNOS_MAP_NOCACHE),
             "the registers of edu");
        return true;
    }
    return false;
}

static volatile uint32_t *edu(uint32_t reg)
{
    return (volatile uint32_t *)(EDU_PLACE + reg);
}

static void level(void)
{
    mnos_handle_t irq[PCI_LINES], woken = new_notification();
    uint64_t bits = 0, good = 0, before;

    if (!tap_ok(edu_open(), "the machine has an edu device"))
        return;
    for (unsigned i = 0; i < PCI_LINES; i++) {
        irq[i] = must(mnos_cap_create(MNOS_CREATE_INTERRUPT, MNOS_BOOT_IRQ, PCI_LINE + i, 1, 0), "a line");
        must(mnos_irq_bind(irq[i], MNOS_IRQ_BIND, woken, 1ull << i), "bind");
    }
    before = device_irqs();
    *edu(EDU_RAISE) = 1;
    tap_ok(wait_bits(woken, &bits, PATIENCE) >= 0 && bits != 0 && (bits & (bits - 1)) == 0, "its line is found");
    sleep_ns(50 * MNOS_MS);
    tap_eq((int64_t)(device_irqs() - before), 1, "a level that stays is told once, until it is acknowledged [M210]");
    unsigned line = (unsigned)__builtin_ctzll(bits | 1ull << (PCI_LINES - 1));
    must(mnos_irq_bind(irq[line], MNOS_IRQ_ACK, MNOS_NONE, 0), "acknowledge");
    tap_ok(wait_bits(woken, &bits, PATIENCE) >= 0, "and once more, when the device still asks [M210]");
    *edu(EDU_ACK) = 1;
    must(mnos_irq_bind(irq[line], MNOS_IRQ_ACK, MNOS_NONE, 0), "acknowledge");
    before = device_irqs();
    for (uint64_t i = 0; i < EVENTS; i++) {
        *edu(EDU_RAISE) = 1;
        if (wait_bits(woken, &bits, PATIENCE) < 0 || bits != 1ull << line || *edu(EDU_STATUS) != 1)
            break;
        *edu(EDU_ACK) = 1;
        if (mnos_irq_bind(irq[line], MNOS_IRQ_ACK, MNOS_NONE, 0) < 0)
            break;
        good++;
    }
    judge(good, device_irqs() - before, "level");
    for (unsigned i = 0; i < PCI_LINES; i++)
        mnos_cap_delete(irq[i]);
    mnos_mem_unmap(MNOS_SELF, EDU_PLACE, MNOS_PAGE_SIZE);
    mnos_cap_delete(woken);
}

/* ---- debug_write ---- */

static void debug_write(void)
{
    static const char text[] = "# this line went out through debug_write\n";
    mnos_handle_t mute = mint(MNOS_BOOT_LOG, MNOS_RIGHT_GRANT, 0), other = new_endpoint();
    int64_t status = mnos_debug_write(MNOS_BOOT_LOG, text, sizeof text - 1);

    if (machine_debug()) {
        tap_status(status, MNOS_OK, "a debug kernel writes for the holder of its log");
        tap_status(mnos_debug_write(mute, text, 1), MNOS_E_NO_RIGHTS, "not without SEND [M069]");
        tap_status(mnos_debug_write(4000, text, 1), MNOS_E_BADCAP, "and not without the capability [M069]");
        tap_ok(mnos_debug_write(other, text, 1) < 0, "another endpoint is not the log [M069]");
    } else {
        tap_status(status, MNOS_E_NOT_SUPPORTED, "a release kernel has no debug_write [M069 M154]");
        tap_status(mnos_debug_write(4000, text, 1), MNOS_E_NOT_SUPPORTED, "whatever it is called with [M154]");
    }
    mnos_cap_delete(mute);
    mnos_cap_delete(other);
}

static void tests(void)
{
    ports2 = must(mnos_cap_create(MNOS_CREATE_IOPORT, MNOS_BOOT_IOPORT, COM2, 8, 0), "the ports of COM2");
    mnos_handle_t irq =
        must(mnos_cap_create(MNOS_CREATE_INTERRUPT, MNOS_BOOT_IRQ, COM2_LINE, 1, 0), "the line of COM2");

    ports();
    receiving();
    binding(irq);
    holders(irq);
    serial_wakes(irq);
    edge(irq);
    level();
    debug_write();
}

int main(int argc, char **argv)
{
    return test_main(argc, argv, roles, sizeof roles / sizeof roles[0], tests);
}
