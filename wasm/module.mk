# The WebAssembly engine: a library of its own, linked by the programs that name it (ULIBS_name, LINK:); wasm/jit/ beside
# wasm/engine/ gives it the compiler.
# Its interpreter is a chain of tail calls, so that every compilation of it must make them jumps.
WASM_ENGINE := wasm/engine wasm/jit
WASM_CFLAGS := -O2 -foptimize-sibling-calls -fomit-frame-pointer -fno-math-errno
$(foreach tree,user host-tool host-san host-clang host-fuzz,\
  $(eval $$(BUILD)/obj/$(tree)/wasm/engine/%: LOCAL_FLAGS := $$(WASM_CFLAGS))\
  $(eval $$(BUILD)/obj/$(tree)/wasm/jit/%: LOCAL_FLAGS := $$(WASM_CFLAGS) -O3))
# The runner of modules (apps/wasm).
WASM_RUNNER := $(WASM_ENGINE) wasm/wasi wasm/guest
ULIBS_wasm  := $(WASM_RUNNER)
UFLAGS_wasm := $(WASM_CFLAGS)
ULIBS_wasm_spec  := $(WASM_RUNNER)
UFLAGS_wasm_spec := $(WASM_CFLAGS)
include wasm/host/module.mk

# Modules for the system, in text and in C (clang with wasi-libc, which tools/install-deps brings).
WASM_EXAMPLES := $(patsubst wasm/examples/%,$(BUILD)/wasm/examples/%.wasm,$(basename $(wildcard wasm/examples/*.c wasm/examples/*.wat)))
$(BUILD)/wasm/examples/%.wasm: wasm/examples/%.wat
	$(call say,WAT,$@)
	@mkdir -p $(@D)
	$(Q)wat2wasm --debug-names -o $@ $<
$(BUILD)/wasm/examples/%.wasm: wasm/examples/%.c $(wildcard wasm/sdk/*.h)
	$(call say,WASMCC,$@)
	@mkdir -p $(@D)
	$(Q)clang --target=wasm32-wasi -std=c17 -O2 -Wall -Wextra -Werror -Wl,--strip-all -o $@ $<
