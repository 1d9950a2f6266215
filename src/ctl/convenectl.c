/* SPDX-License-Identifier: EUPL-1.2 */
/* The program convenectl: options, settings, the store, then one subcommand of the table. It is an ordinary foreign
 * writer beside the daemon, which notices what it wrote within a second. One thread. */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "ctl/ctl.h"

#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include <sodium.h>

#include "base/clock.h"
#include "base/faults.h"
#include "base/log.h"
#include "config/settings.h"
#include "store/store.h"

static const struct ctl_command *const commands[] = { &ctl_event, &ctl_registration, &ctl_invitation,
                                                     &ctl_mail, &ctl_mailing, &ctl_bounce, &ctl_export, &ctl_verify,
                                                     &ctl_render };

#define COMMANDS (sizeof(commands) / sizeof(commands[0]))

static void help(void)
{
    (void)puts("usage: convenectl [-c FILE] [--clock-file PATH] [--share DIR] SUBCOMMAND ...\n\nSubcommands:");
    for (size_t i = 0; i < COMMANDS; i++) {
        ctl_usage(commands[i], stdout);
        (void)printf("      %s\n", commands[i]->help);
    }
    (void)puts("\nOptions:\n"
               "  -c, --config FILE   the daemon's settings, instead of " SYSCONFDIR "/convened/convened.conf\n"
               "  --clock-file PATH   for tests: the time, as convened(8) says\n"
               "  --share DIR         templates and languages, instead of " PKGDATADIR "\n"
               "  -V, --version       the version\n"
               "  -h, --help          this text\n\n"
               "Exit: 0 well, 1 found wrong or not found, 2 could not run; of bounce 75 in its place.");
}

static int load_settings(const char *path, struct settings **ret_settings)
{
    struct faults *faults;

    int r = faults_new(&faults);
    if (r < 0) {
        ctl_complain("no memory");
        return r;
    }
    r = settings_load(path, faults, ret_settings);
    if (r < 0) {
        faults_print(faults, 1, stderr);
        ctl_complain("%s cannot be used", path);
    }
    faults_free(faults);
    return r;
}

static int open_store(struct ctl *ctl)
{
    const char *path = ctl->settings->store.path;

    if (ctl->clock_file && !settings_only_loopback(ctl->settings)) {
        ctl_complain("--clock-file is for tests: every listener must be on loopback");
        return -EPERM;
    }
    int r = clock_new(ctl->clock_file, &ctl->clock);
    if (r < 0) {
        ctl_complain("%s: no instant and no +SECONDS (%s)", ctl->clock_file, strerrorname_np(-r));
        return r;
    }
    r = store_attach(path, ctl->clock, &ctl->store);
    if (r == -ENOENT)
        ctl_complain("%s: no such store, or not readable; the daemon makes it at its first start", path);
    else if (r == -EPROTO)
        ctl_complain("%s is not a store of this version", path);
    else if (r < 0)
        ctl_complain("%s cannot be opened (%s)", path, strerrorname_np(-r));
    if (r == 0)
        ctl->db = store_db(ctl->store);
    return r;
}

/* The settings and the store. 0, or negative and said. */
static int open_all(struct ctl *ctl, struct settings **ret_settings)
{
    int r = load_settings(ctl->config, ret_settings);
    if (r < 0)
        return r;
    ctl->settings = *ret_settings;
    return open_store(ctl);
}

static enum ctl_exit run(struct ctl *ctl, const struct ctl_command *command, int argc, char **argv)
{
    const bool storeless = command->storeless && argc > 1 && strcmp(argv[1], command->storeless) == 0;
    struct settings *settings = NULL;
    enum ctl_exit exit = CTL_CANNOT;

    if (!command->needs_store || open_all(ctl, &settings) == 0 || storeless)
        exit = command->run(ctl, argc, argv);
    store_close(ctl->store);
    clock_free(ctl->clock);
    settings_free(settings);
    return exit == CTL_CANNOT && command->cannot != CTL_OK ? command->cannot : exit;
}

int main(int argc, char **argv)
{
    enum { CLOCK_FILE = 256, SHARE };
    static const struct option options[] = {
        { "config", required_argument, NULL, 'c' }, { "clock-file", required_argument, NULL, CLOCK_FILE },
        { "share", required_argument, NULL, SHARE }, { "version", no_argument, NULL, 'V' },
        { "help", no_argument, NULL, 'h' }, { NULL, 0, NULL, 0 },
    };
    struct ctl ctl = { .config = SYSCONFDIR "/convened/convened.conf", .share = PKGDATADIR };

    log_setup(LOG_LEVEL_WARNING);
    (void)umask(0027); /* what SQLite makes beside the store is for its group to read */
    for (int option; (option = getopt_long(argc, argv, "+c:Vh", options, NULL)) != -1;) {
        switch (option) {
        case 'c': ctl.config = optarg; break;
        case CLOCK_FILE: ctl.clock_file = optarg; break;
        case SHARE: ctl.share = optarg; break;
        case 'V': (void)puts("convenectl " PACKAGE_VERSION); return (int)ctl_output_done();
        case 'h': help(); return (int)ctl_output_done();
        default: ctl_complain("convenectl --help tells the options"); return CTL_CANNOT;
        }
    }
    if (optind == argc) {
        ctl_complain("a subcommand is needed; convenectl --help lists them");
        return CTL_CANNOT;
    }
    if (sodium_init() < 0) {
        ctl_complain("no random numbers");
        return CTL_CANNOT;
    }
    const char *name = argv[optind];
    for (size_t i = 0; i < COMMANDS; i++) {
        if (strcmp(commands[i]->name, name) == 0) {
            int first = optind;
            optind = 0; /* getopt starts anew */
            return (int)run(&ctl, commands[i], argc - first, argv + first);
        }
    }
    ctl_complain("no subcommand %s; convenectl --help lists them", name);
    return CTL_CANNOT;
}
