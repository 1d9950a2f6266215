/* SPDX-License-Identifier: EUPL-1.2 */
/* Prints conf/convened.conf or the list of settings of convened.conf(5) from the table in src/config/settings.c.
 * Run by the lint that compares them with what is in the repository. */
#include <stdio.h>
#include <string.h>

#include "config/settings.h"

int main(int argc, char **argv)
{
    if (argc == 2 && strcmp(argv[1], "conf") == 0) {
        settings_print_conf(stdout);
    } else if (argc == 2 && strcmp(argv[1], "man") == 0) {
        settings_print_man(stdout);
    } else {
        (void)fputs("usage: settings_print conf | man\n", stderr);
        return 2;
    }
    return fflush(stdout) == 0 ? 0 : 1;
}
