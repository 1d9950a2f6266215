/* SPDX-License-Identifier: EUPL-1.2 */
/* convened.conf. */
#include "fuzz.h"

#include "base/faults.h"
#include "config/settings.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static char folder[64], path[96];
    struct settings *settings = NULL, *again = NULL;
    struct faults *faults;
    if (!folder[0])
        (void)snprintf(path, sizeof path, "%s/convened.conf", fuzz_folder(folder));
    fuzz_write(path, data, size);
    FUZZ_PROMISE(faults_new(&faults) == 0);
    int r = settings_load(path, faults, &settings);
    FUZZ_PROMISE(r == (faults_count(faults) > 0 ? -EINVAL : 0));
    if (r == 0) {
        FUZZ_PROMISE(settings->http.base_url && settings->store.path && settings->mail.from_address);
        FUZZ_PROMISE(settings_load(path, faults, &again) == 0);
        FUZZ_PROMISE(settings_needs_restart(settings, again) == NULL);
        settings_free(again);
        settings_free(settings);
    }
    faults_free(faults);
    (void)unlink(path);
    (void)rmdir(folder);
    folder[0] = '\0';
    return 0;
}
