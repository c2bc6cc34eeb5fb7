/* SPDX-License-Identifier: BSD-2-Clause */
#include <boot/console.h>
#include <boot/load.h>
#include <boot/mp.h>

/* Starts one processor; false if it does not come. */
static bool start(struct load *load, struct limine_mp_info *info)
{
    load->handoff->ap_stack = load_stack(load);
    load->handoff->ap_info = load_high(info);
    if (mp_start(load->handoff, info->lapic_id))
        return true;
    BOOT_SAY("processor with local APIC ", number_of(info->lapic_id).text, " does not start");
    return false;
}

void *answer_mp(struct load *load)
{
    struct topology *topology = &load->topology;
    if (!mp_possible()) {
        BOOT_SAY("the local APIC is off or in x2APIC mode: other processors are not started");
        return NULL;
    }
    uint32_t self = mp_self();
    if (topology->cpu_count == 0)
        topology->cpus[topology->cpu_count++] = (struct topology_cpu){0, self};
    struct limine_mp_response *response = load_room(load, sizeof *response);
    struct limine_mp_info *infos = load_room(load, topology->cpu_count * sizeof *infos);
    uint64_t *list = load_room(load, topology->cpu_count * sizeof *list);
    if (topology->cpu_count > 1)
        mp_prepare();
    for (unsigned i = 0; i < topology->cpu_count; i++) {
        struct limine_mp_info *info = &infos[i];
        info->processor_id = topology->cpus[i].processor_id;
        info->lapic_id = topology->cpus[i].lapic_id;
        if (info->lapic_id == self || start(load, info))
            list[response->cpu_count++] = load_high(info);
    }
    response->bsp_lapic_id = self;
    response->cpus = load_high(list);
    return response;
}
