# SPDX-License-Identifier: BSD-2-Clause
# What the interfaces of the system are written with, beside the language itself.  docs/idl.md explains how a call is carried.
@0xa6c95b00efddd611;

annotation version @0x8771994aea5adc06 (interface) :UInt16;
# Of an interface; 1 where it is not said.  A method keeps its form for ever; what has to have another form is another
# method, or another version of the interface.

annotation prefix @0x894a07682c67e8a9 (interface, struct, enum, const) :Text;
# What the C names begin with, where that shall not be the name itself.

annotation raises @0xf14d2ad4c82c4537 (interface, method) :List(Raised);
# Errors that the handler may answer with (of an interface: that each of its methods may).
struct Raised {
  error @0 :Text;                  # of the kernel's table, or of an enum with `errors` in the same file
  when @1 :Text;
}

annotation errors @0x95448bb1de74cd9a (enum) :UInt32;
# The enum is of errors: its first one is this label of an answer, 0x200 or more.  They mean something to the interfaces
# of the file alone.

annotation text @0xd5345c3f18498964 (enumerant) :Text;
# What an error means, in a sentence.

annotation words @0xaba4bb1e7fc0d3bb (param) :UInt8;
# A Text that travels in so many words: up to 8 bytes each, less one.

annotation most @0xce55b0e7c13118f5 (param) :UInt32;
# Bytes of a Data or Text (its NUL is one of them), or elements of a List; 4096 bytes where it is not said.

annotation pulled @0x82a0c0faab51aec1 (param) :Void;
# A Data of the caller that the server fetches itself, in the pieces that it wants; its length is a word of the message.

annotation pushed @0xc5fe0970c6d635a9 (param) :Void;
# A Data of the answer that the server has put into the caller's buffer itself; its length is a word of the answer.

annotation optional @0xced92c61bfa45dcc (param) :Void;
# A capability that need not come; those behind it are optional too.

annotation copied @0xf5dd0d8a1efa09fe (param) :Void;
# A capability of the answer that the server keeps: the caller gets a copy.

annotation waits @0x82c180191b801fda (method) :Void;
# It may be long until the answer comes: the client has a form with a deadline, too.

annotation size @0xf1f50bba05d739f8 (field) :UInt32;
# Bytes that a Text (its NUL included) or a Data has in a struct, or elements of a List.  All are there, used or not.

annotation object @0xb0c4c9d2b1a3c6f5 (interface) :Text;
# The interface stands for a kind of kernel object: a parameter of this type is a capability to one.

interface Pool @0xc0f0a3c2f9d2a1b1 $object("POOL") {}
interface Memory @0xc0f0a3c2f9d2a1b2 $object("MEMORY") {}
interface Process @0xc0f0a3c2f9d2a1b3 $object("PROCESS") {}
interface Thread @0xc0f0a3c2f9d2a1b4 $object("THREAD") {}
interface Endpoint @0xc0f0a3c2f9d2a1b5 $object("ENDPOINT") {}
interface Notification @0xc0f0a3c2f9d2a1b6 $object("NOTIFICATION") {}
