# musl, libposix and the compiler wrapper: build/sysroot.  `make sdk` makes it; the tests need it, the system's image does not.
#
#   ports/cache --fetch--> ports/src/musl --ports/musl/build--> ports/musl/libc.a   (no libposix in it)
#                                                                     + libposix.o = sysroot/lib/libc.a
#                                                                     + libposix-host.o = sysroot/lib/host/libc.a
PORTS_DIR  := $(BUILD)/ports
SYSROOT    := $(BUILD)/sysroot
MUSL_LIBC  := $(PORTS_DIR)/musl/libc.a
MUSL_OURS  := $(shell find posix/musl -type f)
SDK_NAMES  := mnos-cc mnos-clang mnos-host-cc mnos-host-clang
SDK        := $(SYSROOT)/lib/libc.a $(SYSROOT)/lib/host/libc.a $(addprefix $(SYSROOT)/bin/,$(SDK_NAMES))

# $(call port-pin,NAME): a file that changes with the port's own lines of the lock.
port-pin = $(call stamp,$(PORTS_DIR)/$(1).pin,$(shell awk '/^\[\[/ { on = $$0 == "[[$(1)]]" } on' ports/ports.lock))$(PORTS_DIR)/$(1).pin

$(MUSL_LIBC): $(call port-pin,musl) ports/musl/build $(MUSL_OURS)
	$(call say,PORT,musl)
	$(Q)ports/fetch --build $(BUILD) musl --unpack $(PORTS_DIR)/src/musl
	$(Q)ports/musl/build $(PORTS_DIR)/src/musl $(PORTS_DIR)/musl $(SYSROOT)

# libposix is one object, of which only the seam can be seen: no name of ours gets in a program's way.  It goes with no
# other library: what it uses of libmnos is in it, and what it does not use is left out.
POSIX_CFLAGS   := $(UCFLAGS) -ffunction-sections -Iposix/include
LIBPOSIX_SRCS  := $(call find-sources,posix/core posix/mnos) lib/string/string.c lib/string/search.c \
                  lib/libmnos/capset.c lib/libmnos/clock.c lib/libmnos/console.c lib/libmnos/ipc.c lib/libmnos/ipc.S lib/libmnos/sync.c lib/libmnos/va.c
POSIXHOST_SRCS := $(call find-sources,posix/host)
POSIX_SEAM     := __mnos_entry __mnos_syscall __mnos_syscall_cp __mnos_set_tp __mnos_clone __mnos_spawn __mnos_unmapself __mnos_sigreturn \
                  __cp_begin __cp_end __cp_cancel
$(eval $(call object-tree,posix,$(CC),$(POSIX_CFLAGS)))
-include $(patsubst %.o,%.d,$(call objects,posix,$(LIBPOSIX_SRCS) $(POSIXHOST_SRCS)))

# $(call libposix,FILE,SOURCES)
define libposix
$(1): $(call objects,posix,$(2)) posix/module.mk
	$$(call say,LD,$$@)
	@mkdir -p $$(@D)
	$$(Q)$(LD) -r --gc-sections $(addprefix -u ,$(POSIX_SEAM)) -o $$@.all $$(filter %.o,$$^)
	$$(Q)$(OBJCOPY) $(addprefix --keep-global-symbol=,$(POSIX_SEAM)) $$@.all $$@
endef
$(eval $(call libposix,$(BUILD)/posix/libposix.o,$(LIBPOSIX_SRCS)))
$(eval $(call libposix,$(BUILD)/posix/libposix-host.o,$(POSIXHOST_SRCS)))

$(SYSROOT)/lib/libc.a: $(BUILD)/posix/libposix.o $(MUSL_LIBC)
$(SYSROOT)/lib/host/libc.a: $(BUILD)/posix/libposix-host.o $(MUSL_LIBC)
$(SYSROOT)/lib/libc.a $(SYSROOT)/lib/host/libc.a:
	$(call say,AR,$@)
	@mkdir -p $(@D)
	$(Q)cp $(MUSL_LIBC) $@.new
	$(Q)$(AR) rD $@.new $<
	$(Q)mv $@.new $@

$(SYSROOT)/lib/mnos.specs: posix/sdk/mnos.specs
	@mkdir -p $(@D)
	$(Q)cp $< $@
$(addprefix $(SYSROOT)/bin/,$(SDK_NAMES)): posix/sdk/mnos-cc $(SYSROOT)/lib/mnos.specs
	@mkdir -p $(@D)
	$(Q)cp $< $(@D)/.mnos-cc.$(@F) && mv $(@D)/.mnos-cc.$(@F) $@

.PHONY: sdk
sdk: $(SDK) ## build/sysroot: headers, libc with libposix, and bin/mnos-cc, for programs of the system
TEST_DEPS += $(SDK)
