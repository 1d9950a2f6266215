/* SPDX-License-Identifier: EUPL-1.2 */
/* The letters to an event's organisers: that somebody has registered, and how the event stands. Sender's thread. */
#pragma once

#include "mail/kind.h"

/* For the table of the letters. Both are of mails that the definition's `notify` asks for. */
kind_check organiser_notice_owed, organiser_digest_owed;
kind_model organiser_notice_model, organiser_digest_model;
