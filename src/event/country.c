/* SPDX-License-Identifier: EUPL-1.2 */
/* The countries a form offers. Callers: event/parse, signup/rules, page. Pure. Any thread. */
#include "event/country.h"

#include <stdlib.h>
#include <string.h>

/* ISO 3166-1 alpha-2 and XK (Kosovo, a user-assigned code that EU statistics use). Europe beyond the EU: the members
 * of the Council of Europe, BY, RU, VA, XK, and the islands and territories on the continent with codes of their own.
 * */
#define EU COUNTRY_EU
#define EUROPE COUNTRY_EUROPE
#define WORLD COUNTRY_WORLD
static const struct country countries[] = {
    { "AD", EUROPE }, { "AE", WORLD }, { "AF", WORLD }, { "AG", WORLD }, { "AI", WORLD }, { "AL", EUROPE },
    { "AM", EUROPE }, { "AO", WORLD }, { "AQ", WORLD }, { "AR", WORLD }, { "AS", WORLD }, { "AT", EU },
    { "AU", WORLD }, { "AW", WORLD }, { "AX", EUROPE }, { "AZ", EUROPE }, { "BA", EUROPE }, { "BB", WORLD },
    { "BD", WORLD }, { "BE", EU }, { "BF", WORLD }, { "BG", EU }, { "BH", WORLD }, { "BI", WORLD }, { "BJ", WORLD },
    { "BL", WORLD }, { "BM", WORLD }, { "BN", WORLD }, { "BO", WORLD }, { "BQ", WORLD }, { "BR", WORLD },
    { "BS", WORLD }, { "BT", WORLD }, { "BV", WORLD }, { "BW", WORLD }, { "BY", EUROPE }, { "BZ", WORLD },
    { "CA", WORLD }, { "CC", WORLD }, { "CD", WORLD }, { "CF", WORLD }, { "CG", WORLD }, { "CH", EUROPE },
    { "CI", WORLD }, { "CK", WORLD }, { "CL", WORLD }, { "CM", WORLD }, { "CN", WORLD }, { "CO", WORLD },
    { "CR", WORLD }, { "CU", WORLD }, { "CV", WORLD }, { "CW", WORLD }, { "CX", WORLD }, { "CY", EU }, { "CZ", EU },
    { "DE", EU }, { "DJ", WORLD }, { "DK", EU }, { "DM", WORLD }, { "DO", WORLD }, { "DZ", WORLD }, { "EC", WORLD },
    { "EE", EU }, { "EG", WORLD }, { "EH", WORLD }, { "ER", WORLD }, { "ES", EU }, { "ET", WORLD }, { "FI", EU },
    { "FJ", WORLD }, { "FK", WORLD }, { "FM", WORLD }, { "FO", EUROPE }, { "FR", EU }, { "GA", WORLD },
    { "GB", EUROPE }, { "GD", WORLD }, { "GE", EUROPE }, { "GF", WORLD }, { "GG", EUROPE }, { "GH", WORLD },
    { "GI", EUROPE }, { "GL", WORLD }, { "GM", WORLD }, { "GN", WORLD }, { "GP", WORLD }, { "GQ", WORLD },
    { "GR", EU }, { "GS", WORLD }, { "GT", WORLD }, { "GU", WORLD }, { "GW", WORLD }, { "GY", WORLD },
    { "HK", WORLD }, { "HM", WORLD }, { "HN", WORLD }, { "HR", EU }, { "HT", WORLD }, { "HU", EU }, { "ID", WORLD },
    { "IE", EU }, { "IL", WORLD }, { "IM", EUROPE }, { "IN", WORLD }, { "IO", WORLD }, { "IQ", WORLD },
    { "IR", WORLD }, { "IS", EUROPE }, { "IT", EU }, { "JE", EUROPE }, { "JM", WORLD }, { "JO", WORLD },
    { "JP", WORLD }, { "KE", WORLD }, { "KG", WORLD }, { "KH", WORLD }, { "KI", WORLD }, { "KM", WORLD },
    { "KN", WORLD }, { "KP", WORLD }, { "KR", WORLD }, { "KW", WORLD }, { "KY", WORLD }, { "KZ", WORLD },
    { "LA", WORLD }, { "LB", WORLD }, { "LC", WORLD }, { "LI", EUROPE }, { "LK", WORLD }, { "LR", WORLD },
    { "LS", WORLD }, { "LT", EU }, { "LU", EU }, { "LV", EU }, { "LY", WORLD }, { "MA", WORLD }, { "MC", EUROPE },
    { "MD", EUROPE }, { "ME", EUROPE }, { "MF", WORLD }, { "MG", WORLD }, { "MH", WORLD }, { "MK", EUROPE },
    { "ML", WORLD }, { "MM", WORLD }, { "MN", WORLD }, { "MO", WORLD }, { "MP", WORLD }, { "MQ", WORLD },
    { "MR", WORLD }, { "MS", WORLD }, { "MT", EU }, { "MU", WORLD }, { "MV", WORLD }, { "MW", WORLD },
    { "MX", WORLD }, { "MY", WORLD }, { "MZ", WORLD }, { "NA", WORLD }, { "NC", WORLD }, { "NE", WORLD },
    { "NF", WORLD }, { "NG", WORLD }, { "NI", WORLD }, { "NL", EU }, { "NO", EUROPE }, { "NP", WORLD },
    { "NR", WORLD }, { "NU", WORLD }, { "NZ", WORLD }, { "OM", WORLD }, { "PA", WORLD }, { "PE", WORLD },
    { "PF", WORLD }, { "PG", WORLD }, { "PH", WORLD }, { "PK", WORLD }, { "PL", EU }, { "PM", WORLD },
    { "PN", WORLD }, { "PR", WORLD }, { "PS", WORLD }, { "PT", EU }, { "PW", WORLD }, { "PY", WORLD },
    { "QA", WORLD }, { "RE", WORLD }, { "RO", EU }, { "RS", EUROPE }, { "RU", EUROPE }, { "RW", WORLD },
    { "SA", WORLD }, { "SB", WORLD }, { "SC", WORLD }, { "SD", WORLD }, { "SE", EU }, { "SG", WORLD },
    { "SH", WORLD }, { "SI", EU }, { "SJ", EUROPE }, { "SK", EU }, { "SL", WORLD }, { "SM", EUROPE },
    { "SN", WORLD }, { "SO", WORLD }, { "SR", WORLD }, { "SS", WORLD }, { "ST", WORLD }, { "SV", WORLD },
    { "SX", WORLD }, { "SY", WORLD }, { "SZ", WORLD }, { "TC", WORLD }, { "TD", WORLD }, { "TF", WORLD },
    { "TG", WORLD }, { "TH", WORLD }, { "TJ", WORLD }, { "TK", WORLD }, { "TL", WORLD }, { "TM", WORLD },
    { "TN", WORLD }, { "TO", WORLD }, { "TR", EUROPE }, { "TT", WORLD }, { "TV", WORLD }, { "TW", WORLD },
    { "TZ", WORLD }, { "UA", EUROPE }, { "UG", WORLD }, { "UM", WORLD }, { "US", WORLD }, { "UY", WORLD },
    { "UZ", WORLD }, { "VA", EUROPE }, { "VC", WORLD }, { "VE", WORLD }, { "VG", WORLD }, { "VI", WORLD },
    { "VN", WORLD }, { "VU", WORLD }, { "WF", WORLD }, { "WS", WORLD }, { "XK", EUROPE }, { "YE", WORLD },
    { "YT", WORLD }, { "ZA", WORLD }, { "ZM", WORLD }, { "ZW", WORLD },
};
#undef EU
#undef EUROPE
#undef WORLD

const struct country *country_list(size_t *ret_count)
{
    *ret_count = sizeof(countries) / sizeof(countries[0]);
    return countries;
}

static int compare(const void *key, const void *row)
{
    return strcmp(key, ((const struct country *)row)->code);
}

bool country_known(const char *code)
{
    return bsearch(code, countries, sizeof(countries) / sizeof(countries[0]), sizeof(countries[0]), compare) != NULL;
}
