/* SPDX-License-Identifier: BSD-2-Clause */
/* A signal handler returns here; what lies above its return address is the frame. */
.global __restore_rt
.hidden __restore_rt
.hidden __mnos_sigreturn
.type __restore_rt,@function
__restore_rt:
	mov %rsp, %rdi
	jmp __mnos_sigreturn
.size __restore_rt,.-__restore_rt
