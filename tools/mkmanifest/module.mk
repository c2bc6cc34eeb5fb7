# The compiler of system descriptions.  lib/string is libc's here.
MKMANIFEST := $(BUILD)/host/bin/mkmanifest
$(eval $(call host-program,mkmanifest,$(wildcard tools/mkmanifest/*.c lib/capnp/*.c lib/manifest/*.c lib/fmt/*.c)))
