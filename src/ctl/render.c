/* SPDX-License-Identifier: EUPL-1.2 */
/* convenectl render: a Mustache template filled from a JSON file, for those who write templates. Needs no store. */
#include "ctl/ctl.h"

#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <jansson.h>

#include "base/arena.h"
#include "base/buffer.h"
#include "view/catalogue.h"
#include "view/template.h"

struct rendering {
    struct arena *arena;
    struct templates *templates;
    struct catalogues *catalogues;
    const struct catalogue *catalogue;
    json_t *model;
};

/* The folder NAME of the shared files; NULL: there is none, and nothing of it is used. */
static int shared_folder(struct rendering *rendering, const struct ctl *ctl, const char *name, const char **ret_path)
{
    char *path = arena_format(rendering->arena, "%s/%s", ctl->share, name);

    if (!path)
        return -ENOMEM;
    *ret_path = access(path, R_OK | X_OK) == 0 ? path : NULL;
    return 0;
}

/* Templates and languages; what is wrong with them has been logged. */
static enum ctl_exit load_shared(struct rendering *rendering, const struct ctl *ctl, const char *language)
{
    const char *templates, *locale;

    if (shared_folder(rendering, ctl, "templates", &templates) < 0 ||
        shared_folder(rendering, ctl, "locale", &locale) < 0) {
        ctl_complain("no memory");
        return CTL_CANNOT;
    }
    if (templates && templates_load(templates, NULL, &rendering->templates) < 0) {
        ctl_complain("the templates in %s cannot be used", templates);
        return CTL_CANNOT;
    }
    if (locale && catalogues_load(locale, &rendering->catalogues) < 0) {
        ctl_complain("the languages in %s cannot be used", locale);
        return CTL_CANNOT;
    }
    if (rendering->catalogues)
        rendering->catalogue = catalogues_find(rendering->catalogues, language ? language : "en");
    if (language && !rendering->catalogue) {
        ctl_complain("no language %s in %s/locale", language, ctl->share);
        return CTL_CANNOT;
    }
    return CTL_OK;
}

static enum ctl_exit load_model(struct rendering *rendering, const char *path)
{
    json_error_t error;

    rendering->model = strcmp(path, "-") == 0 ? json_loadf(stdin, JSON_REJECT_DUPLICATES | JSON_DECODE_ANY, &error)
                                              : json_load_file(path, JSON_REJECT_DUPLICATES | JSON_DECODE_ANY, &error);
    if (!rendering->model) {
        ctl_complain("%s:%d: %s", path, error.line, error.text);
        return CTL_CANNOT;
    }
    return CTL_OK;
}

static enum ctl_exit fill(const struct rendering *rendering, const char *name)
{
    struct buffer out = { 0 };
    int r = -ENOENT;

    if (access(name, F_OK) == 0)
        r = templates_render_file(rendering->templates, name, rendering->model, rendering->catalogue, &out);
    else if (rendering->templates)
        r = templates_render(rendering->templates, name, rendering->model, rendering->catalogue, &out);
    if (r == 0)
        r = buffer_check(&out);
    if (r == -ENOENT)
        ctl_complain("no template %s", name);
    else if (r < 0)
        ctl_complain("%s cannot be rendered (%s)", name, strerrorname_np(-r));
    else
        (void)fwrite(buffer_string(&out), 1, out.size, stdout);
    buffer_done(&out);
    return r < 0 ? CTL_CANNOT : ctl_output_done();
}

static enum ctl_exit run(struct ctl *ctl, int argc, char **argv)
{
    static const struct option options[] = { { "language", required_argument, NULL, 'l' }, { NULL, 0, NULL, 0 } };
    struct rendering rendering = { .arena = arena_new() };
    const char *language = NULL;

    if (!rendering.arena) {
        ctl_complain("no memory");
        return CTL_CANNOT;
    }
    enum ctl_exit exit = CTL_OK;
    for (int option; exit == CTL_OK && (option = getopt_long(argc, argv, "", options, NULL)) != -1;) {
        if (option == 'l')
            language = optarg;
        else
            exit = ctl_misused(&ctl_render);
    }
    if (exit == CTL_OK && argc - optind != 2)
        exit = ctl_misused(&ctl_render);
    if (exit == CTL_OK)
        exit = load_shared(&rendering, ctl, language);
    if (exit == CTL_OK)
        exit = load_model(&rendering, argv[optind + 1]);
    if (exit == CTL_OK)
        exit = fill(&rendering, argv[optind]);
    json_decref(rendering.model);
    catalogues_free(rendering.catalogues);
    templates_free(rendering.templates);
    arena_free(rendering.arena);
    return exit;
}

const struct ctl_command ctl_render = {
    .name = "render",
    .usage = "TEMPLATE DATA [--language LANGUAGE]",
    .help = "A template, a file or one of ours by name (page/event.html), filled from the JSON file DATA (-: standard "
            "input).",
    .run = run,
};
