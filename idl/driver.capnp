# SPDX-License-Identifier: BSD-2-Clause
@0xb3e5d7f9a2c4e606;
using Mnos = import "mnos.capnp";

interface Driver @0xd2f48b6e7a90c135 {
  # What every driver understands beside its own interface.

  stats @0 () -> (interrupts :UInt64, doorbells :UInt64, messages :UInt64, requests :UInt64, bytes :UInt64, errors :UInt64,
                  start :UInt64);
  # Counts since this driver was started; `start`: how many were started before it.
}
