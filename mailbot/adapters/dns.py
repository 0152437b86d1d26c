"""TXT records from DNS, for the keys of those who sign mail: asked once, kept as long as the record says.

What name servers say is believed, so the one that is asked should be near, and should check DNSSEC.
"""

from __future__ import annotations

from collections.abc import Sequence

import dns.exception
import dns.nameserver
import dns.rdtypes.ANY.TXT
import dns.resolver

_TRY_SECONDS = 0.7  # until the question is asked again, or the next server
_MOST_SECONDS = 1.5  # a mail takes no longer than 2 s; who answers later is not waited for
_MOST_KEPT = 1000


class TxtRecords:
    """The records of a name; what is known is not asked again, nor what is known not to be. Safe in any thread."""

    def __init__(self, servers: Sequence[tuple[str, int]] = ()) -> None:
        """`servers`: addresses and ports of name servers; those of the system when there are none."""
        self._servers = tuple(servers)
        self._resolver: dns.resolver.Resolver | None = None

    def __call__(self, name: str) -> tuple[bytes, ...] | None:
        """The TXT records of `name` (A-labels), each as one string: () when it has none, None when nobody could say.

        Never raises; takes 1.5 s at most.
        """
        try:
            answer = self._opened().resolve(f"{name}.", "TXT", raise_on_no_answer=False, search=False)
        except (dns.resolver.NXDOMAIN, dns.name.LabelTooLong, dns.name.NameTooLong, dns.name.EmptyLabel):
            return ()
        except (dns.exception.DNSException, OSError):
            return None
        records = answer.rrset or ()
        return tuple(b"".join(one.strings) for one in records if isinstance(one, dns.rdtypes.ANY.TXT.TXT))

    @property
    def shown(self) -> str:
        """Who is asked, for people to read."""
        return ", ".join(f"{address}:{port}" for address, port in self._servers) or "the system's name server"

    def _opened(self) -> dns.resolver.Resolver:
        if self._resolver is None:
            resolver = dns.resolver.Resolver(configure=not self._servers)
            if self._servers:
                resolver.nameservers = [dns.nameserver.Do53Nameserver(*place) for place in self._servers]
            resolver.timeout, resolver.lifetime = _TRY_SECONDS, _MOST_SECONDS
            resolver.cache = dns.resolver.LRUCache(_MOST_KEPT)
            self._resolver = resolver
        return self._resolver
