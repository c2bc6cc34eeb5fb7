/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Writes what follows from the system-call table (mnos/syscalls.def) to standard output:
 *
 *   abigen calls      mnos/calls.h: typed wrappers of the ordinary calls
 *   abigen model      mnos/model.h: the table as data, for the system-call fuzzer
 *   abigen reference  the reference page
 */
#include <mnos/errors.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#define LENGTH(array) (sizeof(array) / sizeof((array)[0]))
#define MAX_ARGS      6

struct arg {
    const char *call, *name, *shape, *type, *rights, *text;
    int position;
};

struct call {
    int number, argc;
    const char *name, *group, *text;
};

struct note {
    const char *call, *code, *text;
};

static const struct call calls[] = {
#define SYSCALL(nr, name, group, argc, text) {nr, argc, #name, #group, text},
#include <mnos/syscalls.def>
};

static const struct arg args[] = {
#define ARG(name, pos, arg, shape, type, rights, text) {#name, #arg, #shape, #type, #rights, text, pos},
#include <mnos/syscalls.def>
};

static const struct note errors[] = {
#define ERROR(name, code, text) {#name, #code, text},
#include <mnos/syscalls.def>
};

static const struct note results[] = {
#define RESULT(name, text) {#name, NULL, text},
#include <mnos/syscalls.def>
};

static const struct {
    const char *name, *text;
    int code;
} error_names[] = {
#define X(code, name, text) {#name, text, code},
    MNOS_ERRORS(X)
#undef X
};

static const struct arg *arg_at(const struct call *call, int position)
{
    for (size_t i = 0; i < LENGTH(args); i++)
        if (strcmp(args[i].call, call->name) == 0 && args[i].position == position)
            return &args[i];
    return NULL;
}

static bool starts(const char *text, const char *prefix)
{
    return strncmp(text, prefix, strlen(prefix)) == 0;
}

static bool is_handle(const struct arg *arg)
{
    return starts(arg->shape, "HANDLE");
}

static bool is_pointer(const struct arg *arg)
{
    return starts(arg->shape, "PTR");
}

/* The four calls with the message register layout have stubs of their own. */
static bool is_message_call(const struct call *call)
{
    static const char *const names[] = {"ipc_send", "ipc_recv", "ipc_call", "ipc_reply"};

    for (size_t i = 0; i < LENGTH(names); i++)
        if (strcmp(call->name, names[i]) == 0)
            return true;
    return false;
}

/* Errors that follow from the shape of an argument. */
static bool shape_implies(const struct arg *arg, const char *code)
{
    if (is_handle(arg)) {
        if (strcmp(code, "BADCAP") == 0)
            return true;
        if (strcmp(code, "BADTYPE") == 0)
            return strcmp(arg->type, "ANY") != 0;
        if (strcmp(code, "NO_RIGHTS") == 0)
            return strcmp(arg->rights, "0") != 0;
    }
    if (strcmp(arg->shape, "ADDRESS") == 0)
        return strcmp(code, "UNALIGNED") == 0 || strcmp(code, "RANGE") == 0;
    return is_pointer(arg) && strcmp(code, "FAULT") == 0;
}

static bool call_implies(const struct call *call, const char *code)
{
    for (int i = 0; i < call->argc; i++)
        if (shape_implies(arg_at(call, i), code))
            return true;
    return false;
}

static const char *listed(const struct call *call, const char *code)
{
    for (size_t i = 0; i < LENGTH(errors); i++)
        if (strcmp(errors[i].call, call->name) == 0 && strcmp(errors[i].code, code) == 0)
            return errors[i].text;
    return NULL;
}

static const char *result_text(const struct call *call)
{
    for (size_t i = 0; i < LENGTH(results); i++)
        if (strcmp(results[i].call, call->name) == 0)
            return results[i].text;
    return NULL;
}

/* The table is written by hand: numbers ascend without a gap, arguments are complete, errors exist. */
static bool table_sound(void)
{
    bool sound = true;

    for (size_t i = 0; i < LENGTH(calls); i++) {
        const struct call *call = &calls[i];
        if (call->number != (int)i) {
            fprintf(stderr, "abigen: %s has number %d, expected %zu\n", call->name, call->number, i);
            sound = false;
        }
        for (int a = 0; a < MAX_ARGS; a++)
            if ((arg_at(call, a) != NULL) != (a < call->argc)) {
                fprintf(stderr, "abigen: %s: argument %d is missing or superfluous\n", call->name, a);
                sound = false;
            }
        if (!result_text(call)) {
            fprintf(stderr, "abigen: %s has no result\n", call->name);
            sound = false;
        }
    }
    for (size_t i = 0; i < LENGTH(errors); i++) {
        bool known = false;
        for (size_t e = 0; e < LENGTH(error_names); e++)
            known |= strcmp(errors[i].code, error_names[e].name) == 0;
        if (!known) {
            fprintf(stderr, "abigen: %s names the unknown error %s\n", errors[i].call, errors[i].code);
            sound = false;
        }
    }
    return sound;
}

static const char *c_type(const struct arg *arg)
{
    if (is_handle(arg))
        return "mnos_handle_t ";
    if (strcmp(arg->shape, "PTR_IN") == 0)
        return "const void *";
    if (is_pointer(arg))
        return "void *";
    return "uint64_t ";
}

static void print_wrapper(const struct call *call)
{
    static const char *const registers[MAX_ARGS] = {"rdi", "rsi", "rdx", "r10", "r8", "r9"};

    printf("\n/* %s */\nstatic inline int64_t mnos_%s(", call->text, call->name);
    if (call->argc == 0)
        printf("void");
    for (int i = 0; i < call->argc; i++)
        printf("%s%s%s", i ? ", " : "", c_type(arg_at(call, i)), arg_at(call, i)->name);
    printf(")\n{\n    int64_t mnos_result_;\n");
    for (int i = 0; i < call->argc; i++)
        printf("    register uint64_t mnos_%s_ __asm__(\"%s\") = (uint64_t)%s;\n", registers[i], registers[i],
               arg_at(call, i)->name);
    printf("\n    __asm__ volatile(\"syscall\"\n                     : \"=a\"(mnos_result_)\n"
           "                     : \"a\"((uint64_t)%d)",
           call->number);
    for (int i = 0; i < call->argc; i++)
        printf(", \"r\"(mnos_%s_)", registers[i]);
    printf("\n                     : \"rcx\", \"r11\", \"memory\");\n    return mnos_result_;\n}\n");
}

static void print_calls(void)
{
    printf("/* SPDX-License-Identifier: BSD-2-Clause */\n"
           "/* Generated from mnos/syscalls.def.  Each wrapper returns the result, or a negated enum mnos_error. */\n"
           "#ifndef MNOS_CALLS_H\n#define MNOS_CALLS_H\n\n#include <mnos/object.h>\n#include <stdint.h>\n");
    for (size_t i = 0; i < LENGTH(calls); i++)
        if (!is_message_call(&calls[i]))
            print_wrapper(&calls[i]);
    printf("\n#endif\n");
}

/* `MNOS_TYPE_x` for an object type; the composed ones have names of their own. */
static void print_model_type(const char *type)
{
    static const char *const composed[] = {"ANY", "BY_FLAGS", "ENDPOINT_OR_NOTIFICATION", "THREAD_OR_PROCESS"};

    for (size_t i = 0; i < LENGTH(composed); i++)
        if (strcmp(type, composed[i]) == 0) {
            printf("MNOS_MODEL_%s", type);
            return;
        }
    printf("MNOS_TYPE_%s", type);
}

static void print_model_call(const struct call *call)
{
    printf("    {%d, %d, \"%s\", 0", call->number, call->argc, call->name);
    for (size_t e = 0; e < LENGTH(error_names); e++)
        if (call_implies(call, error_names[e].name) || listed(call, error_names[e].name))
            printf(" | 1u << MNOS_E_%s", error_names[e].name);
    printf(",\n     {");
    for (int i = 0; i < call->argc; i++) {
        const struct arg *arg = arg_at(call, i);
        printf("%s{MNOS_SHAPE_%s, ", i ? ", " : "", arg->shape);
        print_model_type(arg->type);
        if (strcmp(arg->rights, "0") == 0)
            printf(", 0");
        else if (strcmp(arg->rights, "BY_FLAGS") == 0)
            printf(", MNOS_MODEL_RIGHTS_BY_FLAGS");
        else
            printf(", MNOS_RIGHT_%s", arg->rights);
        printf(", \"%s\"}", arg->name);
    }
    printf("}},\n");
}

static void print_model(void)
{
    printf("/* SPDX-License-Identifier: BSD-2-Clause */\n"
           "/* Generated from mnos/syscalls.def: the system-call table as data. */\n"
           "#ifndef MNOS_MODEL_H\n#define MNOS_MODEL_H\n\n#include <mnos/errors.h>\n#include <mnos/object.h>\n"
           "#include <stdint.h>\n\n"
           "enum mnos_shape {\n    MNOS_SHAPE_VALUE,\n    MNOS_SHAPE_ADDRESS,\n    MNOS_SHAPE_HANDLE,\n"
           "    MNOS_SHAPE_HANDLE_SELF,\n    MNOS_SHAPE_HANDLE_NONE,\n    MNOS_SHAPE_PTR_IN,\n"
           "    MNOS_SHAPE_PTR_OUT,\n    MNOS_SHAPE_PTR_INOUT\n};\n\n"
           "/* Beside enum mnos_type. */\n"
           "enum { MNOS_MODEL_ANY = 64, MNOS_MODEL_BY_FLAGS, MNOS_MODEL_ENDPOINT_OR_NOTIFICATION,\n"
           "       MNOS_MODEL_THREAD_OR_PROCESS };\n"
           "#define MNOS_MODEL_RIGHTS_BY_FLAGS 0x80u\n\n"
           "struct mnos_model_arg {\n    uint8_t shape, type, rights;\n    const char *name;\n};\n\n"
           "struct mnos_model_call {\n    uint16_t number, argc;\n    const char *name;\n"
           "    uint32_t errors; /* bit per enum mnos_error: listed in the table, or implied by a shape */\n"
           "    struct mnos_model_arg arg[%d];\n};\n\n"
           "#define MNOS_MODEL_CALLS %zu\n"
           "static const struct mnos_model_call mnos_model[MNOS_MODEL_CALLS] = {\n",
           MAX_ARGS, LENGTH(calls));
    for (size_t i = 0; i < LENGTH(calls); i++)
        print_model_call(&calls[i]);
    printf("};\n\n#endif\n");
}

static void print_reference_call(const struct call *call)
{
    static const char *const registers[MAX_ARGS] = {"RDI", "RSI", "RDX", "R10", "R8", "R9"};

    printf("\n### %d `%s`\n\n%s\n", call->number, call->name, call->text);
    if (call->argc > 0)
        printf("\n| register | argument | what | rights | meaning |\n|---|---|---|---|---|\n");
    for (int i = 0; i < call->argc; i++) {
        const struct arg *arg = arg_at(call, i);
        const char *kind = arg->shape;
        char handle[96];
        if (is_handle(arg)) {
            snprintf(handle, sizeof handle, "%s%s", arg->type,
                     strcmp(arg->shape, "HANDLE_SELF") == 0   ? ", or oneself"
                     : strcmp(arg->shape, "HANDLE_NONE") == 0 ? ", or none"
                                                              : "");
            kind = handle;
        }
        printf("| %s | %s | %s | %s | %s |\n", registers[i], arg->name, kind,
               strcmp(arg->rights, "0") == 0 ? "" : arg->rights, arg->text);
    }
    printf("\nReturns: %s.\n\nErrors:", result_text(call));
    bool first = true;
    for (size_t e = 0; e < LENGTH(error_names); e++) {
        const char *name = error_names[e].name;
        const char *text = listed(call, name);
        if (!text && !call_implies(call, name))
            continue;
        printf("%s %s%s%s%s", first ? "" : ";", name, text ? " (" : "", text ? text : "", text ? ")" : "");
        first = false;
    }
    printf("%s\n", first ? " none." : ".");
}

static void print_reference(void)
{
    printf("# System calls\n\nGenerated from `abi/include/mnos/syscalls.def`; edit that and run `make reference`.\n\n"
           "Number in RAX, result in RAX: a value of 0 or more, or a negated error. RCX and R11 are destroyed, "
           "everything else\n"
           "survives. `ipc_send`, `ipc_recv`, `ipc_call` and `ipc_reply` have the register layout of "
           "[ipc.md](../ipc.md).\n\n"
           "Errors that an argument's kind implies are listed by name alone: a capability gives BADCAP, BADTYPE and "
           "NO_RIGHTS;\n"
           "an ADDRESS gives UNALIGNED and RANGE; a PTR gives FAULT. A failed call has changed nothing.\n\n"
           "## Errors\n\n| code | name | meaning |\n|---|---|---|\n");
    for (size_t e = 0; e < LENGTH(error_names); e++)
        printf("| %d | %s | %s |\n", error_names[e].code, error_names[e].name, error_names[e].text);
    printf("\n## Calls\n");
    for (size_t i = 0; i < LENGTH(calls); i++)
        print_reference_call(&calls[i]);
}

int main(int argc, char **argv)
{
    if (argc != 2) {
        fprintf(stderr, "usage: abigen calls|model|reference\n");
        return 2;
    }
    if (!table_sound())
        return 1;
    if (strcmp(argv[1], "calls") == 0)
        print_calls();
    else if (strcmp(argv[1], "model") == 0)
        print_model();
    else if (strcmp(argv[1], "reference") == 0)
        print_reference();
    else {
        fprintf(stderr, "abigen: unknown output '%s'\n", argv[1]);
        return 2;
    }
    return fflush(stdout) == 0 ? 0 : 1;
}
