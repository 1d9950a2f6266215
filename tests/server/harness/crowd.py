# SPDX-License-Identifier: EUPL-1.2
"""Many visitors at once."""
import asyncio
from pathlib import Path
from urllib.parse import urlencode


def _unread(port):
    """True while the port's process has not accepted a connection or not read what came on one."""
    for line in Path("/proc/net/tcp").read_text().splitlines()[1:]:
        fields = line.split()
        if int(fields[1].split(":")[1], 16) == port and fields[3] in ("01", "0A") and int(fields[4].split(":")[1], 16) > 0:
            return True  # of a listening socket the same number says who waits to be accepted
    return False


async def _one(port, action, body, gate, written):
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    head = (f"POST {action} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nConnection: close\r\n"
            f"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {len(body)}\r\n\r\n").encode()
    await gate.wait()
    try:
        writer.write(head + body)
        await writer.drain()
        written.append(writer)
        answer = await reader.read()
    except ConnectionResetError:
        return 0
    finally:
        writer.close()
    return int(answer.split(b" ", 2)[1]) if answer.startswith(b"HTTP/1.1 ") else 0


async def _all(port, action, forms, sent):
    gate, written = asyncio.Event(), []
    tasks = [asyncio.create_task(_one(port, action, urlencode(form).encode(), gate, written)) for form in forms]
    await asyncio.sleep(0)
    gate.set()
    if sent:
        while len(written) < len(forms) or _unread(port):
            await asyncio.sleep(0.01)
        sent.set()
    return await asyncio.wait_for(asyncio.gather(*tasks), 90)


def sign_up_all(port, action, forms, sent=None):
    """Posts every form at the same time; the statuses in the same order, 0 for no answer. SENT, if given, is a
    threading.Event that is set when all were sent and read."""
    return asyncio.run(_all(port, action, forms, sent))
