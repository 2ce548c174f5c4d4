"""Addresses in DNS: ``http+srv://record/path`` stands for any of the hosts and ports that an SRV record lists."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable, Sequence
from typing import NamedTuple
from urllib.parse import urlsplit

from portal.errors import ConfigError, ServiceUnavailableError
from portal.extras import install_command

#: How long an answer is used at most, in seconds, whatever its own time to live.
MAX_TTL = 30.0


class SrvRecord(NamedTuple):
    """One target of an SRV record (RFC 2782)."""

    priority: int
    weight: int
    host: str
    port: int


#: Asks the DNS: the records of a name, and the seconds for which they hold.
Lookup = Callable[[str], tuple[Sequence[SrvRecord], float]]


def dns_lookup(name: str) -> tuple[Sequence[SrvRecord], float]:
    """Ask the system's DNS servers."""
    try:
        import dns.exception
        import dns.resolver
    except ImportError as error:
        raise ConfigError(
            f"discovery.endpoints has an SRV address, which needs the package dnspython: {install_command('srv')}."
        ) from error
    try:
        answer = dns.resolver.resolve(name, "SRV")
    except dns.exception.DNSException as error:
        raise ServiceUnavailableError(f"The SRV record {name} can't be resolved: {error}", cause=error) from error
    records = [
        SrvRecord(record.priority, record.weight, record.target.to_text(omit_final_dot=True), record.port)
        for record in answer
    ]
    return records, float(answer.rrset.ttl if answer.rrset is not None else 0)


class SrvResolver:
    """Resolves SRV addresses, remembering answers while they hold. The arguments are for tests."""

    def __init__(
        self,
        lookup: Lookup = dns_lookup,
        *,
        monotonic: Callable[[], float] = time.monotonic,
        choices: Callable[..., list[SrvRecord]] = random.choices,
    ) -> None:
        self._lookup = lookup
        self._monotonic = monotonic
        self._choices = choices
        self._lock = threading.Lock()
        self._known: dict[str, tuple[float, Sequence[SrvRecord]]] = {}

    def resolve(self, url: str) -> str:
        """Return the URL with a host and port of the record in the record's place, drawn by weight."""
        parts = urlsplit(url)
        record = self._draw(parts.hostname or "")
        host = f"[{record.host}]" if ":" in record.host else record.host
        return parts._replace(scheme=parts.scheme.removesuffix("+srv"), netloc=f"{host}:{record.port}").geturl()

    def _draw(self, name: str) -> SrvRecord:
        records = self._records(name)
        if not records:
            raise ServiceUnavailableError(f"The SRV record {name} lists no host.")
        first = min(record.priority for record in records)
        candidates = [record for record in records if record.priority == first]
        # Weight 0 means "hardly ever", not "never".
        return self._choices(candidates, weights=[max(record.weight, 0.01) for record in candidates])[0]

    def _records(self, name: str) -> Sequence[SrvRecord]:
        with self._lock:
            known = self._known.get(name)
        if known is not None and self._monotonic() < known[0]:
            return known[1]
        records, ttl = self._lookup(name)
        with self._lock:
            self._known[name] = (self._monotonic() + min(ttl, MAX_TTL), records)
        return records
