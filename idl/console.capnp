# SPDX-License-Identifier: BSD-2-Clause
@0xd8f4b8a2d8a3ae02;
using Mnos = import "mnos.capnp";

interface Console @0xb67fdb26c7f5b3d1 $Mnos.prefix("con")
    $Mnos.raises([(error = "INTERRUPTED", when = "the call was cancelled before anything was done"),
                  (error = "BUSY", when = "too many calls wait")]) {
  # A stream of bytes to and from a person: a serial line, or a console behind virtio.  The drivers and clients of this build
  # still speak libmnos/console.h; the id is the one that manifests call `console`.

  write @0 (bytes :Data $Mnos.pulled) -> (taken :UInt64) $Mnos.waits;
  # Answered when all bytes are on their way, or with fewer when the call was cancelled or the caller's buffer could not be
  # read further.  The bytes of several writers do not mix.

  read @1 () -> (bytes :Data) $Mnos.waits
    $Mnos.raises([(error = "INVALID", when = "no room for a byte")]);
  # Answered when there is input, with at least one byte.

  stats @2 () -> (interrupts :UInt64, received :UInt64, sent :UInt64, lost :UInt64);
  # Counts since the driver was started: interrupts, bytes in, bytes out, bytes of input that had no place.
}
