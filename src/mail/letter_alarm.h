/* SPDX-License-Identifier: EUPL-1.2 */
/* The letter `alarm` to whoever looks after the installation: what the matter is, in numbers, and where to look.
 * Sender's thread. */
#pragma once

#include "mail/kind.h"

kind_check letter_alarm_owed;
kind_model letter_alarm_make;
