/* SPDX-License-Identifier: BSD-2-Clause */
/* Counts the lines of files; without one, says what is in the directory that was granted. */
#include <dirent.h>
#include <stdio.h>

static int lines_count(const char *name)
{
    FILE *file = fopen(name, "r");
    int lines = 0;

    if (file == NULL) {
        printf("%s: cannot be opened\n", name);
        return 1;
    }
    for (int c; (c = getc(file)) != EOF;)
        lines += c == '\n';
    fclose(file);
    printf("%s: %d lines\n", name, lines);
    return 0;
}

static int directory_list(const char *name)
{
    DIR *directory = opendir(name);

    if (directory == NULL) {
        printf("%s: no directory\n", name);
        return 1;
    }
    for (struct dirent *entry; (entry = readdir(directory)) != NULL;)
        printf("%s/%s\n", name, entry->d_name);
    closedir(directory);
    return 0;
}

int main(int argc, char **argv)
{
    int status = 0;

    if (argc < 2)
        return directory_list("/data");
    for (int i = 1; i < argc; i++)
        status |= lines_count(argv[i]);
    return status;
}
