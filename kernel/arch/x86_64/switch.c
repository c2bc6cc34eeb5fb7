/* SPDX-License-Identifier: BSD-2-Clause */
/* The parts of a switch that few need. */
#include <arch/switch.h>
#include <str.h>

#include "arch.h"

/* Without FSGSBASE programs cannot change the bases themselves: the records are right, and only differences are loaded. */
static void switch_bases_slow(struct thread *prev, struct thread *next)
{
    if (next->fs_base != prev->fs_base)
        msr_write(MSR_FS_BASE, next->fs_base);
    if (next->gs_base != prev->gs_base)
        msr_write(MSR_KERNEL_GS_BASE, next->gs_base);
}

u64 switch_special(struct core *c, struct thread *prev, struct thread *next)
{
    if (likely(cpu.fsgsbase))
        switch_fs(prev, next);
    else
        switch_bases_slow(prev, next);
    if (((prev->switch_flags | next->switch_flags) & SWITCH_FPU) != 0)
        fpu_switch(c, prev, next);
    return 0;
}

u64 switch_ports(struct core *c, struct process *p)
{
    if (c->iopb_pid != p->pid || c->iopb_version != p->ports_version) {
        if (c->iopb_high > c->iopb_low)
            memset(c->iopb + c->iopb_low, 0xff, c->iopb_high - c->iopb_low);
        c->iopb_version = p->ports_version;
        c->iopb_pid = p->pid;
        c->iopb_low = p->ports_low;
        c->iopb_high = p->ports_high;
        if (p->ports_high > p->ports_low)
            memcpy(c->iopb + p->ports_low, p->ports + p->ports_low, p->ports_high - p->ports_low);
    }
    c->tss.iomap = (u32)sizeof(struct tss) << 16;
    return 0;
}

bool switch_ports_stale(struct core *c, struct thread *t)
{
    struct process *p = t->process;

    if (!p->has_ports || (c->iopb_pid == p->pid && c->iopb_version == p->ports_version &&
                          c->tss.iomap != IOMAP_NONE))
        return false;
    switch_ports(c, p);
    return true;
}
