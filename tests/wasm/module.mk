# What the tests of the WebAssembly engine and of WASI need: the specification's scripts, C programs for both worlds.
WASM_TEST_DEPS :=
wasm-tools = $(and $(shell command -v wasm-ld),$(wildcard /usr/include/wasm32-wasi))

# The runner of the specification's scripts, as the compiler makes it and with ASan and UBSan.
SPEC_SRCS := $(wildcard tests/wasm/spec/*.c) wasm/host/hooks.c $(wildcard wasm/engine/*.c wasm/jit/*.c)
$(eval $(call host-program,wasm-spec,$(SPEC_SRCS),-lm))
$(BUILD)/host/wasm/spec-san: $(call objects,host-san,$(SPEC_SRCS))
	$(call say,HOSTLD,$@)
	@mkdir -p $(@D)
	$(Q)$(HOSTCC) $(SANFLAGS) -o $@ $^ -lm
-include $(patsubst %.o,%.d,$(call objects,host-san,$(SPEC_SRCS)))
WASM_TEST_DEPS += $(BUILD)/host/wasm/spec-san

# Where they cannot be had, list.txt says why, the suite is skipped, and the next make tries again.
SPEC_AGAIN := $(if $(filter none,$(shell head -c 4 $(BUILD)/wasm/spec/list.txt 2>/dev/null)),FORCE)
$(BUILD)/wasm/spec/list.txt: tests/wasm/spec/convert.py tests/wasm/fetch.py tests/wasm/sources.toml $(SPEC_AGAIN)
	$(call say,SPEC,$@)
	$(Q)$(PYTHON) $< $(@D)
WASM_TEST_DEPS += $(BUILD)/wasm/spec/list.txt
# The same for the guest.
$(BUILD)/wasm/spec/all.bin: $(BUILD)/wasm/spec/list.txt tests/wasm/spec/pack.py tests/wasm/spec/outdated.txt
	$(call say,PACK,$@)
	$(Q)$(PYTHON) tests/wasm/spec/pack.py $(@D) tests/wasm/spec/outdated.txt $@

# C programs, for the host and for WASI, by the same compiler.  Without wasi-libc there are none, and their suites say so.
WASM_PROGRAMS := $(patsubst tests/wasm/%.c,$(BUILD)/wasm/%,$(wildcard tests/wasm/programs/*.c tests/wasm/bench/*.c))
WASM_PROGRAM_FLAGS := -std=c17 -D_GNU_SOURCE -O2 -Wall -Wextra -Werror
$(BUILD)/wasm/%.native: tests/wasm/%.c $(wildcard tests/wasm/bench/*.h)
	$(call say,CC,$@)
	@mkdir -p $(@D)
	$(Q)clang $(WASM_PROGRAM_FLAGS) -o $@ $< -lm
$(BUILD)/wasm/%.wasm: tests/wasm/%.c $(wildcard tests/wasm/bench/*.h)
	$(call say,WASMCC,$@)
	@mkdir -p $(@D)
	$(Q)clang --target=wasm32-wasi $(WASM_PROGRAM_FLAGS) -Wl,--strip-all -o $@ $< -lm
$(BUILD)/wasm/%.simd.wasm: tests/wasm/%.c $(wildcard tests/wasm/bench/*.h)
	$(call say,WASMCC,$@)
	@mkdir -p $(@D)
	$(Q)clang --target=wasm32-wasi $(WASM_PROGRAM_FLAGS) -O3 -msimd128 -Wl,--strip-all -o $@ $< -lm
WASM_TEST_DEPS += $(if $(wasm-tools),$(patsubst tests/wasm/%.c,$(BUILD)/wasm/%.simd.wasm,$(wildcard tests/wasm/bench/*.c)))
WASM_TEST_DEPS += $(if $(wasm-tools),$(addsuffix .native,$(WASM_PROGRAMS)) $(addsuffix .wasm,$(WASM_PROGRAMS)))

# Modules written by hand.
WASM_MODULES := $(patsubst tests/wasm/modules/%.wat,$(BUILD)/wasm/modules/%.wasm,$(wildcard tests/wasm/modules/*.wat))
$(BUILD)/wasm/modules/%.wasm: tests/wasm/modules/%.wat
	$(call say,WAT,$@)
	@mkdir -p $(@D)
	$(Q)wat2wasm --enable-tail-call -o $@ $<
WASM_TEST_DEPS += $(WASM_MODULES)
TEST_DEPS += $(WASM_TEST_DEPS)
