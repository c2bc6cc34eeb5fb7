# SPDX-License-Identifier: BSD-2-Clause
"""The framebuffer console, read back: each cell of a screendump is looked up among the glyphs of the font."""
import re
import time

COLUMNS, ROWS = 128, 48


def font(path="build/gen/font8x16.c"):
    """Glyph (16 bytes) -> character, for printable ASCII."""
    with open(path, encoding="utf-8") as f:
        text = f.read()
    rows = re.search(r"font8x16_glyphs\[\d+\]\[16\] = \{(.*?)\n\};", text, re.DOTALL)[1]
    glyphs = [bytes(int(n, 0) for n in re.findall(r"0x[0-9a-fA-F]+|\b\d+\b", re.sub(r"/\*.*?\*/", "", row)))
              for row in re.findall(r"\{([^{}]*)\}", rows)]
    index = [int(n, 0) for n in re.findall(r"\d+", re.search(r"font8x16_latin1\[256\] = \{(.*?)\}", text, re.DOTALL)[1])]
    return {glyphs[index[c]]: chr(c) for c in range(126, 31, -1)}


def read(machine, session, name, glyphs):
    """The screen's text, row by row; None for a cell that shows no glyph of the font."""
    width, height, rgb = machine.screendump(f"{session.scratch}/{name}.ppm")
    assert (width, height) == (COLUMNS * 8, ROWS * 16), (width, height)
    text = []
    for row in range(ROWS):
        line = ""
        for column in range(COLUMNS):
            glyph = bytes(sum(0x80 >> x for x in range(8)
                              if rgb[((row * 16 + y) * width + column * 8 + x) * 3] > 64) for y in range(16))
            line += glyphs.get(glyph, "\0")
        text.append(line.rstrip())
    return text


def run(session):
    glyphs = font()
    session.ok(len(glyphs) > 90, "the font's glyphs are told apart")

    machine = session.boot(cmdline="selftest=screen", extra=["-vga", "std"])
    said = machine.expect(r"screen line 200 of 200[^\n]*\n", timeout=30)
    assert said
    time.sleep(0.5)
    shown = read(machine, session, "scrolled", glyphs)
    expected = [f"screen line {i} of 200 " + "#" * (i % 64) for i in range(200 - ROWS + 2, 201)] + [""]
    expected = [line.rstrip() for line in expected]
    wrong = [(a, b) for a, b in zip(shown, expected) if a != b]
    session.ok(not wrong, "after 200 lines the screen shows the last ones, scrolled [M165]", str(wrong[:2]))

    # Stopped when the kernel has come so far: what init says later scrolls the first lines away, at times before it stands.
    early = ("screen: 1024x768", "phase 2: can see: boot information, framebuffer console", "phase 4: can think")
    for _ in range(3):
        machine = session.boot(cmdline="", kernel="release", extra=["-vga", "std"])
        machine.expect(r"phase 4: can think", timeout=30)
        machine.expect(r"init: sbin/init", timeout=30)  # a line goes to the screen after the serial port
        machine.monitor("stop")
        shown = read(machine, session, "banner", glyphs)
        machine.monitor("cont")
        seen = all(any(wanted in line for line in shown) for wanted in early)
        if seen:
            break
    session.ok(seen, "the framebuffer shows what the kernel says from phase 2 on [M043]", str(shown[:3]))
    machine.expect(r"mnos> ", timeout=30)
    time.sleep(0.5)
    shown = read(machine, session, "running", glyphs)
    session.ok(any("all services are ready" in line for line in shown), "and what comes after them", str(shown[:3]))
