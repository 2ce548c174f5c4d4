"""Fixtures over `tests.services`: the address of a real server, or a skip that says what is missing.

With ``CI=true`` a missing server fails the test, so that a pipeline can't lose these tests unnoticed. One
line at the end of the run sums up what was skipped for want of a server.
"""

import os
from collections import Counter
from collections.abc import Callable
from typing import Any, TypeVar

import pytest

from tests import services

MISSING = "no server: "

T = TypeVar("T")


@pytest.fixture(scope="session")
def postgres_url() -> str:
    """URL of a superuser connection to a real PostgreSQL."""
    return require(services.postgres)


@pytest.fixture(scope="session")
def valkey_url() -> str:
    """URL of a real Valkey."""
    return require(services.valkey)


@pytest.fixture(scope="session")
def redis_url() -> str:
    """URL of a real Redis."""
    return require(services.redis)


@pytest.fixture(scope="session")
def memcached_address() -> str:
    """``host:port`` of a real memcached."""
    return require(services.memcached)


def require(start: Callable[..., T], *arguments: Any) -> T:
    """Give ``start(*arguments)``; skip the test when there is no such server here, or fail it in CI."""
    try:
        return start(*arguments)
    except services.Unavailable as error:
        if os.environ.get("CI", "").lower() in {"true", "1"}:
            pytest.fail(f"{MISSING}{error}", pytrace=False)
        pytest.skip(f"{MISSING}{error}")


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Name every missing server once, with the number of tests that it cost."""
    missing: Counter[str] = Counter()
    for report in terminalreporter.stats.get("skipped", []):
        _path, _line, reason = report.longrepr
        if MISSING in reason:
            missing[reason.partition(MISSING)[2].splitlines()[0]] += 1
    if missing:
        tests = "; ".join(f"{count} for {server}" for server, count in sorted(missing.items()))
        terminalreporter.write_line(f"Tests skipped for want of a server: {tests}", yellow=True)
