# SPDX-License-Identifier: BSD-2-Clause
@0xa1c3e5d7f9b2c404;
using Mnos = import "mnos.capnp";

const entropyMost :UInt32 = 1024;
# Bytes that one answer has at the most.

interface Entropy @0xe7a02c5d94c1b3f6 {
  # A source of random bytes.

  read @0 () -> (bytes :Data) $Mnos.waits
    $Mnos.raises([(error = "BUSY", when = "too many calls wait"), (error = "INVALID", when = "no room for a byte"),
                  (error = "INTERRUPTED", when = "the call was cancelled")]);
  # As many as there are and fit, at least one; waits until there are some.  None is given twice.
}
