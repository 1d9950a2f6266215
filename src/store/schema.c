/* SPDX-License-Identifier: EUPL-1.2 */
/* The migrations as the build found them in schema/ (schema_sql.h is made by the Makefile). Used by the driver alone.
 */
#include "store/schema.h"

#include "store/schema_sql.h"

const char *const *schema_steps(size_t *ret_count)
{
    static const char *const steps[] = { schema_1, schema_2, schema_3, schema_4, schema_5, schema_6 };
    *ret_count = sizeof(steps) / sizeof(steps[0]);
    return steps;
}
