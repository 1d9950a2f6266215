/* SPDX-License-Identifier: EUPL-1.2 */
/* The last letter of a registration: that its data is erased. The row has nothing any more, so all of it comes from the
 * mail's own data. Sender's thread. */
#pragma once

#include "mail/kind.h"

kind_check letter_erased_owed;
kind_model letter_erased_make;
