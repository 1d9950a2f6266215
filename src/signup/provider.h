/* SPDX-License-Identifier: EUPL-1.2 */
/* The mail providers of the public: who shares such a domain shares nothing else. Pure. Any thread. */
#pragma once

#include <stdbool.h>

/* DOMAIN in lower case, as A-labels. */
bool provider_known(const char *domain);
