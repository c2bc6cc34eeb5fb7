# SPDX-License-Identifier: BSD-2-Clause
"""One virtual machine: its boot volume, its QEMU process (through tools/qemu), its serial line and its monitor."""
import os
import re
import selectors
import signal
import socket
import subprocess
import tempfile
import time

FLAVOURS = {"release": "kernel.elf", "debug": "kernel-debug.elf"}


class Timeout(Exception):
    """The machine did not say in time what was expected of it."""


def limine_conf(modules, cmdline):
    """A loader configuration with these modules (paths on the volume) and this kernel command line."""
    lines = ["timeout: 0", "serial: yes", "", "/MinimalOS NextGen", "    protocol: limine",
             "    path: boot():/boot/kernel.elf"]
    if cmdline:
        lines.append(f"    cmdline: {cmdline}")
    lines += [f"    module_path: boot():/{m}" for m in modules]
    return "\n".join(lines) + "\n"


def make_volume(path, kernel, modules, cmdline="", config=None):
    """Writes a boot volume: boot/limine.conf, boot/kernel.elf and the modules [(name, file)]."""
    with open(path + ".conf", "w", encoding="utf-8") as f:
        f.write(config or limine_conf([n for n, _ in modules], cmdline))
    pairs = [("boot/limine.conf", path + ".conf"), ("boot/kernel.elf", kernel)] + modules
    for name, source in pairs:
        if not os.path.isfile(source):
            raise FileNotFoundError(f"{name} of the boot volume: there is no {source}")
    subprocess.run(["tools/mkvolume", path, *[f"{name}={source}" for name, source in pairs]], check=True)


def image_for(suite, build, scratch):
    """The image that a suite boots: a ready one it names, or a volume made for it."""
    if suite["image"]:
        return os.path.join(build, suite["image"])
    modules = suite["modules"] if suite["modules"] is not None else [suite["package"]]
    members = []
    for i, module in enumerate(modules):
        places = [os.path.join(build, module + ".tar"), os.path.join(build, module), module]
        source = next((p for p in places if os.path.isfile(p)), places[0])
        members.append((f"boot/{'default' if i == 0 else f'module{i}'}.tar", source))
    config = None
    if suite["config"]:
        with open(os.path.join(suite["folder"], suite["config"]), encoding="utf-8") as f:
            config = f.read()
    path = os.path.join(scratch, "boot.vol.tar")
    make_volume(path, os.path.join(build, FLAVOURS.get(suite["kernel"], suite["kernel"])), members, suite["cmdline"], config)
    return path


def qemu_arguments(suite):
    """The suite's machine as QEMU arguments, behind those that tools/qemu gives."""
    args = ["-smp", str(suite["smp"]), "-m", str(suite["mem"])]
    if suite["machine"]:
        args += ["-machine", suite["machine"]]
    if suite["cpu"]:
        args += ["-cpu", suite["cpu"]]
    if suite["icount"]:
        args += ["-icount", "shift=0,sleep=off"]
    return args + suite["qemu"]


class Machine:
    """A running QEMU whose first serial port is this object's console.

    Everything the serial port says goes to the log file; expect() waits for text that has not been consumed yet.
    """

    def __init__(self, image, args, log_path, env=None):
        self.scratch = tempfile.mkdtemp(prefix="mnos-qemu-")
        self.log = open(log_path, "wb")
        self.pending = b""
        self.status = None
        self._monitor = None
        self.monitor_path = os.path.join(self.scratch, "monitor")
        # QEMU ends with the harness, however that ends.
        command = ["setpriv", "--pdeathsig", "KILL", "tools/qemu", image, *args,
                   "-monitor", f"unix:{self.monitor_path},server=on,wait=off"]
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                        stderr=subprocess.STDOUT, start_new_session=True, bufsize=0,
                                        env=dict(os.environ, **(env or {})))
        os.set_blocking(self.process.stdout.fileno(), False)
        self.selector = selectors.DefaultSelector()
        self.selector.register(self.process.stdout, selectors.EVENT_READ)

    # The serial line.

    def _read(self, seconds):
        """Takes in what the machine says within the time; False once it has ended and said everything."""
        if not self.selector.select(max(0.0, seconds)):
            return True
        data = self.process.stdout.read()
        if data == b"":
            return False
        if data:
            self.log.write(data)
            self.log.flush()
            self.pending += data
        return True

    def expect(self, pattern, timeout=10):
        """Waits for a match of the regular expression, consumes up to its end and returns it."""
        wanted = re.compile(pattern.encode() if isinstance(pattern, str) else pattern, re.DOTALL | re.MULTILINE)
        deadline = time.monotonic() + timeout
        while True:
            found = wanted.search(self.pending)
            if found:
                self.pending = self.pending[found.end():]
                return found
            left = deadline - time.monotonic()
            if left <= 0:
                raise Timeout(f"no /{pattern}/ within {timeout} s; last came {self.pending[-300:]!r}")
            if not self._read(left):
                if not wanted.search(self.pending):
                    raise Timeout(f"the machine ended without /{pattern}/; last came {self.pending[-300:]!r}")

    def send(self, text):
        """Types at the console, as it is: a newline key is '\\r'."""
        self.process.stdin.write(text.encode() if isinstance(text, str) else text)
        self.process.stdin.flush()

    def drain(self, seconds):
        """Takes in and returns what is said within the given time."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline and self._read(deadline - time.monotonic()):
            pass
        said, self.pending = self.pending, b""
        return said

    def wait(self, timeout):
        """Waits for the machine to end by itself and returns QEMU's status."""
        deadline = time.monotonic() + timeout
        while True:
            left = deadline - time.monotonic()
            if left <= 0:
                raise Timeout(f"still running after {timeout} s")
            if not self._read(left):
                self.status = self.process.wait(timeout=10)
                return self.status

    def cpu_seconds(self):
        """Processor time that QEMU has used so far, on the host."""
        with open(f"/proc/{self.process.pid}/stat", encoding="ascii") as f:
            fields = f.read().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    # QEMU's monitor.

    def monitor(self, command, timeout=10):
        """Gives a command to QEMU's monitor and returns what it prints."""
        if self._monitor is None:
            self._monitor = socket.socket(socket.AF_UNIX)
            self._monitor.settimeout(timeout)
            self._monitor.connect(self.monitor_path)
            self._monitor_read()
        self._monitor.sendall(command.encode() + b"\n")
        text = self._monitor_read()
        # The monitor echoes the line with terminal codes; the answer begins behind the first line end.
        return re.sub(r"\x1b\[[0-9;]*[A-Za-z]", "", text.split("\n", 1)[-1]).replace("\r", "")

    def _monitor_read(self):
        said = b""
        while not said.endswith(b"(qemu) "):
            data = self._monitor.recv(65536)
            if not data:
                break
            said += data
        return said.decode(errors="replace").removesuffix("(qemu) ")

    def screendump(self, path):
        """Writes the screen as a PPM file and returns (width, height, pixels as RGB bytes)."""
        self.monitor(f"screendump {path}")
        deadline = time.monotonic() + 5
        while time.monotonic() < deadline:
            try:
                with open(path, "rb") as f:
                    return parse_ppm(f.read())
            except (OSError, ValueError):
                time.sleep(0.05)
        raise Timeout("QEMU wrote no screendump")

    def close(self):
        """Ends QEMU, if it still runs, and closes the log."""
        if self._monitor:
            self._monitor.close()
        if self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()
        while self._read(0.1) and self.selector.select(0):
            pass
        self.log.close()
        self.process.stdout.close()
        self.process.stdin.close()
        if os.path.exists(self.monitor_path):
            os.unlink(self.monitor_path)
        os.rmdir(self.scratch)


def parse_ppm(data):
    """A binary PPM as (width, height, pixels); ValueError when it is not complete."""
    header = re.match(rb"P6\s+(\d+)\s+(\d+)\s+255\s", data)
    if not header:
        raise ValueError("no PPM header")
    width, height = int(header.group(1)), int(header.group(2))
    pixels = data[header.end():]
    if len(pixels) < width * height * 3:
        raise ValueError("PPM is cut short")
    return width, height, pixels[:width * height * 3]
