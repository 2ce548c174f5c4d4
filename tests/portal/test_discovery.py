"""Where plugins are: here, unless the configuration says otherwise."""

from __future__ import annotations

import socket
import struct
import threading
from typing import Any

import pytest

from portal.config import override_config
from portal.errors import ConfigError, ServiceUnavailableError
from portal.services.discovery import SingleHostDiscovery
from portal.services.discovery.srv import SrvRecord, SrvResolver, dns_lookup
from tests.portal.clocks import FakeClock

RECORDS = [
    SrvRecord(10, 1, "one.example.com", 8001),
    SrvRecord(10, 3, "two.example.com", 8002),
    SrvRecord(20, 9, "spare.example.com", 8003),
]


def endpoints(*entries: dict[str, Any]) -> Any:
    return override_config({"discovery": {"endpoints": list(entries)}})


def test_plugins_are_below_the_base_url() -> None:
    with override_config({"backend": {"baseUrl": "https://portal.example.com/"}}):
        discovery = SingleHostDiscovery()

        assert discovery.base_url("tech-radar") == "https://portal.example.com/api/tech-radar"
        assert discovery.external_base_url("tech-radar") == "https://portal.example.com/api/tech-radar"


def test_without_a_backend_url_the_apps_is_taken() -> None:
    with override_config({"backend": {"baseUrl": None}, "app": {"baseUrl": "https://app.example.com"}}):
        assert SingleHostDiscovery().external_base_url("catalog") == "https://app.example.com/api/catalog"


@pytest.mark.parametrize(
    ("listen", "url"),
    [
        (":7007", "http://127.0.0.1:7007"),
        ("0.0.0.0:7007", "http://127.0.0.1:7007"),
        ("10.0.0.5:7007", "http://10.0.0.5:7007"),
        ("[::]:7007", "http://[::1]:7007"),
        ({"port": 7007}, "http://127.0.0.1:7007"),
        ({"host": "::1", "port": "7007"}, "http://[::1]:7007"),
        ({"host": "::", "port": 7007}, "http://[::1]:7007"),
    ],
)
def test_inside_the_listening_address_spares_the_proxy(listen: Any, url: str) -> None:
    with override_config({"backend": {"baseUrl": "https://portal.example.com", "listen": listen}}):
        assert SingleHostDiscovery().base_url("catalog") == f"{url}/api/catalog"
        assert SingleHostDiscovery().external_base_url("catalog") == "https://portal.example.com/api/catalog"


def test_a_listening_address_that_is_none_is_refused() -> None:
    with (
        override_config({"backend": {"listen": "everywhere"}}),
        pytest.raises(ConfigError, match=r"backend\.listen: must be ':<port>'"),
    ):
        SingleHostDiscovery().base_url("catalog")


def test_an_endpoint_takes_a_plugin_elsewhere() -> None:
    with endpoints({"target": "https://other.example.com/secure/api/{{ pluginId }}", "plugins": ["search", "catalog"]}):
        discovery = SingleHostDiscovery()

        assert discovery.base_url("catalog") == "https://other.example.com/secure/api/catalog"
        assert discovery.external_base_url("search") == "https://other.example.com/secure/api/search"
        assert discovery.base_url("techdocs") == "http://testserver/api/techdocs"


def test_an_endpoint_may_differ_inside_and_outside() -> None:
    with endpoints({"target": {"internal": "http://catalog.svc/api/{{pluginId}}"}, "plugins": ["catalog"]}):
        discovery = SingleHostDiscovery()

        assert discovery.base_url("catalog") == "http://catalog.svc/api/catalog"
        assert discovery.external_base_url("catalog") == "http://testserver/api/catalog"


def test_a_star_stands_for_every_plugin_that_no_entry_names() -> None:
    with endpoints(
        {"target": "http://rest.svc/{{pluginId}}", "plugins": ["*"]},
        {"target": "http://catalog.svc", "plugins": ["catalog"]},
        {"target": "http://new-catalog.svc", "plugins": ["catalog"]},
    ):
        discovery = SingleHostDiscovery()

        assert discovery.base_url("a/b") == "http://rest.svc/a%2Fb"
        assert discovery.base_url("catalog") == "http://new-catalog.svc"


@pytest.mark.parametrize(
    ("entry", "words"),
    [
        ({"target": "catalog.svc", "plugins": ["catalog"]}, r"endpoints\[0\]\.target: must be a URL"),
        ({"target": {}, "plugins": ["catalog"]}, r"endpoints\[0\]\.target: must be a URL, or an object"),
        ({"target": "http+srv://x", "plugins": ["catalog"]}, "must not be an SRV address"),
        ({"target": {"external": "http+srv://x"}, "plugins": ["catalog"]}, r"target\.external: must not be an SRV"),
        ({"target": "http://x"}, r"endpoints\[0\]\.plugins: is missing"),
    ],
)
def test_a_bad_endpoint_is_refused_with_its_key(entry: dict[str, Any], words: str) -> None:
    with endpoints(entry), pytest.raises(ConfigError, match=words):
        SingleHostDiscovery().base_url("catalog")


class Dns:
    """A DNS that counts questions."""

    def __init__(self, records: list[SrvRecord], ttl: float = 20) -> None:
        self.records = records
        self.ttl = ttl
        self.questions: list[str] = []

    def __call__(self, name: str) -> tuple[list[SrvRecord], float]:
        self.questions.append(name)
        return self.records, self.ttl


def test_an_srv_address_is_resolved_among_those_of_the_first_priority() -> None:
    drawn: list[Any] = []

    def choices(candidates: list[SrvRecord], *, weights: list[float]) -> list[SrvRecord]:
        drawn.append((candidates, weights))
        return [candidates[-1]]

    resolver = SrvResolver(Dns(RECORDS), choices=choices)
    with endpoints({"target": {"internal": "http+srv://{{pluginId}}.svc/api"}, "plugins": ["*"]}):
        url = SingleHostDiscovery(resolver=resolver).base_url("catalog")

    assert url == "http://two.example.com:8002/api"
    assert drawn == [(RECORDS[:2], [1, 3])]


def test_dns_answers_are_remembered_while_they_hold() -> None:
    dns, clock = Dns(RECORDS), FakeClock()
    resolver = SrvResolver(dns, monotonic=clock.monotonic)
    for seconds in (0, 19, 2):
        clock.advance(seconds)
        resolver.resolve("https+srv://catalog.svc/api")

    assert dns.questions == ["catalog.svc"] * 2


def test_a_record_without_hosts_is_an_outage() -> None:
    with pytest.raises(ServiceUnavailableError, match=r"catalog\.svc lists no host"):
        SrvResolver(Dns([])).resolve("http+srv://catalog.svc")


def answer_dns(server: socket.socket) -> None:
    """Answer one question as a DNS server that knows one SRV record."""
    question, client = server.recvfrom(512)
    # Header: the question's id, "an answer, without errors", one question, one answer. Then the question, repeated, and
    # the record: a pointer to the question's name, type SRV, class IN, 9 seconds to live, and what follows it.
    target = b"\x03one\x07example\x03com\x00"
    record = struct.pack("!HHH", 10, 1, 8001) + target
    end_of_name = question.index(b"\x00", 12) + 5
    answer = question[:2] + b"\x84\x00" + struct.pack("!HHHH", 1, 1, 0, 0) + question[12:end_of_name]
    server.sendto(answer + b"\xc0\x0c" + struct.pack("!HHIH", 33, 1, 9, len(record)) + record, client)


def test_the_dns_is_asked_for_srv_records(monkeypatch: pytest.MonkeyPatch) -> None:
    resolver = pytest.importorskip("dns.resolver", reason="the package dnspython is not installed")
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as server:
        server.bind(("127.0.0.1", 0))
        local = resolver.Resolver(configure=False)
        local.nameservers = ["127.0.0.1"]
        local.port = server.getsockname()[1]
        monkeypatch.setattr(resolver, "default_resolver", local)
        responder = threading.Thread(target=answer_dns, args=(server,))
        responder.start()

        answer = dns_lookup("catalog.svc.example.com")
        responder.join()

    assert answer == ([SrvRecord(10, 1, "one.example.com", 8001)], 9.0)
