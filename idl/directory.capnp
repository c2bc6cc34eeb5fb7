# SPDX-License-Identifier: BSD-2-Clause
@0xfea389c18de5a080;
using Mnos = import "mnos.capnp";

const namesMax :UInt32 = 31;           # bytes of a name

enum NamesError $Mnos.errors(0x200) {
  forbidden @0 $Mnos.text("the manifest does not let the caller provide this name");
  duplicate @1 $Mnos.text("somebody serves this name");
  otherInterface @2 $Mnos.text("the endpoint has another interface");
}

interface Directory @0xc3211de498ff9a55 $Mnos.prefix("dir")
    $Mnos.raises([(error = "NO_RIGHTS", when = "the caller is not a service of the manifest")]) {
  # Names of up to 31 bytes and the endpoints that serve them.  init keeps it: the capability "init".  A caller may provide
  # the names that its manifest entry provides, and look up those that it lists; there are no others for it.

  provide @0 (name :Text $Mnos.words(4), endpoint :Mnos.Endpoint)
    $Mnos.raises([(error = "FORBIDDEN"), (error = "DUPLICATE"),
                  (error = "NO_RIGHTS", when = "the endpoint cannot be sent to, or not be passed on")]);
  # The endpoint (SEND, GRANT) serves the name from now on.  With RECV too the directory can badge it, and keeps it alive while
  # its server is restarted.

  lookup @1 (name :Text $Mnos.words(4), interface :UInt64) -> (endpoint :Mnos.Endpoint)
    $Mnos.raises([(error = "NOT_FOUND", when = "the caller's entry does not list the name, or nobody serves it"),
                  (error = "OTHER_INTERFACE"),
                  (error = "BUSY", when = "the server has yet to hear that the caller let go of this endpoint before")]);
  # A capability to send, badged for the caller.  `interface`: the id that is expected, 0 for any.

  ready @2 ();
  # The caller, whose entry says that it tells so itself, is ready.
}
