/* SPDX-License-Identifier: EUPL-1.2 */
/* Which numbers the registers and tax offices of Europe give out, how they are written, and by which rule they are
 * checked. Where a VAT number is the register's number with a prefix, it is written as the register's number, so that a
 * company that gives the one here and the other there is counted once. tests/table/registry.txt names the public source
 * of each form and rule. Callers: registry. Constant; any thread. */
#include "signup/registry_rows.h"

#include <string.h>

#define NINE "#########"

static const struct registry_row rows[] = {
    { "AT", "nl", "FN # _", registry_at_firmenbuch },
    { "AT", "FNnl", "FN # _", registry_at_firmenbuch },
    { "AT", "ZVRddddddddd", "ZVR " NINE, NULL }, /* associations */
    { "AT", "ZVRdddddddddd", "ZVR " NINE "#", NULL },
    { "AT", "ATUdddddddd", "ATU########", registry_at_vat },
    { "BE", "[01]ddddddddd", "####.###.###", registry_be },
    { "BE", "ddddddddd", "0###.###.###", registry_be }, /* as written before the numbers grew */
    { "BE", "BE[01]ddddddddd", "####.###.###", registry_be },
    { "BE", "BEddddddddd", "0###.###.###", registry_be },
    { "BG", "ddddddddd", NINE, registry_bg },
    { "BG", "ddddddddddddd", NINE "####", registry_bg_branch },
    { "BG", "BGddddddddd", NINE, registry_bg },
    { "BG", "BGdddddddddd", "BG" NINE "#", NULL }, /* persons */
    { "CH", "ddddddddd", "CHE-###.###.###", registry_ch },
    { "CH", "CHEddddddddd", "CHE-###.###.###", registry_ch },
    { "CH", "CHEdddddddddMWST", "CHE-###.###.###", registry_ch },
    { "CH", "CHEdddddddddTVA", "CHE-###.###.###", registry_ch },
    { "CH", "CHEdddddddddIVA", "CHE-###.###.###", registry_ch },
    { "CH", "CHEdddddddddTPV", "CHE-###.###.###", registry_ch },
    { "CY", "CYddddddddl", "CY" NINE, registry_cy_vat },
    { "CY", "[HAE][E]n", "## #", NULL }, /* companies, companies from abroad, business names */
    { "CY", "[BCOPS]n", "# #", NULL },   /* the letters of the register's English pages */
    { "CY", "??n", "HE #", NULL },       /* typed in Greek */
    { "CZ", "dddddddd", "########", registry_cz },
    { "CZ", "CZdddddddd", "########", registry_cz },
    { "CZ", "CZddddddddd", "CZ" NINE, NULL }, /* persons */
    { "CZ", "CZdddddddddd", "CZ" NINE "#", NULL },
    { "DE", "DE[123456789]dddddddd", "DE" NINE, registry_iso_7064 },
    { "DE", "DEdddddddddddddd", "DE" NINE "-#####", NULL }, /* the economic identification number, since 2024 */
    { "DK", "[123456789]ddddddd", "########", registry_dk },
    { "DK", "DK[123456789]ddddddd", "########", registry_dk },
    { "EE", "[1789]ddddddd", "########", registry_ee },
    { "EE", "EEddddddddd", "EE" NINE, registry_ee_vat },
    { "ES", "[ABEH]dddddddd", NINE, registry_es_company },
    { "ES", "[PQS]ddddddd[ABCDEFGHIJ]", NINE, registry_es_company },
    { "ES", "[CDFGJNRUVW]ddddddd[ABCDEFGHIJ0123456789]", NINE, registry_es_company },
    { "ES", "[KLMXYZ]dddddddl", NINE, registry_es_person },
    { "ES", "ddddddddl", NINE, registry_es_person },
    { "ES", "ES[ABEH]dddddddd", NINE, registry_es_company },
    { "ES", "ES[PQS]ddddddd[ABCDEFGHIJ]", NINE, registry_es_company },
    { "ES", "ES[CDFGJNRUVW]ddddddd[ABCDEFGHIJ0123456789]", NINE, registry_es_company },
    { "ES", "ES[KLMXYZ]dddddddl", NINE, registry_es_person },
    { "ES", "ESddddddddl", NINE, registry_es_person },
    { "FI", "dddddddd", "#######-#", registry_fi },
    { "FI", "ddddddd", "0######-#", registry_fi }, /* as written before the numbers grew */
    { "FI", "FIdddddddd", "#######-#", registry_fi },
    { "FR", "ddddddddd", NINE, registry_fr_siren },
    { "FR", "dddddddddddddd", NINE "#####", registry_fr_siret },
    { "FR", "FRcc[0][0][0]dddddd", "FR###########", registry_fr_vat }, /* Monaco */
    { "FR", "FRccddddddddd", "~~" NINE, registry_fr_vat },
    { "GB", "dddddddd", "########", NULL },
    { "GB", "lddddddd", "########", NULL },
    { "GB", "lldddddd", "########", NULL },
    { "GB", "GBddddddddd", "GB" NINE, registry_gb_vat },
    { "GB", "GBdddddddddddd", "GB" NINE "###", registry_gb_vat },
    { "GB", "GBGD[01234]dd", "GBGD###", NULL }, /* departments and health authorities */
    { "GB", "GBHA[56789]dd", "GBHA###", NULL },
    { "GB", "XIddddddddd", "XI" NINE, registry_gb_vat },
    { "GB", "XIdddddddddddd", "XI" NINE "###", registry_gb_vat },
    { "GB", "XIGD[01234]dd", "XIGD###", NULL },
    { "GB", "XIHA[56789]dd", "XIHA###", NULL },
    { "GR", "ddddddddd", NINE, registry_gr },
    { "GR", "dddddddd", "0########", registry_gr }, /* as written before the numbers grew */
    { "GR", "dddddddddddd", NINE "###", NULL },     /* the commercial register, GEMI */
    { "GR", "ELddddddddd", NINE, registry_gr },
    { "GR", "ELdddddddd", "0########", registry_gr },
    { "GR", "GRddddddddd", NINE, registry_gr },
    { "HR", "ddddddddddd", NINE "##", registry_iso_7064 },
    { "HR", "ddddddddd", NINE, NULL }, /* the register of the courts, MBS */
    { "HR", "HRddddddddddd", NINE "##", registry_iso_7064 },
    { "HU", "dddddddd", "########", registry_hu },
    { "HU", "dddddddd[12345]dd", "########-#-##", registry_hu },
    { "HU", "[012]ddddddddd", "##-##-######", NULL }, /* the register of the courts */
    { "HU", "HUdddddddd", "########", registry_hu },
    { "IE", "n", "#", NULL },
    { "IE", "IEdddddddl", "IE########", registry_ie_vat },
    { "IE", "IEdddddddl[ABCDEFGHIW]", "IE" NINE, registry_ie_vat },
    { "IE", "IEd[ABCDEFGHIJKLMNOPQRSTUVWXYZ+*]dddddl", "IE########", registry_ie_vat_old },
    { "IS", "[4567]d[01]dddddd[089]", "######-####", registry_is },
    { "IS", "ISddddd", "IS#####", NULL },
    { "IS", "ISdddddd", "IS######", NULL },
    { "IT", "ddddddddddd", NINE "##", registry_luhn },
    { "IT", "ITddddddddddd", NINE "##", registry_luhn },
    { "LI", "FLddddddddddd", "FL-####.###.###-#", NULL },
    { "LT", "ddddddddd", NINE, registry_lt },
    { "LT", "LTddddddd[1]d", "LT" NINE, registry_lt },
    { "LT", "LTdddddddddd[1]d", "LT" NINE "###", registry_lt },
    { "LU", "[ABCDEFGHIJK]n", "##", NULL },
    { "LU", "LUdddddddd", "LU########", registry_lu_vat },
    { "LV", "[456789]dddddddddd", NINE "##", registry_lv },
    { "LV", "LV[456789]dddddddddd", NINE "##", registry_lv },
    { "LV", "LV[0123]dddddddddd", "LV" NINE "##", NULL }, /* persons */
    { "MT", "MTdddddddd", "MT########", registry_mt_vat },
    { "MT", "[CP]n", "# #", NULL }, /* companies, partnerships */
    { "MT", "[OS][CV]n", "## #", NULL }, /* companies from abroad, investment companies */
    { "MT", "VOn", "VO/#", NULL }, /* voluntary organisations */
    { "NL", "dddddddd", "########", NULL },
    { "NL", "NLdddddddddBdd", "NL" NINE "B##", registry_nl_vat },
    { "NO", "ddddddddd", NINE, registry_no },
    { "NO", "dddddddddMVA", NINE, registry_no },
    { "NO", "NOddddddddd", NINE, registry_no },
    { "NO", "NOdddddddddMVA", NINE, registry_no },
    { "PL", "000ddddddd", "000#######", NULL }, /* KRS: no tax office has the number 000 */
    { "PL", "[123456789]ddddddddd", NINE "#", registry_pl_nip },
    { "PL", "ddddddddd", NINE, registry_pl_regon },
    { "PL", "dddddddddddddd", NINE "#####", registry_pl_regon },
    { "PL", "PL[123456789]ddddddddd", NINE "#", registry_pl_nip },
    { "PT", "[123456789]dddddddd", NINE, registry_pt },
    { "PT", "PT[123456789]dddddddd", NINE, registry_pt },
    { "RO", "m", "#", registry_ro },
    { "RO", "ROm", "#", registry_ro },
    { "RO", "[JFC][12][09]ddddddddddd", NINE "#####", NULL }, /* the trade register since 2024 */
    { "SE", "dddddddddd", "######-####", registry_luhn },
    { "SE", "16dddddddddd", "######-####", registry_luhn }, /* as the tax office writes it */
    { "SE", "SEdddddddddd01", "######-####", registry_luhn },
    { "SI", "ddddddd", "#######000", registry_si_number },
    { "SI", "dddddddcdd", NINE "#", registry_si_number },
    { "SI", "[123456789]ddddddd", "########", registry_si_tax },
    { "SI", "SI[123456789]ddddddd", "########", registry_si_tax },
    { "SK", "dddddddd", "########", registry_cz },
    { "SK", "SK[123456789]d[234789]ddddddd", "SK" NINE "#", registry_sk_vat },
    { "UA", "dddddddd", "########", registry_ua },
};

static const struct registry_country countries[] = {
    { "AT", "FN 122119 m", "FIRMENBUCHNUMMER FIRMENBUCHNR FIRMENBUCH FNR UID UIDNR" },
    { "BE", "0202.239.951", "BCE KBO BTW TVA RPR RPM ONDERNEMINGSNUMMER" },
    { "BG", "831641791", "EIK BULSTAT UIC ??? ???????" },
    { "CH", "CHE-109.322.551", "UID IDE IDI" },
    { "CY", "HE 123456", NULL },
    { "CZ", "45274649", "IC ICO I? I?O DIC DI?" },
    { "DE", "HRB 42243", "UST USTID USTIDNR WIDNR" },
    { "DK", "10150817", "CVR CVRNR SE SENR" },
    { "EE", "70000310", "REGISTRIKOOD REGKOOD RK REGNR KMKR KMKRNR" },
    { "ES", "Q2818002D", "CIF NIF" },
    { "FI", "0116297-6", "YTUNNUS YTUNNUSFONUMMER FONUMMER Y FO ALV ALVNRO" },
    { "FR", "552008443", "SIREN SIRET RCS TVA" },
    { "GB", "00445790", "CRN COMPANYNUMBER COMPANYNO COMPANY VAT" },
    { "GR", "094259216", "AFM VAT GEMI ??? ????" },
    { "HR", "85821130368", "OIB MBS" },
    { "HU", "10773381-2-44", "ADOSZAM AD?SZ?M CG CEGJEGYZEKSZAM C?GJEGYZ?KSZ?M CJSZ" },
    { "IE", "104547", "CRO C COMPANYNUMBER COMPANYNO VAT" },
    { "IS", "450401-3150", "KENNITALA KT VSK" },
    { "IT", "00743110157", "PARTITAIVA PIVA CF CODICEFISCALE" },
    { "LI", "FL-0001.105.493-7", NULL },
    { "LT", "124110246", "KODAS IMONESKODAS ?MON?SKODAS PVM JAK ?K" },
    { "LU", "B112048", "RCS RCSL RCSLUXEMBOURG TVA" },
    { "LV", "40003032949", "REGNR REGNO REGISTRACIJASNUMURS RE?NR PVN" },
    { "MT", "C 2833", "VAT" },
    { "NL", "33031431", "KVK KVKNUMMER KVKNR HR BTW" },
    { "NO", "974760673", "ORG ORGNR ORGANISASJONSNUMMER FORETAKSREGISTERET" },
    { "PL", "5261040828", "NIP REGON KRS" },
    { "PT", "501964843", "NIPC NIF NIPCNIF NIFNIPC" },
    { "RO", "18547290", "CUI CIF" },
    { "SE", "556036-0793", "ORG ORGNR ORGANISATIONSNUMMER VAT MOMS MOMSNR" },
    { "SI", "5860571000", "MATICNA MATI?NA MATICNASTEVILKA MATI?NA?TEVILKA DAV?NA?TEVILKA DAVCNASTEVILKA" },
    { "SK", "31322832", "IC ICO I? I?O ICDPH I?DPH" },
    { "UA", "32855961", "EDRPOU ?????? ???" },
};

const struct registry_row *registry_rows(size_t *ret_count)
{
    *ret_count = sizeof(rows) / sizeof(rows[0]);
    return rows;
}

const struct registry_country *registry_country(const char *code)
{
    for (size_t i = 0; i < sizeof(countries) / sizeof(countries[0]); i++)
        if (strcmp(countries[i].code, code) == 0)
            return &countries[i];
    return NULL;
}
