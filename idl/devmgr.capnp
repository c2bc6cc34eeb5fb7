# SPDX-License-Identifier: BSD-2-Clause
@0xf456ce9de9dab364;
using Mnos = import "mnos.capnp";

const deviceName :UInt32 = 16;         # bytes of a name, its NUL included
const deviceBars :UInt32 = 6;
const deviceIrqs :UInt32 = 8;

enum DeviceKind { pci @0; platform @1; }

enum DeviceState {
  free @0;                             # no driver is known for it, or the boot package lacks it
  stopped @1;                          # by request
  starting @2;                         # the driver runs, and has not said that it is ready
  running @3;
  restarting @4;                       # the driver died; the next one starts soon
  failed @5;                           # the driver cannot drive it, or ends at once again and again
  other @6;                            # driven by a program that the device manager does not start
  removed @7;                          # it was unplugged
}

enum DeviceBarKind { none @0; io @1; mem32 @2; mem64 @3; }

struct DeviceBar {
  # What a device decodes, or of it what a driver may use: ports, or memory.
  base @0 :UInt64;                     # io: the first port
  size @1 :UInt64;
  kind @2 :DeviceBarKind;
  offset @3 :UInt32;                   # for a driver: where it begins in the Memory of its capability
  prefetchable @4 :Bool;
  odd @5 :Bool;                        # its mask is none that the specification allows; the size is the alignment that it shows
}

struct DeviceCapability {
  # An entry of a PCI function's capability list.
  id @0 :UInt8;
  offset @1 :UInt8;
}

struct DeviceRecord {
  # A device, and who drives it.
  pid @0 :UInt64;                      # 0: no driver runs
  starts @1 :UInt64;
  index @2 :UInt32;
  kind @3 :DeviceKind;
  state @4 :DeviceState;
  irqs @5 :UInt32;
  name @6 :Text $Mnos.size(.deviceName);
  service @7 :Text $Mnos.size(.deviceName);
  driver @8 :Text $Mnos.size(32);      # the program; empty: none is known
  bdf @9 :UInt16;                      # bus, device and function (pci.h); this and what follows: of a PCI device
  vendor @10 :UInt16;
  device @11 :UInt16;
  subsystemVendor @12 :UInt16;
  subsystem @13 :UInt16;
  class @14 :UInt8;
  subclass @15 :UInt8;
  interface @16 :UInt8;
  revision @17 :UInt8;
  header @18 :UInt8;
  secondary @19 :UInt8;                # of a bridge: the buses behind it
  subordinate @20 :UInt8;
  irqLine @21 :UInt8;
  irqPin @22 :UInt8;                   # 0: none
  capabilities @23 :UInt8;             # entries of the list
  listBroken @24 :Bool;                # it loops, or leaves its area
  msix @25 :Bool;                      # its interrupts are MSI-X
  msiVectors @26 :UInt32;
  msixVectors @27 :UInt32;
  bar @28 :List(DeviceBar) $Mnos.size(.deviceBars);
  capability @29 :List(DeviceCapability) $Mnos.size(48);
  className @30 :Text $Mnos.size(48);  # empty: unknown
  vendorName @31 :Text $Mnos.size(48);
  deviceName @32 :Text $Mnos.size(64);
}

struct DeviceInfo {
  # What a driver is told of its device.
  dmaSize @0 :UInt64;                  # bytes of the Memory "dma"
  start @1 :UInt64;                    # how often it was started before
  kind @2 :DeviceKind;
  irqs @3 :UInt32;                     # capabilities "irq0" and on
  messages @4 :Bool;                   # they are MSI or MSI-X, and need no acknowledgement
  msix @5 :Bool;                       # they are MSI-X: entry i is "irqi"
  name @6 :Text $Mnos.size(.deviceName);
  service @7 :Text $Mnos.size(.deviceName);
  bar @8 :List(DeviceBar) $Mnos.size(.deviceBars);  # capabilities "bar0" to "bar5"; none: it is not the driver's
  config @9 :Data $Mnos.size(256);     # a copy of the configuration space, taken before the start
}

interface DeviceManager @0xbae45bb638e4f82e $Mnos.prefix("devmgr") {
  # The devices of the machine and their drivers.  Everybody may list; the rest is for the capability with the badge
  # DEVMGR_BADGE_CONTROL.

  list @0 (index :UInt64) -> (record :DeviceRecord)
    $Mnos.raises([(error = "NOT_FOUND", when = "the list is at its end")]);

  open @1 (index :UInt64) -> (service :Mnos.Endpoint)
    $Mnos.raises([(error = "NOT_FOUND", when = "there is no such device, or no driver has been started for it"),
                  (error = "NO_RIGHTS", when = "the caller may only list")]);
  # A capability to the device's service (SEND, GRANT), badged for this caller.

  start @2 (index :UInt64)
    $Mnos.raises([(error = "NOT_FOUND", when = "there is no such device"),
                  (error = "BUSY", when = "it is neither stopped nor failed"),
                  (error = "NO_RIGHTS", when = "the caller may only list")]);

  stop @3 (index :UInt64)
    $Mnos.raises([(error = "NOT_FOUND", when = "there is no such device, or no driver runs"),
                  (error = "NO_RIGHTS", when = "the caller may only list")]);
  # Ends the driver; its clients get PEER_GONE until it is started.

  kill @4 (index :UInt64)
    $Mnos.raises([(error = "NOT_FOUND", when = "there is no such device, or no driver runs"),
                  (error = "NO_RIGHTS", when = "the caller may only list")]);
  # Ends the driver as a crash would; it is started again.

  scan @5 () -> (count :UInt64) $Mnos.raises([(error = "NO_RIGHTS", when = "the caller may only list")]);
  # Looks for devices that have come or gone.
}

interface DeviceHost @0xc4336f87f7e5b6c3 $Mnos.prefix("host") {
  # What a driver says to the device manager, through a capability that is its own for each start.

  info @0 () -> (info :DeviceInfo);

  ready @1 ();
  # The driver serves from now on, and its device writes to no memory of an earlier driver any more.

  failed @2 (error :UInt32);
  # It cannot drive this device and ends; `error`: of the kernel's table, why.  It is not started again.

  hold @3 (memory :Mnos.Memory, gone :Mnos.Notification) -> (number :UInt64)
    $Mnos.raises([(error = "NO_SLOTS", when = "as much is held as can be"),
                  (error = "NO_RIGHTS", when = "the Notification cannot be signalled")]);
  # Memory that the device is going to write to, and a Notification of its owner.  The device manager keeps both until they
  # are released; when the driver dies, it signals DEVMGR_GONE and keeps the Memory until the next driver is ready, so that
  # its frames get no other use while a device may still write them.

  release @4 (number :UInt64)
    $Mnos.raises([(error = "NOT_FOUND", when = "nothing is held with this number")]);
}
