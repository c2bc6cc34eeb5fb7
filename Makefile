# MinimalOS NextGen.  `make help` lists the targets; mk/README.md says what a room's module.mk may define.
.DEFAULT_GOAL := all
.SUFFIXES:
.DELETE_ON_ERROR:
MAKEFLAGS += --no-builtin-rules
SHELL := /bin/bash

BUILD ?= build
V     ?= 0
Q     := $(if $(filter 1,$(V)),,@)

# Whatever is missing on the machine is installed before a single compiler is asked anything.
ifneq ($(filter-out help clean distclean install-deps,$(or $(MAKECMDGOALS),all)),)
ifndef MNOS_DEPS_CHECKED
ifneq ($(shell tools/install-deps >&2 && echo ok),ok)
$(error The tools that the build needs are not there; the lines above say why)
endif
export MNOS_DEPS_CHECKED := 1
endif
include mk/flags.mk
include mk/rules.mk
# The rooms say what they add: variables first, rules of their own where they need them.
include $(wildcard $(addsuffix /module.mk,abi lib wasm kernel boot idl posix systems tools/* tests/*))
# What rules make from patterns is kept.
.SECONDARY: $(GENERATED) $(KERNEL_GEN_SRCS) $(USER_GEN_SRCS)
include mk/kernel.mk
include mk/user.mk
include mk/package.mk
include mk/host.mk
endif
include mk/targets.mk
