# Files that the host tests read: a program as the linker writes it, for the ELF reader.
$(BUILD)/host/samples/program.elf: tests/host/samples/program.c
	$(call say,CC,$@)
	@mkdir -p $(@D)
	$(Q)$(CC) $(UCFLAGS) -nostdlib -static -Wl,--build-id=none -o $@ $<
TEST_DEPS += $(BUILD)/host/samples/program.elf
