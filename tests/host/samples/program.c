/* SPDX-License-Identifier: BSD-2-Clause */
/* A program as ld writes it, for the test of the ELF reader: code, constants, data, zero-filled data and TLS. */

extern const int sample_constants[4];
extern int sample_data[4];
extern char sample_zeros[20000];
extern _Thread_local int sample_tls;
extern _Thread_local int sample_tls_zeros[16];
void _start(void);

const int sample_constants[4] = {1, 2, 3, 4};
int sample_data[4] = {5, 6, 7, 8};
char sample_zeros[20000];
_Thread_local int sample_tls = 9;
_Thread_local int sample_tls_zeros[16];

void _start(void)
{
    for (;;) {
        sample_zeros[sample_data[0]] = (char)sample_constants[sample_tls & 3];
        sample_tls_zeros[1] = sample_data[1];
    }
}
