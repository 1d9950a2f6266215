/* SPDX-License-Identifier: EUPL-1.2 */
/* Says in which step of the form a field stands. Called by rules and page_form. Pure. Any thread. */
#include "signup/step.h"

#include "event/definition.h"

enum step step_of(const struct event_field *field)
{
    if (field->after_review)
        return STEP_OPTIONAL;
    if (field->type == FIELD_CONSENT || field->type == FIELD_SPECIAL_NEED)
        return STEP_CHOICES;
    switch (field->role) {
    case ROLE_NAME:
    case ROLE_EMAIL:
        return STEP_YOU;
    case ROLE_ORGANISATION:
    case ROLE_REGISTRY_NUMBER:
    case ROLE_COUNTRY:
    case ROLE_STAKEHOLDER:
        return STEP_ORGANISATION;
    default:
        return field->type == FIELD_COUNTRY || field->type == FIELD_REGION ? STEP_ORGANISATION : STEP_QUESTIONS;
    }
}
