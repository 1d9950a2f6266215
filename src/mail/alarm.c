/* SPDX-License-Identifier: EUPL-1.2 */
/* The alarms about the mail. Caller: lookout. Pure. */
#include "mail/alarm.h"

#include <stddef.h>

#define HOUR 3600

const char *alarm_name(enum alarm_sort sort)
{
    static const char *const names[ALARM_SORTS] = {
        [ALARM_AGE] = "age", [ALARM_FAILURES] = "failures", [ALARM_POLICY] = "policy"
    };
    return names[sort];
}

void alarm_note(struct alarm *alarm, bool failed, bool policy, int64_t now)
{
    alarm->answers[alarm->next] = (struct alarm_answer){ .at = now, .failed = failed };
    alarm->next = (alarm->next + 1) % ALARM_RESULTS;
    if (policy)
        alarm->policy_at = now;
}

static bool is_recent(int64_t at, int64_t now)
{
    return at != 0 && at > now - HOUR && at <= now + HOUR; /* the clock may have been set back a little */
}

static bool too_many_fail(struct alarm *alarm, int64_t share, int64_t now)
{
    alarm->failed = alarm->answered = 0;
    for (size_t i = 0; i < ALARM_RESULTS; i++) {
        const struct alarm_answer *answer = &alarm->answers[i];
        if (!is_recent(answer->at, now))
            continue;
        alarm->answered++;
        alarm->failed += answer->failed;
    }
    return share > 0 && alarm->answered >= ALARM_LEAST && alarm->failed * 100 >= share * alarm->answered;
}

unsigned alarm_look(struct alarm *alarm, const struct alarm_limits *limits, int64_t age, int64_t now)
{
    const int64_t hour = now / HOUR + 1;
    bool late = limits->age > 0 && age > limits->age;
    unsigned say = 0;

    alarm->holds[ALARM_AGE] = late && (alarm->was_late || alarm->holds[ALARM_AGE]);
    alarm->was_late = late;
    alarm->holds[ALARM_FAILURES] = too_many_fail(alarm, limits->failures, now);
    alarm->holds[ALARM_POLICY] = is_recent(alarm->policy_at, now);
    for (unsigned sort = 0; sort < ALARM_SORTS; sort++) {
        if (!alarm->holds[sort] || alarm->said[sort] == hour)
            continue;
        alarm->said[sort] = hour;
        say |= 1U << sort;
    }
    return say;
}
