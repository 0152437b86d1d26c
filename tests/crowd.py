"""How busy the machine is just now, so that limits of time can allow for what others take away."""

from __future__ import annotations

import socket
import threading
import time


def crowded() -> float:
    """How much longer work takes here just now than on a machine of one's own: 1 when nobody else is busy.

    Two threads pass a byte to and fro and work a little each time, as a mail goes from hand to hand: on a busy machine
    each must wait for its turn.
    """
    here, there = socket.socketpair()

    def other() -> None:
        while there.recv(1):
            sum(range(15_000))
            there.send(b"x")

    thread = threading.Thread(target=other)
    thread.start()
    wall, cpu = time.perf_counter(), time.process_time()
    for _ in range(100):
        sum(range(15_000))
        here.send(b"x")
        here.recv(1)
    found = (time.perf_counter() - wall) / (time.process_time() - cpu)
    here.close()
    thread.join()
    there.close()
    return max(1.0, found)
