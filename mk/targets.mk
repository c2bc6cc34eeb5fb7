# The targets that people call.  A `##` comment behind a target is its line in `make help`.

RUN       := tools/qemu
HARNESS   := $(PYTHON) tests/harness/run.py --build $(BUILD)
ARTIFACTS := $(KERNELS) $(if $(LIBMNOS_SRCS),$(LIBMNOS)) $(PROGRAMS) $(PACKAGES) $(HOST_PROGRAMS)

.PHONY: all build run run-spawn run-smoke test-config test-mkmanifest generated-code-check smoke debug image iso release test test-quick test-full bench bench-disk bench-posix promises mutants loc lint \
        check-format format run-suites bare-test install-deps hooks test-build test-build-full clean help FORCE

all: build $(if $(wildcard tools/image/module.mk),image) ## build both kernels, all programs, the boot package and the disk image
build: $(GENERATED) $(ARTIFACTS)

# Every object of both kernels, linked or not: what `make -k objects` says is the state of the kernel's sources.
.PHONY: objects
objects: $(GENERATED) $(KERNEL_OBJS_release) $(KERNEL_OBJS_debug)

image: $(BUILD)/default.img ## build/default.img: GPT disk with an EFI system partition
iso: $(BUILD)/default.iso ## build/default.iso: El Torito UEFI image, also for a USB stick

# DEBUG=1 boots the debug kernel, without firmware.
RUN_IMAGE := $(if $(filter 1,$(DEBUG)),$(BUILD)/debug.vol.tar,$(BUILD)/default.img)
run: $(RUN_IMAGE) $(BUILD)/pvh-loader.elf ## boot the system under UEFI in QEMU, serial console on this terminal
	$(Q)LOADER=$(BUILD)/pvh-loader.elf $(RUN) $(RUN_IMAGE)

# These halt with the result, which is 33 for success.
run-system = $(Q)status=0; LOADER=$(BUILD)/pvh-loader.elf $(RUN) $(1) || status=$$?; \
             if [ $$status != 33 ]; then echo "the system failed: status $$status"; exit 1; fi
run-spawn: $(BUILD)/spawn.vol.tar $(BUILD)/pvh-loader.elf ## boot systems/spawn.toml: init starts programs for another one, and the machine halts
	$(call run-system,$<)
run-smoke: $(BUILD)/smoke.vol.tar $(BUILD)/pvh-loader.elf ## boot systems/smoke.toml: every demonstration, and the machine halts with the result
	$(call run-system,$<)

debug: $(BUILD)/debug.vol.tar $(BUILD)/pvh-loader.elf ## boot with QEMU stopped and gdb attached (mnos-threads, mnos-caps, mnos-aspace)
	$(Q)tools/gdb/debug $(BUILD) $(BUILD)/debug.vol.tar

test-build: build $(HOST_TESTS) $(FUZZ_PROGRAMS) $(TEST_DEPS)
test-build-full: test-build $(HOST_TESTS_CLANG)

smoke: build ## boot to the prompt and power off: what the pre-push hook runs
	$(Q)$(HARNESS) --tier quick --only 'smoke/*'

test-quick: test-build ## tests that take under 10 minutes: host tests, corpus replay, lints, the shortest boots
	$(Q)$(HARNESS) --tier quick

test: test-build ## the gate, under 25 minutes: everything of test-quick, all system tests, instruction budgets, short fuzzing
	$(Q)$(HARNESS) --tier gate

test-full: test-build-full ## no time limit: the gate, clang builds, long fuzzing; results with commit and date in docs/results/
	$(Q)$(HARNESS) --tier full --publish docs/results

test-config: $(BUILD)/host/tests/test_manifest $(BUILD)/host/tests/test_capnp ## host tests of the manifest: reading, round trip, every rule
	$(Q)$(HARNESS) --only host/manifest --only host/capnp

test-mkmanifest: $(BUILD)/host/bin/mkmanifest ## host tests of the tool that makes manifests and packages
	$(Q)$(HARNESS) --only 'mkmanifest/*'

generated-code-check: $(GENERATED) $(HOST_PROGRAMS) ## what is generated and kept in the tree is what the generators make
	$(Q)$(HARNESS) --only build/generated

# One pattern of suites, whatever their tier: make run-suites ONLY='system/ipc*'
run-suites:
	$(Q)$(HARNESS) --tier full --only '$(ONLY)'

bench: test-build ## boot the release kernel under -icount; prints `bench NAME BUDGET MEASURED` lines and a table
	$(Q)$(HARNESS) --bench

bench-posix: $(BUILD)/tests/bench-posix.tar $(BUILD)/kernel.elf $(BUILD)/pvh-loader.elf ## POSIX operations here and under Linux: `ratio NAME OURS LINUX RATIO`, and the geometric mean
	$(Q)$(PYTHON) tests/bench/posix/posix.py --build $(BUILD)

bench-disk: test-build ## sequential read of 64 MiB here and under Linux on the same machine: `ratio blk_seq OURS LINUX RATIO`
	$(Q)$(PYTHON) tests/bench/disk/disk.py --build $(BUILD)

promises: ## per section of docs/promises.md: rows shown by a passed test, rows open, rows failing
	$(Q)$(PYTHON) tests/harness/promises.py --build $(BUILD) $(if $(ISSUE),--issue $(ISSUE))

mutants: ## break the code as each tests/mutants/*.patch says; fails where the named test stays green
	$(Q)$(PYTHON) tests/harness/mutants.py --build $(BUILD)

lint: build ## the lints alone
	$(Q)$(HARNESS) --tier gate --only 'lint/*'

loc: $(BUILD)/kernel.elf ## lines of code per kernel room against the guide
	$(Q)$(PYTHON) tools/lint/loc.py --build $(BUILD)

FORMATTED = $(shell git ls-files 'abi/*.h' 'boot/*.[ch]' 'kernel/*.[ch]' 'lib/*.[ch]' 'servers/*.[ch]' 'fs/*.[ch]' \
            'drivers/*.[ch]' 'apps/*.[ch]' 'tools/*.[ch]' 'tests/host/*.[ch]' 'tests/system/*.[ch]' 'tests/fuzz/*.[ch]' 'tests/bench/sys/*.[ch]' \
            'wasm/*.[ch]' 'tests/wasm/*.[ch]' 'posix/*.[ch]' 'tests/posix/*.[ch]')
check-format: ## clang-format finds nothing to change
	$(Q)clang-format --dry-run -Werror $(FORMATTED)
format: ## let clang-format rewrite the sources
	$(Q)clang-format -i $(FORMATTED)

release: $(BUILD)/default.iso ## build/release/: ISO, source archive, SHA256SUMS
	$(Q)tools/release $(BUILD)

bare-test: ## both README commands in a fresh Debian 12 (debootstrap; needs root)
	$(Q)tools/bare-test

hooks: ## let git run the smoke test before every push
	$(Q)git config core.hooksPath tools/hooks

install-deps: ## install what the build and the tests need (Debian packages)
	$(Q)tools/install-deps

clean: ## remove everything built
	rm -rf $(BUILD)

# What a variable of the build is, for the lints: make -s print-KCFLAGS
print-%:
	@printf '%s\n' '$(subst ','\'',$($*))'

help: ## this text
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-13s %s\n", $$1, $$2 }' $(MAKEFILE_LIST) | sort
	@printf '%s\n' '' 'Tests come in three tiers, each containing the one before:' \
	 '  make test-quick   under 10 minutes: after each change' \
	 '  make test         under 25 minutes: the gate; nothing lands without it' \
	 '  make test-full    no limit: before a release' \
	 '' 'Variables: CC=clang  DEBUG=1 (make run: debug kernel)  V=1 (show commands)  BUILD=folder  ISSUE=name (rows of one issue in make promises)'
