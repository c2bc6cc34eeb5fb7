# The differential programs: each is built twice from one source with one libc, and what it prints on Linux goes into the
# package beside it (tests/system/posix/ compares).  Not part of `make all`, which needs no network.
POSIX_PROGRAMS := $(patsubst tests/posix/programs/%.c,%,$(wildcard tests/posix/programs/*.c))
POSIX_OUT      := $(BUILD)/posix/programs
POSIX_FILES    := $(patsubst tests/posix/files/%.c,%,$(wildcard tests/posix/files/*.c))
posix-built     = $(foreach p,$(1),$(POSIX_OUT)/$(p) $(POSIX_OUT)/$(p).out)
POSIX_PROCESSES := $(patsubst tests/posix/processes/%.c,%,$(wildcard tests/posix/processes/*.c))
POSIX_BUILT    := $(call posix-built,$(POSIX_PROGRAMS))

POSIX_FLAGS    := -std=gnu17 -O2 -Wall -Wextra -Werror -Wno-format-truncation -s

# $(call posix-program,FOLDER)
define posix-program
$(POSIX_OUT)/%: $(1)/%.c tests/posix/say.h $(wildcard $(1)/*.h) $(SDK)
	$$(call say,MNOSCC,$$@)
	@mkdir -p $$(@D)
	$$(Q)$(SYSROOT)/bin/mnos-cc $(POSIX_FLAGS) -o $$@ $$<
$(POSIX_OUT)/%.host: $(1)/%.c tests/posix/say.h $(wildcard $(1)/*.h) $(SDK)
	@mkdir -p $$(@D)
	$$(Q)$(SYSROOT)/bin/mnos-host-cc $(POSIX_FLAGS) -o $$@ $$<
endef
$(eval $(call posix-program,tests/posix/programs))
$(eval $(call posix-program,tests/posix/files))
$(eval $(call posix-program,tests/posix/processes))
$(eval $(call posix-program,tests/posix/helper))
# In a folder of its own, which holds nothing but the program's script, and with nothing to read; in a session of its own, whoever runs
# this, and not for ever.
$(POSIX_OUT)/%.out: $(POSIX_OUT)/%.host $(POSIX_OUT)/child.host
	$(call say,HOSTRUN,$@)
	$(Q)rm -rf $@.d && mkdir $@.d && if [ -f tests/posix/scripts/$* ]; then cp tests/posix/scripts/$* $@.d/one; fi && cp $(POSIX_OUT)/child.host $@.d/child && cd $@.d && status=0 && \
	  { (umask 022; ulimit -c 0; exec setsid -w timeout -s KILL 60 bash -c 'PATH=/nowhere:$$PWD A=1 B="two words" exec -a $* $(abspath $<) one "two words"') < /dev/null > ../$(@F).new 2>&1 3>&- 4>&- 5>&- 6>&- 7>&- 8>&- 9>&- 10>&- || status=$$?; } && \
	  echo "exit $$status" >> ../$(@F).new && mv ../$(@F).new ../$(@F) && rm -rf ../$(@F).d

$(POSIX_OUT)/posix.list: tests/posix/module.mk $(wildcard tests/posix/programs/*.c)
	@mkdir -p $(@D)
	$(Q){ echo 'sbin/init posix'; for p in $(POSIX_PROGRAMS); do echo "bin/$$p build/posix/programs/$$p"; \
	  echo "out/$$p build/posix/programs/$$p.out"; done; } > $@
$(BUILD)/tests/posix.tar: $(POSIX_OUT)/posix.list $(POSIX_BUILT) $(BUILD)/user/stripped/posix
	$(call say,PACK,$@)
	@mkdir -p $(@D)
	$(Q)$(PYTHON) tools/mkpackage --build $(BUILD) $< $@
# Ports run there like the programs of our own; one that cannot be had is not in the package.  A shell starts processes.
PORT_PROGRAMS  := lua
PORT_SHELLS    := dash
$(POSIX_OUT)/ports.done: $(foreach p,$(PORT_PROGRAMS) $(PORT_SHELLS),$(call port-pin,$(p)) ports/$(p)/build) $(wildcard tests/posix/scripts/*) $(SDK)
	@mkdir -p $(@D)
	$(Q)for p in $(PORT_PROGRAMS) $(PORT_SHELLS); do rm -f $(POSIX_OUT)/$$p $(POSIX_OUT)/$$p.host $(POSIX_OUT)/$$p.out; \
	  ports/fetch --build $(BUILD) $$p --unpack $(PORTS_DIR)/src/$$p --optional || exit 1; \
	  if [ -d $(PORTS_DIR)/src/$$p ]; then printf '  PORT     %s\n' $$p; \
	    ports/$$p/build $(PORTS_DIR)/src/$$p $(SYSROOT)/bin/mnos-cc $(POSIX_OUT)/$$p && \
	    ports/$$p/build $(PORTS_DIR)/src/$$p $(SYSROOT)/bin/mnos-host-cc $(POSIX_OUT)/$$p.host && \
	    $(MAKE) -s BUILD=$(BUILD) $(POSIX_OUT)/$$p.out || exit 1; fi; done; touch $@
# $(call posix-entries,PROGRAMS): of those that are there
define posix-entries
entry() { printf '\n[[files]]\npath = "%s"\nfile = "%s"\n' "$$1" "$$2"; }; \
	  for p in $(1); do if [ -f $(POSIX_OUT)/$$p.out ]; then \
	    entry bin/$$p build/posix/programs/$$p; entry out/$$p build/posix/programs/$$p.out; \
	    if [ -f tests/posix/scripts/$$p ]; then entry in/$$p tests/posix/scripts/$$p; fi; fi; done
endef
$(POSIX_OUT)/files.toml: tests/posix/files.toml $(POSIX_OUT)/ports.done $(call posix-built,$(POSIX_FILES)) $(wildcard tests/posix/scripts/*)
	$(Q){ cat $<; $(call posix-entries,$(POSIX_FILES) $(PORT_PROGRAMS)); } > $@
$(BUILD)/tests/posix_files.tar: $(POSIX_OUT)/files.toml $(call posix-built,$(POSIX_FILES)) $(addprefix $(BUILD)/user/stripped/,init vfs posix) $(MKMANIFEST)
	$(call say,SYSTEM,$@)
	@mkdir -p $(@D)
	$(Q)$(MKMANIFEST) package --build $(BUILD) $< $@
# Programs that start others: the same system with the process server; what they start is in their directory as `child`.
$(POSIX_OUT)/processes.toml: tests/posix/processes.toml tests/posix/module.mk $(POSIX_OUT)/ports.done $(call posix-built,$(POSIX_PROCESSES)) $(wildcard tests/posix/scripts/*)
	@mkdir -p $(@D)
	$(Q){ cat $<; $(call posix-entries,$(POSIX_PROCESSES) $(PORT_SHELLS)); entry helper/child build/posix/programs/child; } > $@
$(BUILD)/tests/posix_processes.tar: $(POSIX_OUT)/processes.toml $(POSIX_OUT)/child $(call posix-built,$(POSIX_PROCESSES)) $(addprefix $(BUILD)/user/stripped/,init vfs proc posix) $(MKMANIFEST)
	$(call say,SYSTEM,$@)
	@mkdir -p $(@D)
	$(Q)$(MKMANIFEST) package --build $(BUILD) $< $@
TEST_DEPS += $(BUILD)/tests/posix.tar $(BUILD)/tests/posix_files.tar $(BUILD)/tests/posix_processes.tar
