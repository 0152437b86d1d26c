"""A name server on the loopback, as small as it goes: TXT records, names that do not exist, and no answer at all."""

from __future__ import annotations

import socket
import threading

import dns.flags
import dns.message
import dns.rcode
import dns.rrset

TTL = 300


class Names:
    """`records` maps names to their TXT records; None: no answer at all. `asked` are the names of all questions."""

    def __init__(self) -> None:
        self.records: dict[str, tuple[bytes, ...] | None] = {}
        self.asked: list[str] = []
        self.ttl = TTL
        self.refuses = False
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.bind(("127.0.0.1", 0))
        self.port = int(self._socket.getsockname()[1])
        self.place = f"127.0.0.1:{self.port}"
        self._ended = False
        threading.Thread(target=self._serve, daemon=True).start()

    def stop(self) -> None:
        """End it: nobody answers there any more."""
        self._ended = True
        self._socket.sendto(b"", ("127.0.0.1", self.port))

    def _serve(self) -> None:
        while not self._ended:
            data, sender = self._socket.recvfrom(65535)
            if data and (answer := self._answer(data)):
                self._socket.sendto(answer, sender)
        self._socket.close()

    def _answer(self, data: bytes) -> bytes | None:
        question = dns.message.from_wire(data)
        name = question.question[0].name
        text = name.to_text(omit_final_dot=True).lower()
        self.asked.append(text)
        records = self.records.get(text, ())
        if records is None:
            return None
        answer = dns.message.make_response(question)
        answer.flags |= dns.flags.RA
        if self.refuses:
            answer.set_rcode(dns.rcode.SERVFAIL)
        elif records:
            answer.answer.append(dns.rrset.from_text_list(name, self.ttl, "IN", "TXT", [_quoted(r) for r in records]))
        else:
            answer.set_rcode(dns.rcode.NXDOMAIN)
        return answer.to_wire()


def _quoted(record: bytes) -> str:
    """A record in strings of 255 characters at most, as zone files have it."""
    text = record.decode("ascii").replace("\\", "\\\\").replace('"', '\\"')
    return " ".join(f'"{text[at : at + 200]}"' for at in range(0, len(text) or 1, 200))
