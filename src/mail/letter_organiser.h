/* SPDX-License-Identifier: EUPL-1.2 */
/* The letters to an event's organisers: that somebody has registered, that somebody cannot be reached,
 * and how the event stands. Sender's thread. */
#pragma once

#include "mail/kind.h"

/* For the table of the letters. The first two are of mails that the definition's `notify` asks for; that an address
 * cannot be reached somebody has to hear always. */
kind_check organiser_notice_owed, organiser_digest_owed, organiser_undeliverable_owed;
kind_model organiser_notice_model, organiser_digest_model, organiser_undeliverable_model;
