/* SPDX-License-Identifier: EUPL-1.2 */
/* The map of the site. Each endpoint is one file of this room. Read by site.c. Any thread. */
#include "page/page_table.h"

const struct endpoint *const page_table[] = {
    &page_list,      /* /                         the public events */
    &page_event,     /* /e/{slug}                 one event; POST signs up */
    &page_event_calendar, /* /e/{slug}.ics       the event for a calendar */
    &page_privacy,   /* /e/{slug}/privacy         what is done with personal data, by revision */
    &page_find,      /* /e/{slug}/find            the link once more, to the address that is registered */
    &page_find_sent, /* /e/{slug}/find/sent       the same words for everybody */
    &page_next,      /* /n/{token}                what happens next, for an hour */
    &page_manage,    /* /r/{token}                one's own registration */
    &page_confirm,   /* /r/{token}/confirm        a page with a button; POST confirms the address or answers an offer */
    &page_cancel,    /* /r/{token}/cancel         a page with a button; POST cancels */
    &page_change,    /* /r/{token}/change         the form with what is stored; POST changes it */
    &page_release,   /* /r/{token}/release        a page with a button; POST gives up one session */
    &page_address,   /* /r/{token}/address        POST asks for another email address */
    &page_new_address, /* /a/{token}             a page with a button; POST takes it */
    &page_erase,     /* /r/{token}/erase          a page with a button; POST erases */
    &page_stop,      /* /u/{token}                a page with a button; POST stops reminders and news */
    &page_consents,  /* /r/{token}/consents       POST withdraws one */
    &page_person_calendar, /* /r/{token}/event.ics  one's own calendar entry */
    &page_code,      /* /r/{token}/code.png       one's reference as a QR code */
    &page_data_json, /* /r/{token}/data.json      all that is held */
    &page_data_csv,  /* /r/{token}/data.csv       the same as a table */
    &page_accessibility, /* /accessibility       the accessibility statement */
    &page_imprint,   /* /imprint                  who publishes this, if the settings say it */
    &page_static,    /* /static/{name}            sheet, emblem, logo */
    &page_favicon,   /* /favicon.ico              the logo, for who asks by that name */
    &page_robots,    /* /robots.txt               what is not for search engines */
    &page_security,  /* /.well-known/security.txt where a weakness can be reported */
    &page_health,    /* /healthz                  the process is alive */
    &page_ready,     /* /readyz                   the store takes sign-ups */
};

const size_t page_table_count = sizeof page_table / sizeof *page_table;
