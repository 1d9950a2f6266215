/* SPDX-License-Identifier: EUPL-1.2 */
/* The shared vocabulary of who people come as. Callers: event, signup, page, report. Constant; any thread. */
#include "event/stakeholder.h"

#include <string.h>

/* Care that is paid for by all and open to all counts as government, whoever owns the building, and so do those who pay
 * for it; what people mostly buy themselves is business. Media stand with the public that they speak to. */
static const struct stakeholder_type types[] = {
    { "startup", HELIX_BUSINESS },
    { "sme", HELIX_BUSINESS },
    { "large_company", HELIX_BUSINESS },
    { "investor", HELIX_BUSINESS },
    { "university_rto", HELIX_ACADEMIA },
    { "hospital", HELIX_GOVERNMENT },
    { "gp_primary_care", HELIX_GOVERNMENT },
    { "other_care_wellness", HELIX_BUSINESS },
    { "patient_org", HELIX_CIVIL_SOCIETY },
    { "citizen_enduser", HELIX_CIVIL_SOCIETY },
    { "ngo", HELIX_CIVIL_SOCIETY },
    { "national_authority", HELIX_GOVERNMENT },
    { "regional_authority", HELIX_GOVERNMENT },
    { "city_municipality", HELIX_GOVERNMENT },
    { "insurer_payer", HELIX_GOVERNMENT },
    { "cluster_bso", HELIX_INTERMEDIARY },
    { "living_lab_testbed", HELIX_INTERMEDIARY },
    { "eu_intl_body", HELIX_GOVERNMENT },
    { "media", HELIX_CIVIL_SOCIETY },
    { "other", HELIX_OTHER },
};

const struct stakeholder_type *stakeholder_types(size_t *ret_count)
{
    *ret_count = sizeof(types) / sizeof(types[0]);
    return types;
}

const struct stakeholder_type *stakeholder_type(const char *code)
{
    for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++)
        if (strcmp(types[i].code, code) == 0)
            return &types[i];
    return NULL;
}

const char *stakeholder_helix_name(enum stakeholder_helix helix)
{
    static const char *const names[HELIXES] = {
        [HELIX_BUSINESS] = "business",           [HELIX_ACADEMIA] = "academia",
        [HELIX_GOVERNMENT] = "government",       [HELIX_CIVIL_SOCIETY] = "civil_society",
        [HELIX_INTERMEDIARY] = "intermediary",   [HELIX_OTHER] = "other",
    };
    return names[helix];
}
