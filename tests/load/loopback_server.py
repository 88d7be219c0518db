"""A real HTTP server on loopback, whose manners a test chooses."""

import asyncio
import hashlib
import ssl
import threading
import time
from pathlib import Path
from typing import Self

BODY = b'{"id": 1, "name": "amber anchor"}'
CHECKSUM = hashlib.sha256(BODY).hexdigest()


def answer(body: bytes = BODY, *, status: int = 200, length: int | None = None, extra: str = "") -> bytes:
    size = len(body) if length is None else length
    head = f"HTTP/1.1 {status} X\r\nContent-Length: {size}\r\nX-Checksum-SHA256: {CHECKSUM}\r\n{extra}\r\n"
    return head.encode() + body


class Server:
    """Answers every request with the same bytes; None never answers, empty ones close the connection."""

    def __init__(self, reply: bytes | None, certificate: Path | None = None) -> None:
        self.reply = reply
        self._tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH) if certificate else None
        if self._tls and certificate:
            self._tls.load_cert_chain(certificate)
        self.delay_s = 0.0
        self.close_after_reply = False
        self.requests: list[bytes] = []
        self.connections = 0
        self._loop = asyncio.new_event_loop()
        self._listening = threading.Event()
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self.port = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def __enter__(self) -> Self:
        self._thread.start()
        assert self._listening.wait(5)
        return self

    def __exit__(self, *_: object) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(5)

    def stall_every(self, period_s: float, stall_s: float) -> None:
        """Answer nobody for ``stall_s``, again and again; what came in meanwhile is answered afterwards."""

        def stall() -> None:
            time.sleep(stall_s)
            self._loop.call_later(period_s - stall_s, stall)

        self._loop.call_soon_threadsafe(stall)

    def _serve(self) -> None:
        asyncio.set_event_loop(self._loop)
        serving = asyncio.start_server(self._talk, "127.0.0.1", 0, backlog=1024, ssl=self._tls)
        listener = self._loop.run_until_complete(serving)
        self.port = listener.sockets[0].getsockname()[1]
        self._listening.set()
        self._loop.run_forever()
        listener.close()
        for task in asyncio.all_tasks(self._loop):
            task.cancel()
        self._loop.run_until_complete(asyncio.sleep(0))

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        try:
            while True:
                request = await reader.readuntil(b"\r\n\r\n")
                self.requests.append(request)
                if self.reply is None:
                    continue
                await asyncio.sleep(self.delay_s)
                writer.write(self.reply)
                if not self.reply or self.close_after_reply or b"connection: close" in request.lower():
                    break
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()
