# The kernel in its two flavours.  The same sources; the flavour's folder below kernel/include/config/ supplies
# config.h, so that no source asks which flavour it is.

# kernel/config/FLAVOUR/ is linked into that flavour alone.
KERNEL_SRCS   := $(filter-out kernel/config/%,$(call find-sources,$(wildcard kernel))) $(call find-sources,$(KLIBS)) $(sort $(KERNEL_GEN_SRCS))
KERNEL_LDS    := kernel/kernel.ld

# $(call kernel-flavour,FLAVOUR,RESULT).  Linked twice: the second time with the table of function names that the
# panic backtrace uses, which lies behind the code and therefore moves no function.  The result carries symbols but no
# debug information (a loader reads the whole file); gdb takes $(BUILD)/obj/kernel-FLAVOUR/kernel.elf.
define kernel-flavour
$(call object-tree,kernel-$(1),$(CC),-Ikernel/include/config/$(1) $(KCFLAGS))
KERNEL_OBJS_$(1) := $(call objects,kernel-$(1),$(KERNEL_SRCS) $(call find-sources,$(wildcard kernel/config/$(1))))
$(BUILD)/obj/kernel-$(1)/stage1.elf: $$(KERNEL_OBJS_$(1)) $(BUILD)/obj/kernel-$(1)/ksyms-empty.o $(KERNEL_LDS)
	$$(call say,LD,$$@)
	$$(Q)$(LD) $(KLDFLAGS) -T $(KERNEL_LDS) -o $$@ $$(filter %.o,$$^)
$(BUILD)/obj/kernel-$(1)/ksyms-empty.c: tools/mkksyms
	@mkdir -p $$(@D)
	$$(Q)tools/mkksyms < /dev/null > $$@
$(BUILD)/obj/kernel-$(1)/ksyms.c: $(BUILD)/obj/kernel-$(1)/stage1.elf tools/mkksyms
	$$(Q)$(NM) -n $$< | tools/mkksyms > $$@
$(BUILD)/obj/kernel-$(1)/ksyms%.o: $(BUILD)/obj/kernel-$(1)/ksyms%.c $(BUILD)/obj/kernel-$(1)/.flags
	$$(Q)$(CC) $(KCFLAGS) -c $$< -o $$@
$(BUILD)/obj/kernel-$(1)/ksyms.o: $(BUILD)/obj/kernel-$(1)/ksyms.c $(BUILD)/obj/kernel-$(1)/.flags
	$$(Q)$(CC) $(KCFLAGS) -c $$< -o $$@
$(BUILD)/obj/kernel-$(1)/kernel.elf: $$(KERNEL_OBJS_$(1)) $(BUILD)/obj/kernel-$(1)/ksyms.o $(KERNEL_LDS)
	$$(call say,LD,$$@)
	$$(Q)$(LD) $(KLDFLAGS) -T $(KERNEL_LDS) -Map $(BUILD)/$(2).map -o $$@ $$(filter %.o,$$^)
$(BUILD)/$(2).elf: $(BUILD)/obj/kernel-$(1)/kernel.elf
	$$(Q)$(OBJCOPY) --strip-debug $$< $$@
-include $$(KERNEL_OBJS_$(1):.o=.d)
endef

$(eval $(call kernel-flavour,release,kernel))
$(eval $(call kernel-flavour,debug,kernel-debug))
KERNELS := $(if $(wildcard $(KERNEL_LDS)),$(BUILD)/kernel.elf $(BUILD)/kernel-debug.elf)
