# SPDX-License-Identifier: BSD-2-Clause
@0x9f2341c67df66e56;
using Mnos = import "mnos.capnp";

interface Session @0xcde650159ffb4853 $Mnos.prefix("bulk") {
  # Bulk transfers with a driver, through memory that client, driver and device share (driver/session.h).

  open @0 (memory :Mnos.Memory, done :Mnos.Notification)
       -> (first :UInt64, second :UInt64, third :UInt64, number :UInt64, doorbell :Mnos.Notification) $Mnos.waits
    $Mnos.raises([(error = "NO_SLOTS", when = "the driver has as many sessions as it can"),
                  (error = "INVALID", when = "the Memory has no place for the rings and a byte of data, or is too large"),
                  (error = "NO_RIGHTS", when = "the Memory may not be read and written, or one of both not be passed on")]);
  # Three words say what the device is (driver/block.h, driver/net.h).  The doorbell is signalled when requests are in the ring,
  # `done` by the driver when completions are.

  close @1 (number :UInt64)
    $Mnos.raises([(error = "NOT_FOUND", when = "it is no session of this client"),
                  (error = "BUSY", when = "requests are with the device")]);
  # A session also ends when the last capability of its client is gone.
}
