# SPDX-License-Identifier: EUPL-1.2
"""Ports for what the tests start."""
import os
import random
import socket

PORTS = iter(())


def free_port():
    """Below those that the system gives to connections, and each worker of pytest has its own: between the question here and
    the daemon's start nobody else takes it."""
    global PORTS
    while True:
        port = next(PORTS, None)
        if port is None:
            first = 10000 + int(os.environ.get("PYTEST_XDIST_WORKER", "gw0")[2:]) % 20 * 1000
            PORTS = iter(random.sample(range(first, first + 1000), 1000))
            continue
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
                return port
            except OSError:
                pass
