"""Garbage waits while a batch is worked on, whoever works on one, and not longer."""

import gc
import threading

import pytest

from portal.services.lifecycle import garbage_waits


@garbage_waits
def is_looked_for() -> bool:
    """Tell whether garbage is looked for within a batch."""
    return gc.isenabled()


def test_garbage_is_looked_for_but_in_a_batch():
    assert gc.isenabled()
    assert not is_looked_for()
    assert gc.isenabled()


def test_a_batch_within_a_batch_ends_nothing():
    with garbage_waits:
        is_looked_for()
        assert not gc.isenabled()
    assert gc.isenabled()


def test_the_last_of_several_threads_ends_it():
    entered, leave = threading.Event(), threading.Event()

    def work() -> None:
        with garbage_waits:
            entered.set()
            leave.wait()

    other = threading.Thread(target=work)
    with garbage_waits:
        other.start()
        entered.wait()
    assert not gc.isenabled()
    leave.set()
    other.join()
    assert gc.isenabled()


def test_a_batch_that_fails_ends_it_as_well():
    with pytest.raises(ValueError, match="rubbish"), garbage_waits:
        raise ValueError("rubbish")
    assert gc.isenabled()
