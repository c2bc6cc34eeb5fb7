/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Network cards: what the requests of a session (session.h) are.  One client at a time.
 *
 * SEND: a whole Ethernet frame without checksum, `bytes` long at `offset`.  RECEIVE: room for one, `bytes` long (at least
 * NET_FRAME); the completion tells how long the frame is.  Frames that come while nobody has left room are lost.
 * Received requests are completed in the order of the frames.
 */
#ifndef DRIVER_NET_H
#define DRIVER_NET_H

#include <driver/session.h>

#define NET_FRAME     1514u /* bytes of the longest frame */
#define NET_FRAME_MIN 14u

enum net_op { NET_SEND = 0, NET_RECEIVE = 1 };

/* What a session is told when it is opened: the card's address, first byte lowest; 1 when the link is up. */
enum net_word { NET_ADDRESS = 0, NET_LINK = 1 };

#endif
