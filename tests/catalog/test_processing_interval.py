"""How long an entity rests between two runs."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from apps.catalog.models import RefreshState
from apps.catalog.operations import process_due
from apps.catalog.processing import build_orchestrator
from apps.catalog.processing.interval import processing_interval
from portal.config import override_config
from portal.errors import ConfigError
from tests.catalog.conftest import CatalogFolder, component
from tests.catalog.processing_kit import conf


def seconds(**catalog: object) -> tuple[float, float] | None:
    bounds = processing_interval(conf(**catalog))
    return bounds and (bounds[0].total_seconds(), bounds[1].total_seconds())


def test_by_default_it_rests_as_long_as_in_backstage():
    assert seconds() == (100, 150)


@pytest.mark.parametrize(
    ("configured", "bounds"),
    [
        ({"minutes": 30}, (1800, 2700)),
        ("10m", (600, 900)),
        ("PT1H", (3600, 5400)),
        ({"milliseconds": 1}, (1, 1.5)),
        ("0s", (1, 1.5)),
    ],
)
def test_a_rest_is_between_the_duration_and_half_as_much_again_and_never_less_than_a_second(configured, bounds):
    assert seconds(processingInterval=configured) == bounds


def test_false_means_that_nothing_is_processed_here():
    assert seconds(processingInterval=False) is None


@pytest.mark.parametrize("configured", [True, "often", 30, [], {"fortnights": 1}])
def test_anything_else_is_refused(configured):
    with pytest.raises(ConfigError, match=r"catalog\.processingInterval"):
        processing_interval(conf(processingInterval=configured))


@given(st.integers(min_value=0, max_value=10**9))
def test_the_bounds_are_in_order_whatever_is_configured(milliseconds):
    interval = processing_interval(conf(processingInterval={"milliseconds": milliseconds}))
    assert interval is not None
    shortest, longest = interval
    assert timedelta(seconds=1) <= shortest <= longest
    assert shortest in {timedelta(milliseconds=milliseconds), timedelta(seconds=1)}


@pytest.mark.parametrize(("drawn", "rest"), [(0.0, 3600), (0.5, 4500), (0.999, 5398.2)])
def test_a_run_puts_the_next_one_off_by_a_draw_between_the_bounds(
    folder: CatalogFolder, monkeypatch: pytest.MonkeyPatch, drawn: float, rest: float
) -> None:
    folder.write("web.yaml", component("web"))
    folder.read("web.yaml")
    monkeypatch.setattr("random.random", lambda: drawn)
    RefreshState.objects.update(next_update_at=timezone.now())
    before = timezone.now()
    with override_config({"catalog": {"processingInterval": {"hours": 1}}}):
        process_due(build_orchestrator())
    for row in RefreshState.objects.all():
        assert 0 <= (row.next_update_at - before).total_seconds() - rest < 30
