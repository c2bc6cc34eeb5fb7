# The authority graph of the default system: `make graph` boots it and draws what the kernel's derivation tree says.
$(eval $(call host-program,graph,tools/graph/graph.c $(wildcard lib/authority/*.c lib/manifest/*.c lib/capnp/*.c lib/fmt/*.c) \
         $(wildcard lib/ustar/*.c) lib/libmnos/objects.c))

.PHONY: graph
graph: $(BUILD)/graph.txt $(BUILD)/graph.dot $(BUILD)/graph.svg ## build/graph.txt, .dot and .svg: who holds what in the default system, and what differs from its manifest
	$(Q)$(BUILD)/host/bin/graph --compare $(BUILD)/default.tar $(BUILD)/graph.log
$(BUILD)/graph.log: $(BUILD)/default.vol.tar $(BUILD)/pvh-loader.elf tools/graph/boot
	$(call say,BOOT,$@)
	$(Q)tools/graph/boot $< >$@.new && mv $@.new $@
$(BUILD)/graph.txt: $(BUILD)/graph.log $(BUILD)/host/bin/graph
	$(Q)$(BUILD)/host/bin/graph $< >$@
$(BUILD)/graph.dot $(BUILD)/graph.svg: $(BUILD)/graph.%: $(BUILD)/graph.log $(BUILD)/host/bin/graph
	$(Q)$(BUILD)/host/bin/graph --$* $< >$@
TEST_DEPS += $(BUILD)/host/bin/graph
