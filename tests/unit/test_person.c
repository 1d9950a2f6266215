/* SPDX-License-Identifier: EUPL-1.2 */
/* report/person: the table of one's own data, from its JSON. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "report/person.h"

static char *table(const char *json)
{
    char *text = NULL;
    size_t size;
    json_t *person = json_loads(json, 0, NULL);
    FILE *out = open_memstream(&text, &size);
    assert_non_null(person);
    assert_non_null(out);
    assert_int_equal(person_csv(person, out), 0);
    assert_int_equal(fclose(out), 0);
    json_decref(person);
    return text;
}

#define HEAD "\xef\xbb\xbfpart,number,key,question,value\r\n"

static void every_kind_of_value(void **state)
{
    (void)state;
    char *text = table("{\"registration\":{\"name\":\"Õun, A\",\"mode\":null,\"party\":-7,\"x\":1.5},"
                       "\"consents\":[{\"purpose\":\"a\"},{\"purpose\":\"b\"}],\"offers\":[]}");
    assert_string_equal(text, HEAD "registration,1,name,,\"Õun, A\"\r\n"
                                   "registration,1,mode,,\r\n"
                                   "registration,1,party,,-7\r\n"
                                   "registration,1,x,,1.5\r\n"
                                   "consents,1,purpose,,a\r\n"
                                   "consents,2,purpose,,b\r\n");
    free(text);
}

static void answers_stand_in_words(void **state)
{
    (void)state;
    char *text = table("{\"answers\":[{\"field\":\"topic\",\"type\":\"choice\",\"question\":\"Topic\",\"answer\":"
                       "\"d\",\"answer_in_words\":\"Data\"},"
                       "{\"field\":\"news\",\"question\":\"=News\",\"answer\":true},"
                       "{\"field\":\"many\",\"question\":\"Many\",\"answer\":[\"a\",\"b\"]},"
                       "{\"field\":\"old\",\"answer\":\"=1+1\"}]}");
    assert_string_equal(text, HEAD "answers,1,topic,Topic,Data\r\n"
                                   "answers,2,news,'=News,true\r\n"
                                   "answers,3,many,Many,\"[\"\"a\"\",\"\"b\"\"]\"\r\n"
                                   "answers,4,old,,'=1+1\r\n");
    free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_kind_of_value),
        cmocka_unit_test(answers_stand_in_words),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
