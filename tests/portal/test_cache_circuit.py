"""The circuit of a server, on a clock of its own."""

import logging

import pytest

from portal.services.cache.circuit import Circuit

DOWN = ("WARNING", "The cache can't be reached; until it can, everything is a miss")
BACK = ("INFO", "The cache is back")
REFUSED = ("WARNING", "The cache refused an operation, which counts as a miss")


@pytest.fixture
def lines(caplog):
    caplog.set_level(logging.INFO, "portal.app")
    return lambda: [(record.levelname, record.msg["event"]) for record in caplog.records if record.name == "portal.app"]


class Clock:
    now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def circuit():
    return Circuit("redis://example", clock=Clock())


def test_an_open_circuit_lets_one_caller_try_every_five_seconds(circuit):
    assert circuit.allows()
    circuit.failed(OSError("refused"))
    assert not circuit.allows()
    circuit._clock.now += 5
    assert [circuit.allows() for _ in range(3)] == [True, False, False]
    circuit.failed(OSError("refused"))
    circuit._clock.now += 4.9
    assert not circuit.allows()


def test_a_caller_that_never_reports_back_does_not_keep_the_circuit_open(circuit):
    circuit.failed(OSError("refused"))
    circuit._clock.now += 5
    assert circuit.allows()
    circuit._clock.now += 5
    assert circuit.allows()


def test_a_success_closes_the_circuit(circuit, lines):
    circuit.failed(OSError("refused"))
    circuit._clock.now += 7
    circuit.succeeded()
    circuit.succeeded()
    assert [circuit.allows() for _ in range(3)] == [True] * 3
    assert lines() == [DOWN, BACK]


def test_an_outage_is_logged_once_however_often_it_is_met(circuit, lines):
    for _ in range(10):
        circuit.failed(OSError("refused"))
        circuit._clock.now += 60
    assert lines() == [DOWN]


def test_refusals_are_logged_once_a_minute_with_their_number(circuit, lines, caplog):
    for _ in range(3):
        circuit.refused(ValueError("too large"))
    circuit._clock.now += 61
    circuit.refused(ValueError("too large"))
    assert lines() == [REFUSED, REFUSED]
    assert [record.msg["refusals"] for record in caplog.records] == [1, 3]
    assert circuit.allows()
