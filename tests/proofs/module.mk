# Bounded proofs.  tests/proofs/proof_X.c is one program for each backend; its comment `LINK:` names the production
# sources, as in a host test.
#   build/host/proofs/proof_X       all choices enumerated; prints TAP
#   build/host/proofs/fuzz_proof_X  the same harness under libFuzzer
#   make proofs-cbmc                the same harness under CBMC, where it is installed

PROOF_SRCS  := $(wildcard tests/proofs/proof_*.c)
PROOF_LINKS := $(if $(PROOF_SRCS),$(shell awk '/LINK: / { sub(/^.*LINK: */, ""); sub(/\*\/.*/, ""); \
               n = split($$0, w); for (i = 1; i <= n; i++) print FILENAME ":" w[i] }' $(PROOF_SRCS)))
proof-link   = $(foreach w,$(patsubst $(1):%,%,$(filter $(1):%,$(PROOF_LINKS))),$(if $(filter %/,$(w)),$(wildcard $(w)*.c),$(w)))

PROOF_FLAGS := $(HCFLAGS) -O2 -Itests/proofs -Itests/host -Ikernel/include -Ikernel/include/config/debug $(SANFLAGS)
$(eval $(call object-tree,host-proof,$(HOSTCC),$(PROOF_FLAGS)))
$(eval $(call object-tree,host-proof-fuzz,clang,$(PROOF_FLAGS) -fsanitize=fuzzer-no-link))

# $(call proof-program,SOURCE,NAME)
define proof-program
$(BUILD)/host/proofs/$(2): $(call objects,host-proof,$(1) tests/proofs/backends/enumerate.c $(call proof-link,$(1)))
	$$(call say,HOSTLD,$$@)
	@mkdir -p $$(@D)
	$$(Q)$(HOSTCC) $(SANFLAGS) -o $$@ $$^
$(BUILD)/host/proofs/fuzz_$(2): $(call objects,host-proof-fuzz,$(1) tests/proofs/backends/fuzz.c $(call proof-link,$(1)))
	$$(call say,HOSTLD,$$@)
	@mkdir -p $$(@D)
	$$(Q)clang $(SANFLAGS) -fsanitize=fuzzer -o $$@ $$^
.PHONY: proofs-cbmc-$(2)
proofs-cbmc-$(2):
	cbmc --unwind 130 -Ilib/include -Ikernel/include -Iabi/include $(1) tests/proofs/backends/cbmc.c \
	    $(call proof-link,$(1))
-include $(patsubst %.o,%.d,$(call objects,host-proof,$(1) $(call proof-link,$(1))))
endef
PROOF_NAMES := $(basename $(notdir $(PROOF_SRCS)))
$(foreach p,$(PROOF_SRCS),$(eval $(call proof-program,$(p),$(basename $(notdir $(p))))))

.PHONY: proofs-cbmc
proofs-cbmc: $(if $(shell command -v cbmc),$(addprefix proofs-cbmc-,$(PROOF_NAMES))) ## the bounded proofs under CBMC, where it is installed
	$(Q)command -v cbmc > /dev/null || echo 'proofs-cbmc: CBMC is not installed; make test enumerates the same harnesses'

# CBMC's backend is compiled even where there is no CBMC.
TEST_DEPS += $(addprefix $(BUILD)/host/proofs/,$(PROOF_NAMES) $(addprefix fuzz_,$(PROOF_NAMES))) \
             $(call objects,host-proof,tests/proofs/backends/cbmc.c)
