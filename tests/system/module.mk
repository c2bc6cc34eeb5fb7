# A disk for the tests that need one: 4 MiB of zeros.
$(BUILD)/tests/disk.img:
	@mkdir -p $(@D)
	$(Q)truncate -s 4M $@
TEST_DEPS += $(BUILD)/tests/disk.img

# The system of init/turmoil with a thousand kills and cycles instead of a hundred.
$(BUILD)/gen/turmoil-full.toml: tests/systems/turmoil.toml
	@mkdir -p $(@D)
	$(Q)sed 's/"judge", "100"/"judge", "1000"/' $< > $@
$(BUILD)/tests/turmoil-full.tar: $(BUILD)/gen/turmoil-full.toml $(BUILD)/tests/turmoil.tar $(MKMANIFEST)
	$(call say,SYSTEM,$@)
	$(Q)$(MKMANIFEST) package --build $(BUILD) $< $@
TEST_DEPS += $(BUILD)/tests/turmoil-full.tar
