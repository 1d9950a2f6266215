#!/usr/bin/python3
# SPDX-License-Identifier: EUPL-1.2
"""Functions that this program does not call, and the reason."""
import re

from tree import Report, sources

BANNED = {
    "sprintf": "snprintf, or the buffer", "vsprintf": "vsnprintf", "strcpy": "memcpy with a known length", "strcat": "the buffer",
    "stpcpy": "memcpy with a known length", "strncpy": "it may leave no zero", "strncat": "the buffer", "gets": "anything else",
    "atoi": "text_to_int: it reports what is no number", "atol": "text_to_int", "atoll": "text_to_int", "atof": "strtod with a check",
    "strtok": "strtok_r: no state behind your back", "localtime": "the zone is never the process's",
    "localtime_r": "the zone is never the process's", "mktime": "the zone is never the process's", "gmtime": "gmtime_r", "ctime": "clock_stamp",
    "asctime": "clock_stamp", "strerror": "not safe in threads: LOG_ERRNO", "rand": "randombytes_buf", "random": "randombytes_buf",
    "time": "clock_now: the clock is settable", "gettimeofday": "clock_now", "system": "no shell", "popen": "no shell", "alloca": "the arena",
    "setlocale": "the process has no locale", "tmpnam": "no", "mktemp": "no", "signal": "sigaction", "sleep": "a timer", "usleep": "a timer",
    "sqlite3_exec": "a prepared statement; db_script for what is made at run time",
    "evhttp_send_error": "it appends to what is there; site->refuse", "evhttp_request_get_host": "links come from base_url",
}
ALLOWED = {  # where the one place is
    ("store", "sqlite3_exec"),
    ("http", "evhttp_send_error"),  # without memory for anything better
}
CALL = re.compile(r"(?<![\w.>])(" + "|".join(BANNED) + r")\s*\(")


def without_comments_and_strings(text):
    """The same text, blanks in place of comments and string contents; line numbers stay."""
    def blank(match):
        return re.sub(r"[^\n]", " ", match.group(0))
    return re.sub(r'/\*.*?\*/|//[^\n]*|"(?:[^"\\\n]|\\.)*"', blank, text, flags=re.S)


report = Report()
for path in sources(".c", ".h"):
    room = path.parent.name
    for number, line in enumerate(without_comments_and_strings(path.read_text()).splitlines(), 1):
        for match in CALL.finditer(line):
            name = match.group(1)
            before = line[:match.start()].rstrip()
            if "SIG_IGN" in line:
                continue
            if (room, name) in ALLOWED or re.search(r"\b(int|char|void|time_t|\*)$", before):
                continue
            report.fault(path, number, f"{name}: use {BANNED[name]}")
report.done()
