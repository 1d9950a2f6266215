# SPDX-License-Identifier: EUPL-1.2
"""Many visitors at once."""
import asyncio
from urllib.parse import urlencode


async def _one(port, action, body, gate):
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    head = (f"POST {action} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nConnection: close\r\n"
            f"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {len(body)}\r\n\r\n").encode()
    await gate.wait()
    try:
        writer.write(head + body)
        await writer.drain()
        answer = await reader.read()
    except ConnectionResetError:
        return 0
    finally:
        writer.close()
    return int(answer.split(b" ", 2)[1]) if answer.startswith(b"HTTP/1.1 ") else 0


async def _all(port, action, forms, sent):
    gate = asyncio.Event()
    tasks = [asyncio.create_task(_one(port, action, urlencode(form).encode(), gate)) for form in forms]
    await asyncio.sleep(0)
    gate.set()
    if sent:
        await asyncio.sleep(0.3)
        sent.set()
    return await asyncio.wait_for(asyncio.gather(*tasks), 90)


def sign_up_all(port, action, forms, sent=None):
    """Posts every form at the same time; the statuses in the same order, 0 for no answer. SENT, if given, is a
    threading.Event that is set a moment after all were sent."""
    return asyncio.run(_all(port, action, forms, sent))
