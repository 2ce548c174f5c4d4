from __future__ import annotations

import shutil
from dataclasses import replace

import pytest

from bench.load import Figures, measure, middle, script_for, wrk
from bench.portal import NotMeasured, Portal
from bench.reads import Read, Request

FIGURES = Figures(rate=100.0, p50=1.0, p95=2.0, p99=3.0, bytes=10, failed=0)


def test_rounds_give_the_median_of_each_figure_all_failures_and_the_most_memory():
    rounds = [
        replace(FIGURES, rate=90.0, p99=9.0, failed=1, cpu=3.0, peak=80.0),
        replace(FIGURES, rate=300.0, p99=4.0, failed=2, cpu=1.0, peak=90.0),
        replace(FIGURES, rate=110.0, p99=5.0, cpu=2.0, peak=70.0),
    ]
    assert middle(rounds) == replace(FIGURES, rate=110.0, p99=5.0, failed=3, cpu=2.0, peak=90.0)


def test_what_is_not_known_of_the_rounds_stays_unknown():
    assert middle([FIGURES, FIGURES]) == FIGURES


def test_the_script_asks_every_request_and_escapes_what_lua_would_read():
    script = script_for(
        Portal("http://127.0.0.1:8000", token="s"),
        [Request("/a", []), Request("/b", [], {"refs": ['with "quotes"', "back\\slash"]})],
    )
    assert 'wrk.format("GET", "/a", {["Host"] = "127.0.0.1:8000", ["Authorization"] = "Bearer s"}, nil)' in script
    assert r"""wrk.format("POST", "/b",""" in script
    assert r'"{\"refs\": [\"with \\\"quotes\\\"\", \"back\\\\slash\"]}"' in script


def test_load_is_only_sent_to_this_machine():
    with pytest.raises(NotMeasured, match="isn't on this machine"):
        measure(Portal("http://portal.example.com"), Read("a", [Request("/", [])]), connections=1, seconds=1, rounds=1)


def test_without_wrk_it_is_said_how_to_get_it(monkeypatch):
    monkeypatch.setattr(shutil, "which", lambda _: None)
    with pytest.raises(NotMeasured, match="apt-get install wrk"):
        wrk()
