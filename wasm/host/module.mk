# wasm-host: the engine with WASI as a command on the host.
WASM_HOST_SRCS := $(wildcard wasm/host/*.c wasm/wasi/*.c wasm/engine/*.c wasm/jit/*.c)
HOST_PROGRAMS += $(BUILD)/wasm-host
HOST_TOOL_OBJS += $(call objects,host-tool,$(WASM_HOST_SRCS))
$(BUILD)/wasm-host: $(call objects,host-tool,$(WASM_HOST_SRCS))
	$(call say,HOSTLD,$@)
	$(Q)$(HOSTCC) -static -o $@ $^ -lm
.PHONY: wasm-host
wasm-host: $(BUILD)/wasm-host ## build/wasm-host: runs a WASI program on the host
$(foreach folder,host wasi,$(eval $$(BUILD)/obj/host-tool/wasm/$(folder)/%: LOCAL_FLAGS := -O2))
