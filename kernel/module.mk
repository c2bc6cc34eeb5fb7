# Hot files give up the frame pointer; with gcc RBP stays what their caller's was, so that backtraces only lack their frames.
# ipc/fast.c is entered by a jump and left by one, with all registers dead: none is worth saving there.
KERNEL_IS_GCC := $(if $(findstring clang,$(shell $(CC) --version)),,1)
kernel-objects = $(foreach f,release debug,$(patsubst %,$(BUILD)/obj/kernel-$(f)/kernel/%.o,$(1)))
$(call kernel-objects,ipc/fast.c): LOCAL_FLAGS := -fomit-frame-pointer \
    $(if $(KERNEL_IS_GCC),$(addprefix -fcall-used-,rbx r12 r13 r14 r15))
$(call kernel-objects,sched/sched.c ipc/notification.c obj/interrupt.c arch/x86_64/exception.c): LOCAL_FLAGS := \
    $(if $(KERNEL_IS_GCC),-fomit-frame-pointer -ffixed-rbp)
