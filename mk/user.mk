# Programs: one folder, one program, $(BUILD)/user/<folder name>.elf.  A room may add for one program:
#   UFLAGS_<name>  compiler flags        ULIBS_<name>  further folders of sources linked into it
# tests/system/common/ is no program: its files are an archive offered to the programs below tests/.

USER_LDS      := lib/libmnos/user.ld
PROGRAM_DIRS  := $(patsubst %/,%,$(filter-out tests/system/common/,\
                 $(sort $(dir $(wildcard $(foreach e,c S,$(addsuffix /*.$(e),\
                 servers/* drivers/*/* apps/* tests/system/* tests/bench/sys/*)))))))
PROGRAM_NAMES := $(notdir $(PROGRAM_DIRS))
PROGRAMS      := $(patsubst %,$(BUILD)/user/%.elf,$(PROGRAM_NAMES))
ifneq ($(words $(PROGRAM_NAMES)),$(words $(sort $(PROGRAM_NAMES))))
$(error Two program folders have the same name: $(PROGRAM_NAMES))
endif

$(eval $(call object-tree,user,$(CC),$(UCFLAGS) -ffunction-sections -fdata-sections))

# $(call user-archive,FILE,SOURCES)
define user-archive
$(1): $(call objects,user,$(2))
	$$(call say,AR,$$@)
	@mkdir -p $$(@D)
	@rm -f $$@
	$$(Q)$(AR) rcsD $$@ $$^
-include $(patsubst %.o,%.d,$(call objects,user,$(2)))
endef

LIBMNOS := $(BUILD)/lib/libmnos.a
LIBTEST := $(BUILD)/lib/libtest.a
LIBMNOS_SRCS := $(call find-sources,$(wildcard lib/libmnos)) $(call find-sources,$(ULIBS)) $(sort $(USER_GEN_SRCS))
LIBTEST_SRCS := $(call find-sources,$(wildcard tests/system/common))
$(eval $(call user-archive,$(LIBMNOS),$(LIBMNOS_SRCS)))
$(eval $(call user-archive,$(LIBTEST),$(LIBTEST_SRCS)))

# $(call user-program,FOLDER,NAME)
define user-program
USER_OBJS_$(2) := $(call objects,user,$(call find-sources,$(1) $(ULIBS_$(2))))
$(BUILD)/user/$(2).elf: $$(USER_OBJS_$(2)) $(LIBMNOS) $(if $(filter tests/%,$(1)),$(LIBTEST)) $(USER_LDS)
	$$(call say,LD,$$@)
	@mkdir -p $$(@D)
	$$(Q)$(LD) $(ULDFLAGS) -T $(USER_LDS) -o $$@ $$(filter %.o,$$^) --start-group $$(filter %.a,$$^) --end-group
$$(USER_OBJS_$(2)): LOCAL_FLAGS := $(UFLAGS_$(2))
-include $$(USER_OBJS_$(2):.o=.d)
endef
$(foreach d,$(PROGRAM_DIRS),$(eval $(call user-program,$(d),$(notdir $(d)))))

# What goes into a package carries no debug information.
$(BUILD)/user/stripped/%: $(BUILD)/user/%.elf
	@mkdir -p $(@D)
	$(Q)$(OBJCOPY) --strip-all $< $@
.PRECIOUS: $(BUILD)/user/stripped/%
