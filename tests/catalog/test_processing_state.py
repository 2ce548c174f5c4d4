"""What processors remember between runs."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from apps.catalog.extension_points import Processor
from apps.catalog.processing.state import FAILED_RUNS, CacheOfEntity, state_after_failure, state_after_success
from portal.errors import InputError
from tests.catalog.processing_kit import entity, pipeline


class Counting(Processor):
    """Counts its runs in its cache, and fails when told."""

    name = "Counting"

    def __init__(self) -> None:
        self.failing = False
        self.seen: list[Any] = []

    def pre_process_entity(self, entity, context):
        seen = context.cache.get("runs")
        self.seen.append(seen)
        context.cache.set("runs", (seen or 0) + 1)
        if self.failing:
            raise InputError("told to fail")
        return entity


def test_what_a_processor_stores_is_there_in_the_next_run():
    processor = Counting()
    run = pipeline(processor)
    first = run.process(entity())
    second = run.process(entity(), first.state)
    run.process(entity(), second.state)
    assert processor.seen == [None, 1, 2]


def test_processors_do_not_see_each_others_memory():
    cache = CacheOfEntity({})
    cache.for_processor("a").set("key", 1)
    again = CacheOfEntity(state_after_success(cache))
    assert again.for_processor("a").get("key") == 1
    assert again.for_processor("b").get("key") is None


def test_a_target_has_a_memory_of_its_own():
    cache = CacheOfEntity({})
    cache.for_processor("a").set("key", "own")
    cache.for_target("a", "x").set("key", "of x")
    again = CacheOfEntity(state_after_success(cache))
    assert again.for_processor("a").get("key") == "own"
    assert again.for_target("a", "x").get("key") == "of x"
    assert again.for_target("a", "y").get("key") is None


def test_nothing_remembered_is_nothing_stored():
    assert state_after_success(CacheOfEntity({})) == {}


def test_a_failed_run_keeps_the_memory_of_the_last_good_one_five_times():
    processor = Counting()
    run = pipeline(processor)
    state = run.process(entity()).state
    processor.failing = True
    for _ in range(FAILED_RUNS):
        state = run.process(entity(), state).state
    state = run.process(entity(), state).state
    assert state == {}
    run.process(entity(), state)
    assert processor.seen == [None, *[1] * (FAILED_RUNS + 1), None]


def test_a_good_run_starts_the_count_anew():
    processor = Counting()
    run = pipeline(processor)
    state = run.process(entity()).state
    processor.failing = True
    failed = run.process(entity(), state).state
    assert failed["ttl"] == FAILED_RUNS - 1
    processor.failing = False
    assert run.process(entity(), failed).state["ttl"] == FAILED_RUNS


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=3), inner, max_size=2),
    max_leaves=6,
)


@given(st.dictionaries(st.sampled_from(["cache", "ttl", "x"]), json_values))
def test_a_state_of_any_shape_is_survived(state):
    result = pipeline(Counting()).process(entity(), state)
    assert result.ok
    assert isinstance(state_after_failure(state), dict)


@given(st.dictionaries(st.text(max_size=5), json_values, min_size=1, max_size=4))
def test_memory_comes_back_as_it_was_stored(values):
    cache = CacheOfEntity({})
    for key, value in values.items():
        cache.for_processor("a").set(key, value)
    again = CacheOfEntity(state_after_success(cache))
    assert {key: again.for_processor("a").get(key) for key in values} == values
    assert state_after_success(again) == state_after_success(cache)
