/* SPDX-License-Identifier: BSD-2-Clause */
#include <libmnos/errors.h>
#include <libmnos/names.h>
#include <libmnos/package.h>
#include <libmnos/print.h>
#include <libmnos/start.h>
#include <mnos/calls.h>
#include <mnos/memory.h>
#include <mnos/thread.h>

#include "devmgr.h"

struct devmgr devmgr;

static mnos_handle_t object_make(enum mnos_create what)
{
    int64_t handle = mnos_cap_create(what, mnos_pool(), 0, 0, 0);

    if (handle < 0)
        mnos_panic("devmgr: cannot make an object of kind %d: %s", what, mnos_error_text(handle));
    return (mnos_handle_t)handle;
}

static void objects_make(void)
{
    devmgr.endpoint = mnos_cap("endpoint");
    if (devmgr.endpoint == MNOS_NONE)
        devmgr.endpoint = object_make(MNOS_CREATE_ENDPOINT);
    devmgr.deaths = object_make(MNOS_CREATE_NOTIFICATION);
    devmgr.reply = object_make(MNOS_CREATE_REPLY);
    int64_t status = mnos_thread_control(MNOS_SELF, MNOS_THREADCTL_BIND, devmgr.deaths, 0);
    if (status < 0)
        mnos_panic("devmgr: cannot hear of deaths: %s", mnos_error_text(status));
}

/* The boot package, where libmnos looks for it. */
static void package_map(void)
{
    struct mnos_cap_info info;
    struct ustar_member table;
    int64_t status = mnos_cap_inspect(mnos_cap("package"), &info, sizeof info);

    if (status >= 0)
        status = mnos_mem_map(MNOS_SELF, mnos_cap("package"), MNOS_INIT_PACKAGE, 0, info.size, MNOS_MAP_READ);
    if (status < 0)
        mnos_panic("devmgr: no boot package: %s", mnos_error_text(status));
    devmgr.has_names =
        package_find("etc/pci.names", &table) == USTAR_OK && pci_names_open(&devmgr.names, table.data, table.size);
    if (!devmgr.has_names)
        printf("devmgr: the boot package has no table of names: devices are told by their numbers\n");
}

/* Whoever looks the name up may list the devices, and no more. */
static void register_name(void)
{
    mnos_handle_t init = mnos_cap("init");

    if (init == MNOS_NONE)
        return;
    int64_t cap = mnos_cap_create(MNOS_CREATE_MINT, devmgr.endpoint, MNOS_RIGHT_SEND | MNOS_RIGHT_GRANT, 0, 0);
    int64_t status = cap < 0 ? -(int64_t)IDL_E_BAD_CAPS : names_register(init, DEVMGR_NAME, (mnos_handle_t)cap);
    if (status != 0)
        printf("devmgr: %s\n", names_status_text(status));
    if (cap >= 0)
        mnos_cap_delete((mnos_handle_t)cap);
    (void)names_ready(init);
}

int main(int argc, char **argv)
{
    (void)argc;
    (void)argv;
    objects_make();
    package_map();
    if (!access_open(&devmgr.access))
        return 1;
    (void)devices_scan();
    slots_open();
    devices_print();
    register_name();
    for (;;) {
        struct mnos_msg msg = {0};
        struct mnos_ipc_ext ext = MNOS_EXT_INIT;
        ext.recv_caps = 2;
        ext.deadline = devices_restart();
        int64_t status = mnos_ipc_recv(devmgr.endpoint, &msg, &ext, devmgr.reply);
        if (status >= 0)
            serve_message(&msg, &ext);
        else if (status != -MNOS_E_TIMED_OUT && status != -MNOS_E_INTERRUPTED)
            mnos_panic("devmgr: cannot receive: %s", mnos_error_text(status));
    }
}
