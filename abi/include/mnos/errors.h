/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The error vocabulary of the system-call interface.
 *
 * A system call returns a value >= 0 on success and the negated code on failure.  A failed call has
 * changed nothing, unless its reference page says otherwise (interrupted copies report their count).
 */
#pragma once

/* X(code, NAME, sentence) */
#define MNOS_ERRORS(X)                                                                                         \
    X(1, BADCAP, "The handle names no capability: the slot is out of range, empty, or the handle is stale.")   \
    X(2, BADTYPE, "The capability is of another type than the call needs.")                                    \
    X(3, NO_RIGHTS, "The capability lacks a right that the call needs.")                                       \
    X(4, INVALID, "An argument has a value that the call does not define.")                                    \
    X(5, UNALIGNED, "An address, offset or length is not a multiple of what the call needs.")                  \
    X(6, RANGE, "An address, offset, length or number is outside the range of the object or of user space.")   \
    X(7, FAULT, "A user address is not mapped with the access that the call needs.")                           \
    X(8, NO_MEMORY, "The pool that pays for the call is exhausted.")                                           \
    X(9, NO_SLOTS, "The capability table is full, or the receiver accepts no more capabilities.")              \
    X(10, BUSY, "The object is in use in a way that excludes the call: bound, mapped, running, or pending.")   \
    X(11, NOT_FOUND, "The thing that was asked for does not exist.")                                           \
    X(12, WOULD_BLOCK, "The call would have to wait, and the caller asked not to.")                            \
    X(13, TIMED_OUT, "The deadline passed.")                                                                   \
    X(14, INTERRUPTED, "The wait was cancelled: by an upcall, a destruction, or a withdrawn call.")            \
    X(15, PEER_GONE, "The other side of the conversation is dead, or its capability was revoked.")             \
    X(16, NOT_SUPPORTED, "The system does not offer this.")

enum mnos_error {
    MNOS_OK = 0,
#define X(code, name, text) MNOS_E_##name = (code),
    MNOS_ERRORS(X)
#undef X
    MNOS_ERROR_COUNT = 17
};
