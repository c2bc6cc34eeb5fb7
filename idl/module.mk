# Service interfaces: tools/capnpc-mnos, a plugin of the capnp compiler, makes <idl/X.h>, <idl/X_server.h>, <idl/X_fuzz.h> and
# the page docs/reference/X.md of each idl/X.capnp.  The plugin is compiled by a rule of its own: everything else waits for
# what it makes.
CAPNPC     := $(BUILD)/host/bin/capnpc-mnos
IDL_NAMES  := $(filter-out mnos manifest,$(patsubst idl/%.capnp,%,$(wildcard idl/*.capnp)))
IDL_FILES  := $(IDL_NAMES:%=idl/%.capnp)
# What the plugin makes of files with these names.
idl-made    = $(foreach n,$(2),$(1)/$(n).h $(1)/$(n)_server.h $(1)/$(n)_fuzz.h $(1)/$(n).md) $(1)/interfaces.h $(1)/fuzz_all.h
IDL_MADE   := $(call idl-made,$(BUILD)/gen/idl,$(IDL_NAMES))
IDL_SAMPLE := $(call idl-made,$(BUILD)/gen/sample/idl,sample)
GENERATED  += $(IDL_MADE) $(IDL_SAMPLE)

$(CAPNPC): $(wildcard tools/capnpc-mnos/*.c tools/capnpc-mnos/*.h) lib/capnp/reader.c lib/include/capnp.h abi/include/mnos/errors.h
	$(call say,HOSTLD,$@)
	@mkdir -p $(@D)
	$(Q)$(HOSTCC) $(HCFLAGS) -o $@ $(filter %.c,$^)

# $(call idl-compile,FOLDER,PREFIX,FILES)
define idl-compile
	$(call say,IDL,$(1))
	@mkdir -p $(1)
	$(Q)capnp compile -Iidl --src-prefix=$(2) -o$(CAPNPC):$(1) $(3)
endef

$(IDL_MADE) &: $(CAPNPC) $(IDL_FILES) idl/mnos.capnp
	$(call idl-compile,$(@D),idl,$(IDL_FILES))

# The interface that the plugin's own tests use.
$(IDL_SAMPLE) &: $(CAPNPC) tests/idl/sample.capnp idl/mnos.capnp
	$(call idl-compile,$(@D),tests/idl,tests/idl/sample.capnp)

.PHONY: idl-reference
idl-reference: $(IDL_MADE)
	$(Q)for n in $(IDL_NAMES); do cp $(BUILD)/gen/idl/$$n.md docs/reference/$$n.md; done
reference: idl-reference
