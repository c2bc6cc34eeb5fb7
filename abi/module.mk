# What follows from the system-call table.  abigen is compiled by a rule of its own: everything else waits for its output.
ABIGEN   := $(BUILD)/host/bin/abigen
ABI_DEFS := abi/include/mnos/syscalls.def abi/include/mnos/errors.h
GENERATED += $(BUILD)/gen/mnos/calls.h $(BUILD)/gen/mnos/model.h

$(ABIGEN): tools/abigen/abigen.c $(ABI_DEFS)
	$(call say,HOSTLD,$@)
	@mkdir -p $(@D)
	$(Q)$(HOSTCC) $(HCFLAGS) -o $@ $<

$(BUILD)/gen/mnos/%.h: $(ABIGEN)
	$(call say,GEN,$@)
	@mkdir -p $(@D)
	$(Q)$(ABIGEN) $* > $@

docs/reference/syscalls.md: $(ABIGEN)
	$(call say,GEN,$@)
	@mkdir -p $(@D)
	$(Q)$(ABIGEN) reference > $@

.PHONY: reference
reference: docs/reference/syscalls.md ## write docs/reference/ from the system-call table
