/* SPDX-License-Identifier: BSD-2-Clause */
/* Process groups and sessions. */
#define _GNU_SOURCE
#include "children.h"

static pid_t in_group(pid_t group)
{
    posix_spawnattr_t attributes;

    posix_spawnattr_init(&attributes);
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP);
    posix_spawnattr_setpgroup(&attributes, group);
    return child_ready(&attributes, WORDS("ready"));
}

int main(void)
{
    int status;
    pid_t first = in_group(0), second = in_group(first), third = in_group(0),
          fourth = child_ready(NULL, WORDS("ready"));

    printf("groups: %d %d %d %d\n", getpgid(first) == first, getpgid(second) == first, getpgid(third) == third,
           getpgid(fourth) == getpgrp());
    printf("sessions: %d %d\n", getsid(first) == getsid(0), getsid(fourth) == getsid(0));
    SAY("a child that has its own program", setpgid(fourth, 0));
    SAY("a group below 0", setpgid(0, -1));
    SAY("somebody who is not there", setpgid(30000, 0));
    SAY("the group of who is not there", getpgid(30000));
    SAY("the session of who is not there", getsid(30000));
    SAY("nobody in that group to wait for", waitpid(-30000, &status, 0));
    SAY("nobody in the own group has ended", waitpid(0, &status, WNOHANG));
    SAY("to a group", kill(-first, SIGTERM));
    int seen = 0;
    for (int i = 0; i < 2; i++) {
        pid_t pid = waitpid(-first, &status, 0);
        seen += (pid == first ? 1 : 0) + (pid == second ? 2 : 0);
    }
    printf("both of it: %d\n", seen);
    SAY("it is gone", kill(-first, SIGTERM));
    SAY("the third is not", kill(third, 0));
    SAY("nor the fourth", kill(fourth, 0));
    SAY("wait for the fourth's group", waitpid(0, &status, WNOHANG));
    kill(fourth, SIGINT);
    SAY("it is the own one", waitpid(0, &status, 0) == fourth);
    kill(third, SIGINT);
    child_told("third", third);
    child_told("one that moves itself", child_start(NULL, NULL, WORDS("moves")));
    signal(SIGUSR2, SIG_IGN);
    child_told("one that leaves", child_start(NULL, NULL, WORDS("leaves")));
    return 0;
}
