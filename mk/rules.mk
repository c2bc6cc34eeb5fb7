# What every kind of object shares: quiet output, flag stamps, and the compile rules of one object tree.

say = @printf '  %-8s %s\n' '$(1)' '$(2)'

# Headers that must exist before anything is compiled; rooms add to it.
GENERATED ?=
# Artifacts that the tests need besides kernels, programs and packages; rooms add to it.
TEST_DEPS ?=
# C sources made by the build that are linked into the kernel; rooms add to it.
KERNEL_GEN_SRCS ?=

# $(call find-sources,FOLDERS): every C and assembly file in them, in a stable order.
find-sources = $(sort $(if $(strip $(1)),$(shell find $(1) -name '*.c' -o -name '*.S' 2>/dev/null)))

# $(call objects,TREE,SOURCES): where the objects of these sources go.  Generated sources lie below $(BUILD)/gen.
objects = $(patsubst %,$(BUILD)/obj/$(1)/%.o,$(patsubst $(BUILD)/gen/%,gen/%,$(2)))

# $(call stamp,FILE,TEXT): a file that is touched only when the text differs, so that new flags rebuild.
stamp = $(shell mkdir -p $(dir $(1)); printf '%s\n' '$(subst ','\'',$(2))' | cmp -s - $(1) || \
        printf '%s\n' '$(subst ','\'',$(2))' > $(1))

# $(call object-tree,TREE,COMPILER,FLAGS): compile rules for $(BUILD)/obj/TREE/.
define object-tree
$(call stamp,$(BUILD)/obj/$(1)/.flags,$(2) $(3))
$(BUILD)/obj/$(1)/gen/%.o: $(BUILD)/gen/% $(BUILD)/obj/$(1)/.flags | $(GENERATED)
	$$(call say,CC,$$@)
	@mkdir -p $$(@D)
	$$(Q)$(2) $(3) $$(LOCAL_FLAGS) -MD -MP -MF $$(@:.o=.d) -c $$< -o $$@
$(BUILD)/obj/$(1)/%.o: % $(BUILD)/obj/$(1)/.flags | $(GENERATED)
	$$(call say,CC,$$@)
	@mkdir -p $$(@D)
	$$(Q)$(2) $(3) $$(LOCAL_FLAGS) -MD -MP -MF $$(@:.o=.d) -c $$< -o $$@
endef

# $(call host-program,NAME,SOURCES,FLAGS): a host tool, $(BUILD)/host/bin/NAME.
define host-program
HOST_PROGRAMS += $(BUILD)/host/bin/$(1)
HOST_TOOL_OBJS += $(call objects,host-tool,$(2))
$(BUILD)/host/bin/$(1): $(call objects,host-tool,$(2))
	$$(call say,HOSTLD,$$@)
	@mkdir -p $$(@D)
	$$(Q)$(HOSTCC) -o $$@ $$^ $(3)
endef
