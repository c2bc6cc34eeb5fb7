/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The errors of the file protocol: the label of an answer, 0 for success.
 *
 * Each number is that of the errno that POSIX programs on Linux see for it, so that a POSIX layer hands it on as it is.
 */
#ifndef VFS_STATUS_H
#define VFS_STATUS_H

/* X(number, NAME, sentence) */
#define VFS_STATUSES(X)                                                                                                \
    X(1, NOT_PERMITTED, "The thing may never be done to this kind of file.")                                           \
    X(2, NOT_FOUND, "A part of the path does not exist.")                                                              \
    X(4, INTERRUPTED, "The call was cancelled before anything was done.")                                              \
    X(5, STALE, "The capability is of a file server that is no more, or what is behind it failed.")                    \
    X(6, NO_DEVICE, "Nobody reads this FIFO, or there is nothing behind this device.")                                 \
    X(7, TOO_BIG, "A message is larger than its socket takes.")                                                        \
    X(9, BAD_MODE, "It was not opened for this.")                                                                      \
    X(11, AGAIN, "It would have to wait, and was asked not to.")                                                       \
    X(12, NO_MEMORY, "The server has no room for another object of this kind.")                                        \
    X(13, DENIED, "This capability is for looking only, or it is not for service use.")                                \
    X(14, FAULT, "The caller's buffer cannot be used.")                                                                \
    X(16, BUSY, "The thing is in use: a mount point, a root, what something is mounted on.")                           \
    X(17, EXISTS, "There is something of that name.")                                                                  \
    X(18, OTHER_DEVICE, "The two names are on different file systems.")                                                \
    X(20, NOT_DIRECTORY, "A part of the path that must be a directory is none.")                                       \
    X(21, IS_DIRECTORY, "It is a directory.")                                                                          \
    X(22, INVALID, "An argument has a value that the call does not define.")                                           \
    X(24, TOO_MANY, "Too many open files in the server.")                                                              \
    X(25, NOT_TERMINAL, "It is no terminal.")                                                                          \
    X(27, FILE_TOO_BIG, "The file would be larger than its file system takes.")                                        \
    X(28, NO_SPACE, "The file system is full.")                                                                        \
    X(29, NOT_SEEKABLE, "It has no position: a pipe, a terminal, a socket.")                                           \
    X(30, READ_ONLY, "The file system cannot be changed.")                                                             \
    X(31, TOO_MANY_LINKS, "The file has as many names as it may have.")                                                \
    X(32, BROKEN_PIPE, "Nobody reads the other end any more.")                                                         \
    X(35, DEADLOCK, "Waiting for this lock would never end.")                                                          \
    X(36, NAME_TOO_LONG, "A name has more than 255 bytes, or a path more than 4095.")                                  \
    X(38, NOT_SUPPORTED, "The server does not offer this.")                                                            \
    X(39, NOT_EMPTY, "The directory has entries.")                                                                     \
    X(40, LOOP, "More than 40 symbolic links on the way, or one where none is wanted.")                                \
    X(85, RETRY, "The capability that came with the call was not taken: make the call again.")                         \
    X(98, ADDRESS_IN_USE, "Something is bound to this name.")                                                          \
    X(106, IS_CONNECTED, "The socket is connected.")                                                                   \
    X(107, NOT_CONNECTED, "The socket is not connected.")                                                              \
    X(111, REFUSED, "Nobody listens there.")

enum vfs_status {
    VFS_OK = 0,
#define X(number, name, text) VFS_E_##name = (number),
    VFS_STATUSES(X)
#undef X
};

#endif
