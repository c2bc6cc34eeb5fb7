# build/gen/offsets.h: offsets and numbers of the kernel's C for entry.S.
$(BUILD)/gen/offsets.h: tools/offsets/offsets.c
	$(call say,GEN,$@)
	@mkdir -p $(@D)
	$(Q)$(CC) -Ikernel/include/config/release $(KCFLAGS) -MD -MP -MF $@.d -MT $@ -S -o $@.s $<
	$(Q)sed -n 's/.*"@\([A-Z0-9_]*\) \(-*[0-9]*\)".*/#define \1 \2/p' $@.s > $@
-include $(BUILD)/gen/offsets.h.d
GENERATED += $(BUILD)/gen/offsets.h
