# SPDX-License-Identifier: BSD-2-Clause
"""The boot media as a person gets them, through UEFI firmware to the prompt; and that the configuration counts."""


def through_firmware(session, image, name):
    """Firmware names the medium it starts, the kernel the loader, the monitor asks for a command."""
    machine = session.boot(image=image)
    started = machine.expect(r"BdsDxe: starting (\S+ \"UEFI [^\"]*\")", timeout=60)
    loader = machine.expect(r"loader (mnos-boot [\d.]+)", timeout=60)
    machine.expect(r"mnos> ", timeout=60)
    session.ok(started and loader, name)
    machine.send("poweroff\r")
    session.ok(machine.wait(30) == 0, f"{image}: poweroff ends the machine")


def run(session):
    for words in ("loglevel=3 one", "loglevel=3 two"):
        machine = session.boot(cmdline=words)
        session.ok(machine.expect(f'command line "{words}"', timeout=20),
                   f"limine.conf's command line \"{words}\" is in the boot log [M039]")
    through_firmware(session, "default.img", "the disk image boots through UEFI [M038 M072 M168]")
    through_firmware(session, "default.iso", "the CD image boots through UEFI [M038 M168]")
