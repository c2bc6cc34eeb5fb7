# SPDX-License-Identifier: BSD-2-Clause
# One method for each form that a call can have.
@0xb0dd2d6b3a5c9f03;
using Mnos = import "/mnos.capnp";

const limit :UInt32 = 7;

enum Colour { red @0; green @1; blue @2; }

enum SampleError $Mnos.errors(0x240) {
  tooRed @0 $Mnos.text("it is red enough");
  tooBlue @1;
}

struct Part {
  colour @0 :Colour;
  weight @1 :UInt16;
}

struct Thing {
  # What travels in a buffer as a whole.
  number @0 :UInt64;
  small @1 :UInt8;                     # beside a number of another size
  wide @2 :Int32;
  flag @3 :Bool;
  name @4 :Text $Mnos.size(13);
  raw @5 :Data $Mnos.size(3);
  parts @6 :List(Part) $Mnos.size(2);
  numbers @7 :List(Int16) $Mnos.size(3);
}

interface Sample @0xfaa4a6a15ab2b404 $Mnos.version(3) {
  # A service that does nothing of use.

  nothing @0 ();

  add @1 (left :Int32, right :Int32) -> (sum :Int64)
    $Mnos.raises([(error = "TOO_RED"), (error = "RANGE", when = "never")]);

  eight @2 (a :UInt64, b :UInt64, c :UInt64, d :UInt64, e :UInt64, f :UInt64, g :UInt64, h :UInt64)
        -> (a :UInt64, b :UInt64, c :UInt64, d :UInt64, e :UInt64, f :UInt64, g :UInt64, h :UInt64);

  kinds @3 (flag :Bool, colour :Colour, tiny :Int8, nothing :Void, byte :UInt8)
        -> (flag :Bool, colour :Colour, tiny :Int8, byte :UInt8);

  named @4 (name :Text $Mnos.words(4), more :UInt64) -> (name :Text $Mnos.words(4), length :UInt64);

  put @5 (offset :UInt64, bytes :Data $Mnos.most(100)) -> (sum :UInt64);

  get @6 (offset :UInt64) -> (bytes :Data, last :Bool);

  echo @7 (text :Text $Mnos.most(64)) -> (text :Text);

  rename @8 (old :Text $Mnos.most(32), new :Text $Mnos.most(32), tag :Data $Mnos.most(8)) -> (length :UInt64);

  thing @9 (thing :Thing) -> (thing :Thing);

  things @10 (numbers :List(UInt32) $Mnos.most(10)) -> (things :List(Part));

  store @11 (bytes :Data $Mnos.pulled) -> (taken :UInt64);

  load @12 () -> (bytes :Data $Mnos.pushed);

  trade @13 (memory :Mnos.Memory, signal :Mnos.Notification, extra :AnyPointer $Mnos.optional)
        -> (file :Sample, spare :Mnos.Memory $Mnos.optional, kept :UInt64);

  everything @14 (one :UInt64, two :UInt64, memory :Mnos.Memory, bytes :Data $Mnos.most(256))
        -> (three :UInt64, bytes :Data, sample :Sample) $Mnos.waits;

  later @15 (value :UInt64) -> (value :UInt64) $Mnos.waits;
}

interface Other @0x83d7b1ef2c6f1c05 {
  ping @0 () -> (value :UInt64);
}
