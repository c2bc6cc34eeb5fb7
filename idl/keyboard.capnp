# SPDX-License-Identifier: BSD-2-Clause
@0x92d4f6a8b1c3e505;
using Mnos = import "mnos.capnp";

const keyboardKept :UInt32 = 64;
# So many events wait for a reader; later ones are lost.

interface Keyboard @0xc41d8f03a6b7e92a {
  # Keys that go down and up.

  read @0 () -> (code :UInt8, down :Bool, character :UInt8) $Mnos.waits
    $Mnos.raises([(error = "BUSY", when = "too many calls wait"), (error = "INTERRUPTED", when = "the call was cancelled")]);
  # The next event.  The code is the key's scan code of set 1, with 0x80 added behind an E0 prefix; the character is what it
  # means on a US keyboard with the keys that are held, or 0.
}
