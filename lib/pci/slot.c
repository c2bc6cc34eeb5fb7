/* SPDX-License-Identifier: BSD-2-Clause */
#include <pci.h>

#define EXPRESS_FLAGS     2u
#define EXPRESS_HAS_SLOT  0x0100u
#define SLOT_CAPABILITIES 0x14u
#define SLOT_HOT_PLUG     0x40u
#define SLOT_CONTROL      0x18u
#define SLOT_STATUS       0x1au

#define CONTROL_BUTTON    0x0001u
#define CONTROL_PRESENCE  0x0008u
#define CONTROL_INTERRUPT 0x0020u
#define CONTROL_LIGHT     0x0300u /* the power indicator */
#define CONTROL_LIGHT_ON  0x0100u
#define CONTROL_LIGHT_OFF 0x0300u
#define CONTROL_POWER_OFF 0x0400u

#define STATUS_BUTTON   0x0001u
#define STATUS_CHANGED  0x0008u
#define STATUS_EVENTS   0x001fu /* cleared by writing ones */
#define STATUS_OCCUPIED 0x0040u

static unsigned express(const struct pci_function *port)
{
    unsigned at = pci_capability_find(port, PCI_CAP_EXPRESS, 0);

    return at <= 0x100u - 0x1cu ? at : 0;
}

bool pci_slot_can(const struct pci_access *access, const struct pci_function *port)
{
    unsigned at = express(port);

    return port->header == PCI_HEADER_BRIDGE && at != 0 &&
           (pci_read(access, port->bdf, at + EXPRESS_FLAGS, 2) & EXPRESS_HAS_SLOT) != 0 &&
           (pci_read(access, port->bdf, at + SLOT_CAPABILITIES, 4) & SLOT_HOT_PLUG) != 0;
}

void pci_slot_listen(const struct pci_access *access, const struct pci_function *port)
{
    unsigned at = express(port);
    uint32_t control = pci_read(access, port->bdf, at + SLOT_CONTROL, 2);

    pci_write(access, port->bdf, at + SLOT_STATUS, 2, STATUS_EVENTS);
    pci_write(access, port->bdf, at + SLOT_CONTROL, 2, control | CONTROL_BUTTON | CONTROL_PRESENCE | CONTROL_INTERRUPT);
}

struct pci_slot_event pci_slot_take(const struct pci_access *access, const struct pci_function *port)
{
    unsigned at = express(port);
    uint32_t status = pci_read(access, port->bdf, at + SLOT_STATUS, 2);

    pci_write(access, port->bdf, at + SLOT_STATUS, 2, status & STATUS_EVENTS);
    return (struct pci_slot_event){.button = (status & STATUS_BUTTON) != 0,
                                   .changed = (status & STATUS_CHANGED) != 0,
                                   .present = (status & STATUS_OCCUPIED) != 0};
}

void pci_slot_power(const struct pci_access *access, const struct pci_function *port, bool on)
{
    unsigned at = express(port);
    uint32_t control = pci_read(access, port->bdf, at + SLOT_CONTROL, 2) & ~(CONTROL_LIGHT | CONTROL_POWER_OFF);

    pci_write(access, port->bdf, at + SLOT_CONTROL, 2,
              control | (on ? CONTROL_LIGHT_ON : CONTROL_LIGHT_OFF | CONTROL_POWER_OFF));
}
