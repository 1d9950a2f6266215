/* SPDX-License-Identifier: EUPL-1.2 */
/* What organisers write to some of an event's people, as a letter to one of them, or to who wants to see it first.
 * Sender's thread. */
#pragma once

#include "mail/kind.h"

/* For the table of the letters. */
kind_check letter_mailing_owed, letter_mailing_test_owed;
kind_model letter_mailing_make, letter_mailing_test_make;
