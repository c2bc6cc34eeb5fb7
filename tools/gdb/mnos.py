# SPDX-License-Identifier: BSD-2-Clause
"""gdb commands that show what the kernel knows: loaded by `make debug`, or by hand with `source tools/gdb/mnos.py`.

mnos-threads        every thread: state, priority, core, where it is, what it waits for
mnos-caps PID       a process's capability table
mnos-aspace PID     a process's mappings
"""
import gdb

RIGHTS = [(0x01, "R"), (0x02, "W"), (0x04, "X"), (0x08, "S"), (0x10, "V"), (0x20, "G"), (0x40, "K")]
MAP_FLAGS = [(1, "r"), (2, "w"), (4, "x")]


def container(pointer, type_name, member):
    """The structure that embeds the node that the pointer points at."""
    kind = gdb.lookup_type(type_name)
    field = kind[member]
    base = int(pointer) - field.bitpos // 8
    return gdb.Value(base).cast(kind.pointer())


def listed(head, type_name, member):
    """The entries of an intrusive list."""
    node, end = head["head"]["next"], head["head"].address
    while int(node) != int(end) and int(node):
        yield container(node, type_name, member)
        node = node["next"]


def in_tree(root, type_name, member):
    """The entries of an intrusive tree, in order, from its top node on."""
    stack, node = [], root
    while int(node) or stack:
        while int(node):
            stack.append(node)
            node = node["child"][0]
        node = stack.pop()
        yield container(node, type_name, member)
        node = node["child"][1]


def processes():
    """All processes by pid: the tree that init is in, found from init upwards."""
    init = gdb.parse_and_eval("init_process")
    if not int(init):
        raise gdb.GdbError("there is no process yet")
    top = init["all_link"].address
    while int(top["parent_red"]) & ~1:
        top = gdb.Value(int(top["parent_red"]) & ~1).cast(top.type)
    yield from in_tree(top, "struct process", "all_link")


def process(argument):
    try:
        pid = int(argument, 0)
    except ValueError:
        raise gdb.GdbError("which process? give its pid") from None
    for candidate in processes():
        if int(candidate["pid"]) == pid:
            return candidate
    raise gdb.GdbError(f"there is no process {pid}")


def enum_name(value, enum, prefix):
    """The name of an enumerator without its prefix, or the number where it has none."""
    for field in gdb.lookup_type(enum).fields():
        if field.enumval == int(value):
            return field.name.removeprefix(prefix).lower()
    return str(int(value))


def letters(value, table):
    return "".join(letter if int(value) & bit else "-" for bit, letter in table)


class Threads(gdb.Command):
    """Every thread of every process."""

    def __init__(self):
        super().__init__("mnos-threads", gdb.COMMAND_STATUS)

    def invoke(self, argument, from_tty):
        print(f"{'tid':>5} {'pid':>5} {'process':16} {'state':8} {'waits for':14} {'prio':>4} {'core':>4}  rip")
        for owner in processes():
            for thread in listed(owner["threads"], "struct thread", "process_link"):
                state = enum_name(thread["state"], "enum mnos_state", "MNOS_STATE_")
                waits = enum_name(thread["wait"], "enum mnos_wait", "MNOS_WAIT_") if state == "blocked" else "-"
                print(f"{int(thread['tid']):5} {int(owner['pid']):5} {owner['name'].string():16} {state:8} {waits:14} "
                      f"{int(thread['prio']):4} {int(thread['core']):4}  {int(thread['regs']['rip']):#x}")


class Capabilities(gdb.Command):
    """A process's capability table: slot, type, rights (R W X Send receiVe Grant revoKe), what it names."""

    def __init__(self):
        super().__init__("mnos-caps", gdb.COMMAND_DATA)

    def invoke(self, argument, from_tty):
        owner = process(argument)
        table = owner["table"]
        print(f"{owner['name'].string()}: {int(table['used'])} of {int(table['slots'])} slots, at most {int(table['limit'])}")
        for index in range(int(table["slots"])):
            slot = table["chunk"][index // 64][index % 64]
            meta = int(slot["meta"])
            if meta & 0xff == 0:
                continue
            node = slot["node"]
            kind = enum_name(meta & 0xff, "enum mnos_type", "MNOS_TYPE_")
            what = f"object {int(node['object']['id'])}"
            if kind == "endpoint" and int(node["badge"]):
                what += f" badge {int(node['badge']['value']):#x}"
            elif kind in ("memory", "ioport", "interrupt"):
                what += f" base {int(node['base']):#x} length {int(node['length']):#x}"
            print(f"{index:5} gen {meta >> 32:<5} {kind:12} {letters(meta >> 8, RIGHTS)}  {what}")


class AddressSpace(gdb.Command):
    """A process's mappings, by address."""

    def __init__(self):
        super().__init__("mnos-aspace", gdb.COMMAND_DATA)

    def invoke(self, argument, from_tty):
        owner = process(argument)
        space = owner["aspace"]
        print(f"{owner['name'].string()}: page table {int(space['root']['value']):#x}, {int(space['tables'])} table frames, "
              f"{int(space['resident'])} pages resident")
        for mapping in in_tree(space["mappings"]["root"], "struct mapping", "node"):
            kind = enum_name(mapping["memory"]["kind"], "enum memory_kind", "MEMORY_")
            print(f"{int(mapping['start']):#018x} - {int(mapping['end']):#018x} {letters(mapping['flags'], MAP_FLAGS)} "
                  f"{kind:8} object {int(mapping['memory']['object']['id'])} + {int(mapping['offset']):#x}")


Threads()
Capabilities()
AddressSpace()
