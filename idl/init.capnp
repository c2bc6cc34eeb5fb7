# SPDX-License-Identifier: BSD-2-Clause
@0x869365369c457933;
using Mnos = import "mnos.capnp";

enum InitState {
  waiting @0;                          # for services that it needs, or for its next try
  starting @1;                         # it runs, and is not ready
  running @2;                          # ready
  failed @3;                           # it ended, and is not started again
  stopped @4;                          # on purpose, or never started
}

enum InitPolicy { never @0; onFailure @1; always @2; }

struct InitStatus {
  # A service, and how it fares.
  name @0 :Text $Mnos.size(32);
  number @1 :UInt64;
  pid @2 :UInt64;                      # 0: it does not run
  instances @3 :UInt64;                # processes
  restarts @4 :UInt64;                 # since the system started
  exit @5 :UInt64;                     # how it ended the last time
  beganNs @6 :UInt64;                  # of the last start: when the spawner was called
  readyNs @7 :UInt64;                  # ... and when it was ready
  memory @8 :UInt64;                   # bytes of its budget
  state @9 :InitState;
  restart @10 :InitPolicy;
  onRequest @11 :Bool;
  ended @12 :Bool;                     # it has run and ended
  why @13 :Text $Mnos.size(158);       # why it does not run, in words; empty: it runs
}

struct InitSystem {
  services @0 :UInt64;                 # in the manifest
  processes @1 :UInt64;                # started so far, by init
  parsed @2 :UInt64;                   # program files looked into
  judgeNs @3 :UInt64;                  # what it took to read and to judge the manifest
  readyNs @4 :UInt64;                  # when all that start by themselves were ready the first time; 0: not yet
}

interface Init @0x96fa6906da78d4b8
    $Mnos.raises([(error = "NO_RIGHTS", when = "the caller's entry has neither `spawner` nor `control`, or not what this takes")]) {
  # The service manager.  The first three are for holders of the source `spawner`, too, the others for those of `control` alone.

  spawn @0 (name :Text $Mnos.most(32), arguments :Data $Mnos.most(224)) -> (pid :UInt64)
    $Mnos.raises([(error = "NOT_FOUND", when = "there is no such service"),
                  (error = "INVALID", when = "it is not started on request, what it needs is not ready, or the last argument does not end"),
                  (error = "BUSY", when = "it runs as often as it may")]);
  # Starts a service that is started on request; each argument ends with NUL.

  list @1 (number :UInt64) -> (found :InitStatus)
    $Mnos.raises([(error = "NOT_FOUND", when = "the list is at its end")]);

  find @2 (name :Text $Mnos.words(4)) -> (found :InitStatus)
    $Mnos.raises([(error = "NOT_FOUND", when = "there is no such service")]);

  start @3 (name :Text $Mnos.words(4))
    $Mnos.raises([(error = "NOT_FOUND", when = "there is no such service"), (error = "BUSY", when = "it runs"),
                  (error = "INVALID", when = "it is one of several processes at a time")]);

  stop @4 (name :Text $Mnos.words(4)) $Mnos.raises([(error = "NOT_FOUND", when = "there is no such service")]);

  restart @5 (name :Text $Mnos.words(4))
    $Mnos.raises([(error = "NOT_FOUND", when = "there is no such service"),
                  (error = "INVALID", when = "it is one of several processes at a time")]);

  kill @6 (pid :UInt64) $Mnos.raises([(error = "NOT_FOUND", when = "it is no child of init")]);

  name @7 (number :UInt64) -> (name :Text $Mnos.words(4), owner :UInt64, endpoint :UInt64)
    $Mnos.raises([(error = "NOT_FOUND", when = "the list is at its end")]);
  # A name of the directory; the pid of who serves it (0: nobody yet), and the object id of its endpoint.

  system @8 () -> (facts :InitSystem);

  powerOff @9 ();
  # Not answered, like the next two.

  reboot @10 ();

  fail @11 ();
  # The machine ends as after a failed test.
}
