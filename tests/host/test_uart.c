/* SPDX-License-Identifier: BSD-2-Clause */
/* LINK: drivers/serial/ns16550/uart.c */
/* The registers of a 16550, against a chip made here: FIFOs, modem lines, and chips that answer what none may. */
#include "host_test.h"

#include "../../drivers/serial/ns16550/uart.h"

#define RTS 0x02u
#define CTS 0x10u
#define DSR 0x20u

struct chip {
    uint8_t ier, lcr, mcr, scratch, msr, divisor, input[64], output[64];
    unsigned have, taken, sent, place; /* place: bytes of output that fit */
    unsigned clears, reads;
    bool fifos, no_scratch, nonsense;
    struct rng rng;
};

static struct chip chip;

static uint8_t chip_read(void *context, unsigned reg)
{
    assert_ptr_equal(context, &chip);
    assert_true(reg < 8);
    chip.reads++;
    if (chip.nonsense)
        return (uint8_t)rng_below(&chip.rng, 256);
    switch (reg) {
    case 0:
        return chip.taken < chip.have ? chip.input[chip.taken++] : 0;
    case 2:
        return (uint8_t)((chip.fifos ? 0xc0 : 0) | (chip.taken < chip.have && (chip.ier & 1) != 0 ? 4 : 1));
    case 5:
        return (uint8_t)((chip.taken < chip.have ? 1 : 0) | (chip.place >= UART_FIFO ? 0x60 : 0));
    case 6:
        return chip.msr;
    case 7:
        return chip.no_scratch ? 0xff : chip.scratch;
    default:
        return 0;
    }
}

static void fifos_control(uint8_t value)
{
    chip.fifos = (value & 1) != 0;
    if ((value & 6) != 0)
        chip.clears++;
}

static void chip_write(void *context, unsigned reg, uint8_t value)
{
    (void)context;
    assert_true(reg < 8);
    if (reg == 0 && (chip.lcr & 0x80) != 0)
        chip.divisor = value;
    else if (reg == 0)
        chip.output[chip.sent++ % sizeof chip.output] = value;
    else if (reg == 1)
        chip.ier = value;
    else if (reg == 2)
        fifos_control(value);
    else if (reg == 3)
        chip.lcr = value;
    else if (reg == 4)
        chip.mcr = value;
    else if (reg == 7)
        chip.scratch = value;
}

static const struct uart_bus bus = {chip_read, chip_write, &chip};
static struct uart uart;

static bool open_with(uint8_t msr)
{
    chip = (struct chip){.msr = msr, .place = UART_FIFO};
    return uart_open(&uart, &bus);
}

static void it_is_set_up(void **state)
{
    (void)state;
    assert_true(open_with(CTS | DSR));
    assert_int_equal(chip.lcr, 3);
    assert_int_equal(chip.divisor, 1);
    assert_int_equal(chip.mcr, 0x0b);
    assert_true(chip.fifos);
    assert_int_equal(chip.clears, 1);
}

/* What an earlier driver gave to the chip, or the line brought meanwhile, is in its FIFOs. */
static void fifos_in_use_are_kept(void **state)
{
    (void)state;
    chip = (struct chip){.msr = CTS, .place = UART_FIFO, .fifos = true, .input = "typed", .have = 5};
    assert_true(uart_open(&uart, &bus));
    assert_int_equal(chip.clears, 0);
    for (unsigned i = 0; i < 5; i++)
        assert_int_equal(uart_take(&uart), "typed"[i]);
    assert_int_equal(uart_take(&uart), -1);
}

static void what_is_no_16550_is_refused(void **state)
{
    (void)state;
    chip = (struct chip){.no_scratch = true};
    assert_false(uart_open(&uart, &bus));
    assert_int_equal(chip.ier | chip.lcr | chip.mcr, 0); /* and nothing else of it was touched */
}

static void without_place_rts_falls(void **state)
{
    (void)state;
    assert_true(open_with(CTS | DSR));
    uart_interrupts(&uart, true, false);
    assert_int_equal(chip.mcr & RTS, RTS);
    assert_int_equal(chip.ier, 1);
    uart_interrupts(&uart, false, false);
    assert_int_equal(chip.mcr & RTS, 0);
    assert_int_equal(chip.ier, 0);
    uart_interrupts(&uart, true, true);
    assert_int_equal(chip.mcr & RTS, RTS);
    assert_int_equal(chip.ier, 3);
}

static void cts_holds_the_output(void **state)
{
    (void)state;
    assert_true(open_with(CTS | DSR));
    assert_true(uart_ready(&uart));
    chip.msr = DSR;
    assert_false(uart_ready(&uart));
    uart_interrupts(&uart, true, true);
    assert_int_equal(chip.ier, 1 | 8); /* the modem lines will tell, not the transmitter */
    chip.msr = CTS | DSR;
    assert_true(uart_ready(&uart));
    uart_interrupts(&uart, true, true);
    assert_int_equal(chip.ier, 1 | 2);
    chip.place = 3;
    assert_false(uart_ready(&uart));
}

static void without_a_peer_nothing_is_held(void **state)
{
    (void)state;
    assert_true(open_with(0)); /* three wires */
    assert_true(uart_ready(&uart));
    chip.msr = DSR;
    assert_true(uart_ready(&uart)); /* CTS was never up */
    chip.msr = CTS | DSR;
    assert_true(uart_ready(&uart));
    chip.msr = 0; /* the cable is pulled out */
    assert_true(uart_ready(&uart));
}

/* A chip that answers anything makes no loop endless. */
static void nonsense_ends(void **state)
{
    struct rng rng = rng_seeded(16550);

    (void)state;
    for (unsigned i = 0; i < 200; i++) {
        chip = (struct chip){.nonsense = true, .rng = rng};
        (void)uart_open(&uart, &bus);
        unsigned before = chip.reads;
        uart_acknowledge(&uart);
        (void)uart_take(&uart);
        (void)uart_ready(&uart);
        assert_true(chip.reads - before < 40);
        rng = chip.rng;
    }
}

/* So it is when every register reads as ones: ports where nothing is. */
static void nothing_there_ends(void **state)
{
    (void)state;
    chip = (struct chip){.no_scratch = true, .msr = 0xff};
    assert_false(uart_open(&uart, &bus));
    assert_true(chip.reads < 10);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST("uart: it is set up with FIFOs, 115200 baud, 8N1", it_is_set_up),
        TEST("uart: what is in FIFOs that are in use is kept", fifos_in_use_are_kept),
        TEST("uart: what is no 16550 is refused", what_is_no_16550_is_refused),
        TEST("uart: without place for input RTS falls, and rises with it", without_place_rts_falls),
        TEST("uart: output stops while CTS is down, and the modem lines wake it", cts_holds_the_output),
        TEST("uart: without a peer that raises CTS nothing is held", without_a_peer_nothing_is_held),
        TEST("uart: a chip that answers nonsense makes no loop endless", nonsense_ends),
        TEST("uart: ports where nothing is are left alone", nothing_there_ends),
    };

    return RUN_TESTS(tests);
}
