# SPDX-License-Identifier: EUPL-1.2
"""The whole daemon, killed at a moment of the dice's choice while a crowd signs up and mail goes out, again and again on
the same store: whoever saw 303 is registered and gets his mail; a second copy only where the answer was lost, with the
same Message-ID. CONVENED_KILLS kills in all, CONVENED_SEED for the dice."""
import collections
import os
import random
import threading
import time

import pytest

from harness.crowd import sign_up_all
from harness.definitions import definition
from harness.peer import Peer
from harness.wait import eventually

BLOCKS = 4
KILLS = int(os.environ.get("CONVENED_KILLS", "200"))
SEED = int(os.environ.get("CONVENED_SEED", "1"))
WAVES, WAVE = 4, 3
CROWD = WAVES * WAVE


@pytest.fixture
def peer():
    peer = Peer()
    yield peer
    peer.close()


def ids(peer):
    """{recipient: [Message-ID of each copy]} of what was accepted."""
    found = collections.defaultdict(list)
    with peer.lock:
        for _, recipient, message_id, _, _ in peer.kept:
            found[recipient].append(message_id)
    return found


def in_state(daemon, state):
    return {row["recipient"] for row in daemon.query("SELECT recipient FROM mail WHERE state = ?", (state,))}


def come(port, action, forms, answers):
    """A crowd in waves, so that some are served and some are not when the end comes."""
    for n in range(0, CROWD, WAVE):
        try:
            answers += sign_up_all(port, action, forms[n:n + WAVE])
        except OSError:
            answers += [0] * WAVE


@pytest.mark.timeout(3000)
@pytest.mark.parametrize("block", range(BLOCKS))
def test_kills(make_daemon, peer, block):
    dice = random.Random(SEED * BLOCKS + block)
    daemon = make_daemon({"workshop": definition("workshop", capacity=100000)},
                         mail={"smtp_url": f"smtp://127.0.0.1:{peer.port}"},
                         limits={"burst": 10000, "connections_per_address": 1000})
    action, form = daemon.ripe_form("workshop")
    promised, doubts, known = set(), collections.Counter(), {}
    in_flight = 0
    for kill in range(KILLS // BLOCKS):
        emails = [f"k{kill}p{n}@umed.example" for n in range(CROWD)]
        answers = []
        forms = [{**form, "name": "Anna Kowalska", "email": email} for email in emails]
        crowd = threading.Thread(target=come, args=(daemon.port, action, forms, answers))
        crowd.start()
        time.sleep(dice.random() ** 2 * 0.6)  # the moment is what is tested
        daemon.kill()
        crowd.join()
        assert len(answers) == CROWD and set(answers) <= {303, 0}, answers
        promised |= {email for email, answer in zip(emails, answers) if answer == 303}
        in_flight += 0 < answers.count(303) < CROWD
        # The server may still be writing down what the dead had sent.
        eventually(lambda: not peer.busy, 10, "the server has met the end of its connections")
        accepted, sent = ids(peer), in_state(daemon, "sent")
        for recipient, copies in accepted.items():
            if recipient in known:
                assert len(copies) == known[recipient], f"{recipient} was sent, and sent again"
            if recipient in sent:
                known[recipient] = len(copies)
            else:
                doubts[recipient] += 1
        for recipient in sent:
            assert accepted[recipient], f"the store says sent, the server has nothing: {recipient}"
        daemon.start()
        assert promised <= {row["email"] for row in daemon.query("SELECT email FROM registrations")}
    daemon.settled(120)
    daemon.ctl("verify")
    registered = [row["email"] for row in daemon.query("SELECT email FROM registrations")]
    accepted = ids(peer)
    assert promised <= set(registered) == set(accepted) and len(registered) == len(set(registered))
    more = 0
    for recipient, copies in accepted.items():
        assert len(set(copies)) == 1, "another Message-ID"
        assert len(copies) <= 1 + doubts[recipient], f"{recipient}: {len(copies)} copies"
        more += len(copies) - 1
    assert daemon.query("SELECT count(*) AS n FROM mail WHERE state <> 'sent'")[0]["n"] == 0
    print(f"block {block}: {KILLS // BLOCKS} kills, {in_flight} in the middle of a crowd, {len(promised)} promised, "
          f"{len(registered)} registered, {more} copies more")
