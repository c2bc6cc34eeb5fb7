# Measured code has no FPU state unless it asks for it, and its partners have none either.
UFLAGS_bench := -mgeneral-regs-only

# Systems to measure init in: the default one with the benchmark beside it, and one of 200 services.
$(BUILD)/gen/bench-default.toml: systems/default.toml tests/bench/default.toml.part
	@mkdir -p $(@D)
	$(Q)cat $^ > $@
$(BUILD)/gen/bench-services.toml: tests/bench/mkservices
	@mkdir -p $(@D)
	$(Q)tests/bench/mkservices > $@
$(BUILD)/tests/bench-%.tar: $(BUILD)/gen/bench-%.toml $(MKMANIFEST) $(BUILD)/default.tar $(BUILD)/user/stripped/sysbench
	$(call say,SYSTEM,$@)
	@mkdir -p $(@D)
	$(Q)$(MKMANIFEST) package --build $(BUILD) $< $@
TEST_DEPS += $(BUILD)/tests/bench-default.tar $(BUILD)/tests/bench-services.tar

# The yardstick, with the libc of the system's programs: the same source runs in a Linux guest (tests/bench/posix/posix.py).
$(BUILD)/posix/programs/posixbench: tests/bench/posix/posixbench.c $(SYSROOT)/lib/libc.a $(SYSROOT)/bin/mnos-cc
	$(call say,MNOSCC,$@)
	@mkdir -p $(@D)
	$(Q)$(SYSROOT)/bin/mnos-cc -std=c11 -O2 -Wall -Wextra -s -o $@ $<
$(BUILD)/tests/bench-posix.tar: tests/bench/posix/posix.toml $(MKMANIFEST) $(BUILD)/posix/programs/posixbench \
                                $(addprefix $(BUILD)/user/stripped/,init vfs proc posixrun)
	$(call say,SYSTEM,$@)
	@mkdir -p $(@D)
	$(Q)$(MKMANIFEST) package --build $(BUILD) $< $@
TEST_DEPS += $(BUILD)/tests/bench-posix.tar
