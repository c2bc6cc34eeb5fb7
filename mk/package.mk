# Boot packages.
#
# systems/NAME.toml and tests/systems/NAME.toml describe systems (docs/manifest.md): tools/mkmanifest makes the package, with
# the manifest in front.  A package in which a test takes init's place has no manifest: tests/system/NAME.list and
# tests/bench/NAME.list name its members, one a line:
#   sbin/init    init          the program of that name (stripped)
#   etc/motd     systems/motd  a name with a slash is a file, of the tree or made by a rule ($(BUILD)/...)
# in the order of the archive.

package-members = $(foreach w,$(shell awk '!/^[[:space:]]*(\#|$$)/ {print $$2}' $(1)),\
                  $(if $(findstring /,$(w)),$(patsubst build/%,$(BUILD)/%,$(w)),$(BUILD)/user/stripped/$(w)))

# $(call package,LIST,RESULT)
define package
$(2): $(1) tools/mkpackage $(call package-members,$(1))
	$$(call say,PACK,$$@)
	@mkdir -p $$(@D)
	$$(Q)$(PYTHON) tools/mkpackage --build $(BUILD) $(1) $$@
PACKAGES += $(2)
endef
PACKAGES :=
$(foreach l,$(wildcard tests/system/*.list tests/bench/*.list),$(eval $(call package,$(l),$(BUILD)/tests/$(basename $(notdir $(l))).tar)))

# The programs of a description: `binary`, or the last part of `path`; and the files that it names.
system-members = $(BUILD)/user/stripped/init $(foreach w,$(shell tools/mkmanifest/members $(1)),\
                 $(if $(findstring /,$(w)),$(patsubst build/%,$(BUILD)/%,$(w)),$(BUILD)/user/stripped/$(w)))

# $(call system,DESCRIPTION,RESULT)
define system
$(2): $(1) $(MKMANIFEST) $(call system-members,$(1))
	$$(call say,SYSTEM,$$@)
	@mkdir -p $$(@D)
	$$(Q)$(MKMANIFEST) package --build $(BUILD) $(1) $$@
PACKAGES += $(2)
endef
$(foreach s,$(wildcard systems/*.toml),$(eval $(call system,$(s),$(BUILD)/$(basename $(notdir $(s))).tar)))
$(foreach s,$(wildcard tests/systems/*.toml),$(eval $(call system,$(s),$(BUILD)/tests/$(basename $(notdir $(s))).tar)))

# Manifests that break a rule, for init to refuse.
$(BUILD)/tests/bad/%.tar: tests/manifests/bad/%.toml $(MKMANIFEST) $(BUILD)/user/stripped/init $(BUILD)/user/stripped/greeter $(BUILD)/user/stripped/wasm
	$(call say,SYSTEM,$@)
	@mkdir -p $(@D)
	$(Q)$(MKMANIFEST) package --unchecked --build $(BUILD) $< $@ 2>/dev/null
PACKAGES += $(patsubst tests/manifests/bad/%.toml,$(BUILD)/tests/bad/%.tar,$(wildcard tests/manifests/bad/*.toml))

# Packages with one thing wrong in them.
$(BUILD)/tests/damaged-%.tar: $(BUILD)/spawn.tar tests/manifests/damage
	@mkdir -p $(@D)
	$(Q)$(PYTHON) tests/manifests/damage $* $< $@
PACKAGES += $(patsubst %,$(BUILD)/tests/damaged-%.tar,header cut name program)

# The default system on the debug kernel, as a boot volume for `qemu -kernel` (that of the release kernel: tools/image/).
$(BUILD)/debug.vol.tar: boot/limine.conf $(BUILD)/kernel-debug.elf $(BUILD)/default.tar tools/mkvolume
	$(call say,VOLUME,$@)
	$(Q)tools/mkvolume $@ boot/limine.conf=$< boot/kernel.elf=$(BUILD)/kernel-debug.elf boot/default.tar=$(BUILD)/default.tar
# Other systems on the release kernel; `test` lets the machine halt with the result.
$(BUILD)/test.conf: boot/limine.conf
	@mkdir -p $(@D)
	$(Q)sed 's/^\( *\)kernel_path:.*/&\n\1cmdline: test/' $< > $@
$(BUILD)/spawn.vol.tar $(BUILD)/smoke.vol.tar: $(BUILD)/%.vol.tar: $(BUILD)/test.conf $(BUILD)/kernel.elf $(BUILD)/%.tar tools/mkvolume
	$(call say,VOLUME,$@)
	$(Q)tools/mkvolume $@ boot/limine.conf=$< boot/kernel.elf=$(BUILD)/kernel.elf boot/default.tar=$(BUILD)/$*.tar
