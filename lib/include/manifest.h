/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The boot manifest (idl/manifest.capnp): decoded into plain structures, and judged as a whole.
 *
 * One code for the host tool that writes manifests and for init, which executes them: manifest_decode reads the message,
 * manifest_check goes through every rule of MANIFEST_RULES and reports each breach with the members involved.  A
 * manifest without a breach has all references resolved (provider, depends) and an order to start in.
 *
 * Texts stay in the message, arrays lie in an arena that the caller gives; both outlive the struct.  Nothing is allocated
 * and nothing is trusted.  Any context.
 */
#ifndef MNOS_MANIFEST_H
#define MNOS_MANIFEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define MANIFEST_MAJOR 1u
#define MANIFEST_MINOR 0u
#define MANIFEST_PATH  "boot/manifest.bin"
/* What a program whose path ends in MANIFEST_MODULE is run by. */
#define MANIFEST_RUNNER "bin/wasm"
#define MANIFEST_MODULE ".wasm"

#define MANIFEST_NAME_MAX     31u /* services, capabilities, names in the directory */
#define MANIFEST_SERVICES_MAX 1024u
#define MANIFEST_CAPS_MAX     56u /* one service's */
#define MANIFEST_ARGS_MAX     15u
#define MANIFEST_ARGS_BYTES   4096u
#define MANIFEST_NOBODY       UINT32_MAX

/* X(NAME, "name", what the rule demands) */
#define MANIFEST_RULES(X)                                                                                              \
    X(MESSAGE, "message", "the manifest is a sound Cap'n Proto message of sane size")                                  \
    X(SCHEMA_VERSION, "schema-version", "the major version of the schema is this reader's")                            \
    X(NO_SERVICES, "no-services", "there is at least one service that is started by itself")                           \
    X(SERVICE_NAME, "service-name", "a service has a printable name of 1 to 31 bytes; 'init' is taken")                \
    X(DUPLICATE_SERVICE, "duplicate-service", "no two services have one name")                                         \
    X(PROGRAM_PATH, "program-path", "a program is named by a path inside the boot package")                            \
    X(UNKNOWN_PROGRAM, "unknown-program", "the boot package holds every program that a service names")                 \
    X(UNKNOWN_DEPENDENCY, "unknown-dependency", "every service that another depends on exists")                        \
    X(REQUEST_DEPENDENCY, "request-dependency", "nobody depends on a service that is only started on request")         \
    X(DEPENDENCY_CYCLE, "dependency-cycle", "no service waits, through others, for itself")                            \
    X(CALL_CYCLE, "call-cycle", "no service calls, through others, itself")                                            \
    X(CAPABILITY_NAME, "capability-name", "a capability has a printable name of 1 to 31 bytes")                        \
    X(DUPLICATE_CAPABILITY, "duplicate-capability", "no service has two capabilities of one name")                     \
    X(TOO_MANY_CAPABILITIES, "too-many-capabilities", "a service's capabilities fit on its CapSet page")               \
    X(UNKNOWN_SOURCE, "unknown-source", "a capability comes from a source that exists")                                \
    X(SOURCE_RANGE, "source-range", "lines, ports and addresses are within what the machine can have")                 \
    X(SHARED_DEVICE, "shared-device", "no two services are given the same line or port")                               \
    X(NO_RIGHTS, "no-rights", "a capability has at least one right")                                                   \
    X(RIGHTS_EXCEEDED, "rights-exceeded", "a capability has no right that its source lacks")                           \
    X(LATE_GRANT, "late-grant", "what is only looked up may be passed on, since nothing else can be sent")             \
    X(NOBODY_PROVIDES, "nobody-provides", "every endpoint that a service is given is provided by one")                 \
    X(WRONG_INTERFACE, "wrong-interface", "who uses an endpoint expects the interface that it has")                    \
    X(PROVIDED_NAME, "provided-name", "a provided name is printable and of 1 to 31 bytes")                             \
    X(DUPLICATE_PROVIDED, "duplicate-provided", "no two services provide one name")                                    \
    X(NO_DIRECTORY, "no-directory", "who registers, looks up, or says that it is ready can reach init")                \
    X(ARGUMENTS, "arguments", "a service's arguments are at most 15 and fit on a page")                                \
    X(MEMORY_BUDGET, "memory-budget", "a memory budget is whole pages, and enough for a process")                      \
    X(MEMORY_EXCEEDED, "memory-exceeded", "the budgets together are at most what there is to give")                    \
    X(CPU_BUDGET, "cpu-budget", "a CPU budget is at most its period, of 1 ms to 10 s")                                 \
    X(PRIORITY, "priority", "a priority is 1 to 254")                                                                  \
    X(RESTART_POLICY, "restart-policy", "the restart policy is never, on-failure or always; its back-off grows")       \
    X(READINESS, "readiness", "readiness is registered or explicit")                                                   \
    X(SLOTS, "slots", "a capability table has 64 to 32768 slots, room for what is given")                              \
    X(INSTANCES, "instances", "only what is on request, provides nothing and is not restarted runs more than once")    \
    X(MODULE_POOL, "module-pool", "who runs a WebAssembly module has a pool, which pays for the module's memory")

enum manifest_rule {
#define X(name, text, demand) MANIFEST_##name,
    MANIFEST_RULES(X)
#undef X
        MANIFEST_RULE_COUNT
};

enum manifest_restart { MANIFEST_NEVER, MANIFEST_ON_FAILURE, MANIFEST_ALWAYS, MANIFEST_RESTARTS };
enum manifest_readiness { MANIFEST_REGISTERED, MANIFEST_EXPLICIT, MANIFEST_READINESSES };

enum manifest_source {
    MANIFEST_POOL,
    MANIFEST_LOG,
    MANIFEST_IRQ,
    MANIFEST_PORTS,
    MANIFEST_PACKAGE,
    MANIFEST_FRAMEBUFFER,
    MANIFEST_ACPI,
    MANIFEST_SYSTEM,
    MANIFEST_MMIO,
    MANIFEST_DIRECTORY,
    MANIFEST_SPAWNER,
    MANIFEST_CONTROL,
    MANIFEST_SERVICE,
    MANIFEST_ENDPOINT,
    MANIFEST_NOTIFICATION,
    MANIFEST_MEMORY,
    MANIFEST_EVENTS,
    MANIFEST_SOURCES
};

/* What each source can give. */
struct manifest_source_info {
    const char *name;
    uint8_t rights;  /* at most */
    uint8_t usual;   /* where a person names none */
    uint64_t limit;  /* of first + count; 0: it has no range */
    uint64_t grain;  /* first and count are multiples of it */
    bool whole_only; /* count 0 stands for all of it; where false it must be given */
};
extern const struct manifest_source_info manifest_sources[MANIFEST_SOURCES];

struct manifest_cap {
    const char *name, *from;
    uint64_t first, count, interface;
    uint32_t line;
    uint16_t source; /* enum manifest_source, once checked */
    uint8_t rights;
    bool late, optional;
    uint32_t provider, provided; /* resolved: service, and which of all that is provided; or MANIFEST_NOBODY */
};

struct manifest_provided {
    const char *name, *capability;
    uint64_t interface;
    uint32_t line;
    uint32_t service;
    uint8_t rights;
};

struct manifest_service {
    const char *name, *program;
    const char **args;
    struct manifest_cap *caps;
    struct manifest_provided *provides; /* part of the manifest's */
    const char **depends_on;
    uint32_t *depends; /* resolved, one for each of depends_on */
    uint32_t arg_count, cap_count, provided_count, depend_count;
    uint64_t memory, cpu_ns, period_ns;
    uint32_t backoff_ms, backoff_max_ms, restart_limit, start_ms;
    uint32_t slots, line;
    uint16_t restart, readiness, instances;
    uint8_t priority;
    bool on_request;
};

struct manifest {
    const char *name, *source;
    uint16_t major, minor;
    uint64_t memory;
    struct manifest_service *services;
    uint32_t count;
    struct manifest_provided *provided; /* all of them */
    uint32_t provided_count;
    uint32_t *order; /* services, those before that others wait for */
    /* The arena. */
    uint8_t *arena;
    size_t arena_size, arena_used;
    uint32_t *service_index, *provided_index; /* by name, open addressing */
    uint32_t service_mask, provided_mask;
};

/* What is outside the manifest. */
struct manifest_env {
    void *context;
    /* Is there such a program?  NULL: all are. */
    bool (*program)(void *context, const char *path);
    uint64_t memory; /* bytes that the parent can give; 0: not known */
};

/* One breach.  `line` counts in m->source; 0: none. */
typedef void manifest_report_fn(void *context, const struct manifest *m, enum manifest_rule rule, uint32_t line,
                                const char *text);

const char *manifest_rule_name(enum manifest_rule rule);
const char *manifest_rule_demand(enum manifest_rule rule);
const char *manifest_restart_name(unsigned restart);
const char *manifest_readiness_name(unsigned readiness);
/* Is the program a WebAssembly module? */
bool manifest_is_module(const char *program);
/* A printable name of 1 to MANIFEST_NAME_MAX bytes without blanks. */
bool manifest_name_ok(const char *name);

/* Arena that any sound manifest of this many bytes is content with. */
size_t manifest_arena_size(size_t size);
/* False: breaches of `message` or `schema-version`, which were reported; the rest was not looked at. */
bool manifest_decode(struct manifest *m, const void *bytes, size_t size, void *arena, size_t arena_size,
                     manifest_report_fn *report, void *context);
/* The number of breaches.  Resolves names; once for each manifest. */
unsigned manifest_check(struct manifest *m, const struct manifest_env *env, manifest_report_fn *report, void *context);

/* After a check without breaches: by name, or MANIFEST_NOBODY. */
uint32_t manifest_find_service(const struct manifest *m, const char *name);
uint32_t manifest_find_provided(const struct manifest *m, const char *name);

/* The message for these services; 0: `size` bytes are too few. */
size_t manifest_encode(const struct manifest *m, void *bytes, size_t size);

#endif
