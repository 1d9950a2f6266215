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

static bool is_recent(int64_t at, int64_t now)
{
    return at != 0 && at > now - HOUR && at <= now + HOUR; /* the clock may have been set back a little */
}

void alarm_note(struct alarm *alarm, bool failed, bool policy, int64_t now)
{
    alarm->answers[alarm->next] = (struct alarm_answer){ .at = now, .failed = failed };
    alarm->next = (alarm->next + 1) % ALARM_RESULTS;
    if (!policy)
        return;
    if (!is_recent(alarm->policy_at, now))
        alarm->since[ALARM_POLICY] = now;
    alarm->policy_at = now;
}

static bool too_many_fail(struct alarm *alarm, int64_t share, int64_t now)
{
    alarm->failed = alarm->answered = 0;
    alarm->since[ALARM_FAILURES] = now;
    for (size_t i = 0; i < ALARM_RESULTS; i++) {
        const struct alarm_answer *answer = &alarm->answers[i];
        if (!is_recent(answer->at, now))
            continue;
        alarm->answered++;
        alarm->failed += answer->failed;
        if (answer->failed && answer->at < alarm->since[ALARM_FAILURES])
            alarm->since[ALARM_FAILURES] = answer->at;
    }
    return share > 0 && alarm->answered >= ALARM_LEAST && alarm->failed * 100 >= share * alarm->answered;
}

unsigned alarm_look(struct alarm *alarm, const struct alarm_limits *limits, int64_t age, int64_t now)
{
    const int64_t hour = now / HOUR + 1;
    bool late = limits->age > 0 && age > limits->age;
    unsigned say = 0;

    alarm->since[ALARM_AGE] = now - age;
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
