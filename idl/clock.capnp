# SPDX-License-Identifier: BSD-2-Clause
@0x8ab1d1c83fdc5b01;
using Mnos = import "mnos.capnp";

interface Clock @0x9d0d2a52fbbf1d31 {
  # A clock that runs while the machine is off.

  read @0 () -> (seconds :Int64) $Mnos.raises([(error = "NOT_FOUND", when = "the chip holds no time")]);
  # Seconds since 1970, UTC.

  ticks @1 () -> (ticks :UInt64);
  # How many seconds the driver has seen begin.
}
