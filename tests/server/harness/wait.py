# SPDX-License-Identifier: EUPL-1.2
"""Waiting for what must come true, never for a length of time."""
import time

PATIENCE = 90.0  # seconds: at least so long, for the machine may have much else to do


def eventually(question, deadline=PATIENCE, what=None):
    """Asks until the answer is true and returns it; an AssertionError inside counts as "not yet". A DEADLINE below PATIENCE
    says what is usual, no more."""
    deadline = max(deadline, PATIENCE)
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
