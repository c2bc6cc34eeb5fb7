# The console font, from the distribution's package to build/gen/font8x16.c, which is linked into the kernel.
FONT ?= /usr/share/consolefonts/Uni2-Terminus16.psf.gz

$(eval $(call host-program,mkfont,tools/font/mkfont.c tools/font/psf.c))
$(BUILD)/gen/font8x16.c: $(BUILD)/host/bin/mkfont $(FONT)
	$(call say,GEN,$@)
	@mkdir -p $(@D)
	$(Q)gzip -dcf $(FONT) | $(BUILD)/host/bin/mkfont > $@
# What is not in Latin-1: for who draws text outside the kernel.
$(BUILD)/gen/font8x16_others.c: $(BUILD)/host/bin/mkfont $(FONT)
	$(call say,GEN,$@)
	@mkdir -p $(@D)
	$(Q)gzip -dcf $(FONT) | $(BUILD)/host/bin/mkfont --others > $@
KERNEL_GEN_SRCS += $(BUILD)/gen/font8x16.c
