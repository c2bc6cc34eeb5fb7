# SPDX-License-Identifier: BSD-2-Clause
# The boot manifest: what a system is made of, and what each part of it may do.  docs/manifest.md explains the fields;
# lib/manifest reads them; tools/mkmanifest writes them.
#
# A reader refuses another major version.  A minor version adds fields, whose zero means what was before.
@0xfa08908df3f6263f;

struct SystemManifest {
  major @0 :UInt16;
  minor @1 :UInt16;
  name @2 :Text;
  source @3 :Text;                 # file that the lines below count in
  memory @4 :UInt64;               # bytes that all services together may have; 0: what the machine has
  services @5 :List(Service);
}

struct Service {
  name @0 :Text;
  program @1 :Text;                # member of the boot package
  args @2 :List(Text);
  capabilities @3 :List(Capability);
  provides @4 :List(Provided);
  dependsOn @5 :List(Text);        # services that are ready before this one is started
  memory @6 :UInt64;               # bytes; all that it uses is charged to them
  cpuNs @7 :UInt64;                # of each period; 0: no budget
  periodNs @8 :UInt64;
  backoffMs @9 :UInt32;            # before the first restart; doubled for each further one in quick succession
  backoffMaxMs @10 :UInt32;
  restartLimit @11 :UInt32;        # restarts in quick succession; 0: no limit
  startMs @12 :UInt32;             # time to become ready; 0: as long as it takes
  slots @13 :UInt32;               # most capabilities it may hold
  line @14 :UInt32;
  priority @15 :UInt8;
  restart @16 :Restart;
  readiness @17 :Readiness;
  instances @18 :UInt16;           # processes at a time, for a service that is started on request
  onRequest @19 :Bool;             # not started by itself
}

enum Restart { never @0; onFailure @1; always @2; }

enum Readiness {
  registered @0;                   # ready when all that it provides is in the directory
  explicit @1;                     # ready when it says so
}

struct Capability {
  name @0 :Text;                   # in the service's CapSet
  from @1 :Text;                   # source service: the provided name
  first @2 :UInt64;                # sources with a range
  count @3 :UInt64;                # 0: all of it
  interface @4 :UInt64;            # source service: what is expected; 0: anything
  line @5 :UInt32;
  source @6 :Source;
  rights @7 :UInt8;                # bits as in mnos/object.h
  late @8 :Bool;                   # source service: not given at the start, only looked up
  optional @9 :Bool;               # source service: nobody need provide it
}

enum Source {
  pool @0;                         # the service's own memory budget
  log @1;                          # the kernel log
  irq @2;                          # interrupt lines
  ports @3;
  package @4;                      # the boot package
  framebuffer @5;
  acpi @6;
  system @7;                       # the view of the whole system
  mmio @8;                         # device memory, physical addresses
  directory @9;                    # init: register and look up names
  spawner @10;                     # init: these, and start what is on request
  control @11;                     # init: all that, and status, start, stop, restart, power
  service @12;                     # an endpoint that a service provides
  endpoint @13;                    # new objects of its own
  notification @14;
  memory @15;                      # `count` bytes
  events @16;                      # notification: a service that this one depends on is gone (bit 0), is back (bit 1)
}

struct Provided {
  name @0 :Text;                   # in the directory
  capability @1 :Text;             # where set: init makes the endpoint and keeps it; RECV under this name
  interface @2 :UInt64;
  line @3 :UInt32;
  rights @4 :UInt8;                # that its users may have
}
