# Tests of pure logic on the host, and the fuzzers.
#
# tests/host/test_X.c is one cmocka program.  A comment `LINK: path path...` in it names the production sources
# (and fakes below tests/host/) that it is linked with; lib/X/ means its *.c; generated ones are below build/gen/.
# A comment `LIBS: -lname` adds host libraries.  tests/fuzz/fuzz_X.c is a libFuzzer target and says the same.

# The kernel's own sources see its headers first; tests see the host's first, where two have one name (sched.h).
HOST_INC    := -DHOST_TEST -Itests/host -I$(BUILD)/gen/sample -Ikernel/include/config/debug -idirafter kernel/include
$(BUILD)/obj/host-san/kernel/%: LOCAL_FLAGS := -Ikernel/include
$(BUILD)/obj/host-clang/kernel/%: LOCAL_FLAGS := -Ikernel/include
$(BUILD)/obj/host-fuzz/kernel/%: LOCAL_FLAGS := -Ikernel/include
HOST_CMOCKA := $(wildcard tests/host/test_*.c)
FUZZERS     := $(wildcard tests/fuzz/fuzz_*.c)
# "file:source" for every LINK word, "file:-lX" for every LIBS word, in one pass over the files.
HOST_LINKS  := $(if $(HOST_CMOCKA)$(FUZZERS),$(shell awk '/(LINK|LIBS): / { sub(/^.*(LINK|LIBS): */, ""); \
               sub(/\*\/.*/, ""); n = split($$0, w); for (i = 1; i <= n; i++) print FILENAME ":" w[i] }' \
               $(HOST_CMOCKA) $(FUZZERS)))
host-words  = $(patsubst $(1):%,%,$(filter $(1):%,$(HOST_LINKS)))
host-link   = $(foreach w,$(filter-out -%,$(call host-words,$(1))),\
              $(if $(filter %/,$(w)),$(wildcard $(w)*.c),$(patsubst build/%,$(BUILD)/%,$(w))))
host-libs   = $(filter -%,$(call host-words,$(1)))

$(eval $(call object-tree,host-tool,$(HOSTCC),$(HCFLAGS)))
-include $(HOST_TOOL_OBJS:.o=.d)

# $(call host-test,SOURCE,NAME,COMPILER,TREE,FOLDER)
define host-test
$(BUILD)/host/$(5)/$(2): $(call objects,$(4),$(1) $(call host-link,$(1)))
	$$(call say,HOSTLD,$$@)
	@mkdir -p $$(@D)
	$$(Q)$(3) $(SANFLAGS) -o $$@ $$^ -lcmocka $(call host-libs,$(1))
-include $(patsubst %.o,%.d,$(call objects,$(4),$(1) $(call host-link,$(1))))
endef

$(eval $(call object-tree,host-san,$(HOSTCC),$(HCFLAGS) $(HOST_INC) $(SANFLAGS)))
$(foreach t,$(HOST_CMOCKA),$(eval $(call host-test,$(t),$(basename $(notdir $(t))),$(HOSTCC),host-san,tests)))
HOST_TESTS := $(patsubst tests/host/%.c,$(BUILD)/host/tests/%,$(HOST_CMOCKA))

$(eval $(call object-tree,host-clang,clang,$(HCFLAGS) $(HOST_INC) $(SANFLAGS)))
$(foreach t,$(HOST_CMOCKA),$(eval $(call host-test,$(t),$(basename $(notdir $(t))),clang,host-clang,tests-clang)))
HOST_TESTS_CLANG := $(patsubst tests/host/%.c,$(BUILD)/host/tests-clang/%,$(HOST_CMOCKA))

# $(call fuzzer,SOURCE,NAME)
define fuzzer
$(BUILD)/host/fuzz/$(2): $(call objects,host-fuzz,$(1) $(call host-link,$(1)))
	$$(call say,HOSTLD,$$@)
	@mkdir -p $$(@D)
	$$(Q)clang $(SANFLAGS) -fsanitize=fuzzer -o $$@ $$^ $(call host-libs,$(1))
-include $(patsubst %.o,%.d,$(call objects,host-fuzz,$(1) $(call host-link,$(1))))
endef
$(eval $(call object-tree,host-fuzz,clang,$(HCFLAGS) $(HOST_INC) $(SANFLAGS) -fsanitize=fuzzer-no-link))
$(foreach f,$(FUZZERS),$(eval $(call fuzzer,$(f),$(basename $(notdir $(f))))))
FUZZ_PROGRAMS := $(patsubst tests/fuzz/%.c,$(BUILD)/host/fuzz/%,$(FUZZERS))
