/* SPDX-License-Identifier: BSD-2-Clause */
/* Words for types, rights and states. */
#ifndef LIBMNOS_OBJECTS_H
#define LIBMNOS_OBJECTS_H

#include <mnos/object.h>

/* "Pool"; "?" for what is none. */
const char *mnos_type_name(uint64_t type);
/* "running" */
const char *mnos_state_name(uint64_t state);
/* "RWXSVGK" with '-' for what is missing: READ WRITE EXEC SEND RECV GRANT REVOKE.  Returns `text`. */
const char *mnos_rights_text(uint64_t rights, char text[8]);

#endif
