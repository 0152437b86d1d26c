"""A TCP proxy that does what bad networks and attackers do, on demand; and a scripted server."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress

Change = Callable[[bytes], bytes]


def unchanged(data: bytes) -> bytes:
    """Pass on as it is."""
    return data


class Proxy:
    """Forwards one loopback port to another; `port` is its own. What the server says goes through `change` first.

    `cut()` closes every connection, `freeze()` lets them stand and passes nothing on any more.
    """

    def __init__(self, target: int, change: Change = unchanged) -> None:
        self.said: list[bytes] = []  # what clients sent
        self._target, self._change = target, change
        self._frozen = threading.Event()
        self._sockets: list[socket.socket] = []
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._listener.getsockname()[1])
        threading.Thread(target=self._accept, daemon=True).start()

    def __enter__(self) -> Proxy:
        return self

    def __exit__(self, *_: object) -> None:
        self._listener.close()
        self.cut()

    def cut(self) -> None:
        """Close all connections."""
        for end in self._sockets:
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
            end.close()
        self._sockets.clear()

    def freeze(self) -> None:
        """From now on nothing gets through, and nobody is told."""
        self._frozen.set()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                client, _ = self._listener.accept()
                server = socket.create_connection(("127.0.0.1", self._target))
                self._sockets += [client, server]
                threading.Thread(target=self._pump, args=(client, server, self._hear), daemon=True).start()
                threading.Thread(target=self._pump, args=(server, client, self._change), daemon=True).start()

    def _hear(self, data: bytes) -> bytes:
        self.said.append(data)
        return data

    def _pump(self, source: socket.socket, sink: socket.socket, change: Change) -> None:
        with suppress(OSError):
            while data := source.recv(65536):
                if not self._frozen.is_set():
                    sink.sendall(change(data))
            sink.shutdown(socket.SHUT_WR)


class Script:
    """A server that serves one connection by a script: what to send, and what to wait for before that.

    Each step is (wanted, reply): read lines until one contains `wanted` (b"": at once), then send `reply`, in which
    `TAG` stands for the tag of the last command. A reply may be a sequence: its parts go out as TCP segments of their
    own. None closes the connection. `port` is where it listens.
    """

    def __init__(self, steps: Sequence[tuple[bytes, bytes | Sequence[bytes] | None]]) -> None:
        self._steps = steps
        self._tag = b""
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._listener.getsockname()[1])
        threading.Thread(target=self._serve, daemon=True).start()

    def __enter__(self) -> Script:
        return self

    def __exit__(self, *_: object) -> None:
        self._listener.close()

    def _serve(self) -> None:
        with suppress(OSError):
            connection, _ = self._listener.accept()
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            with connection, connection.makefile("rb") as lines:
                for wanted, reply in self._steps:
                    if wanted:
                        self._await(lines, wanted)
                    if reply is None:
                        return
                    self._send(connection, [reply] if isinstance(reply, bytes) else reply)
                while lines.readline():
                    pass

    def _send(self, connection: socket.socket, parts: Sequence[bytes]) -> None:
        for number, part in enumerate(parts):
            if number:
                time.sleep(0.05)  # so that the parts are segments of their own
            connection.sendall(part.replace(b"TAG", self._tag))

    def _await(self, lines: Iterable[bytes], wanted: bytes) -> None:
        for line in lines:
            first, _, rest = line.partition(b" ")
            self._tag = first if rest else self._tag
            if wanted in line:
                return
        raise ConnectionError("the client has gone")
