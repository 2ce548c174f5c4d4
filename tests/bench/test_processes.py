from __future__ import annotations

import os
import subprocess
import sys

import pytest

from bench.processes import Watch, cpu_seconds, memory, parent_of, rss_of, tree

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
NO_PROCESS = 2**22 + 1


@pytest.fixture
def child():
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as process:
        yield process
        process.communicate(b"\n")


def test_a_tree_is_a_process_and_what_it_started(child):
    assert tree(os.getpid())[0] == os.getpid()
    assert child.pid in tree(os.getpid())
    assert parent_of(child.pid) == os.getpid()


def test_memory_is_told_for_each_process_that_runs(child):
    found = {each.pid: each for each in memory([os.getpid(), child.pid, NO_PROCESS])}
    assert found.keys() == {os.getpid(), child.pid}
    assert found[os.getpid()].rss > 1
    assert found[child.pid].command.startswith(sys.executable)


def test_a_process_that_has_ended_took_and_has_nothing():
    assert cpu_seconds([NO_PROCESS]) == 0
    assert rss_of(NO_PROCESS) == 0
    assert parent_of(NO_PROCESS) == 0


def test_a_watch_keeps_the_most_memory_that_it_saw():
    with Watch(lambda: [os.getpid()]) as watch:
        rss = rss_of(os.getpid())
    assert watch.peak > rss / 2
