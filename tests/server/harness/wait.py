# SPDX-License-Identifier: EUPL-1.2
"""Waiting for what must come true, never for a length of time."""
import time


def eventually(question, deadline=15.0, what=None):
    """Asks until the answer is true and returns it; an AssertionError inside counts as "not yet"."""
    end = time.monotonic() + deadline
    pause = 0.005
    fault = None
    while True:
        try:
            answer = question()
            fault = None
            if answer:
                return answer
        except AssertionError as error:
            fault = error
        if time.monotonic() > end:
            raise AssertionError(f"not within {deadline} s: {what or question.__name__}") from fault
        time.sleep(pause)
        pause = min(pause * 1.5, 0.1)
