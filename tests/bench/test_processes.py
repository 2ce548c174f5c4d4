from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from bench import processes
from bench.processes import Watch, cpu_seconds, memory, others_cpu_seconds, parent_of, rss_of, tree

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
    assert found[child.pid].command == f"{Path(sys.executable).name} -c input()"


def test_a_process_that_has_ended_took_and_has_nothing():
    assert cpu_seconds([NO_PROCESS]) == 0
    assert rss_of(NO_PROCESS) == 0
    assert parent_of(NO_PROCESS) == 0


def test_what_a_process_and_its_children_took_is_not_taken_by_others(tmp_path, monkeypatch):
    monkeypatch.setattr(processes, "PROC", tmp_path)
    (tmp_path / "stat").write_text("cpu 300 100 50 9999 9999 5 5 0 0 0\ncpu0 300 100 50 9999 9999 5 5 0 0 0\n")
    for pid, parent, times in ((os.getpid(), 1, "100 20 30 10"), (77, os.getpid(), "40 0 0 0"), (78, 1, "90 0 0 0")):
        (tmp_path / str(pid)).mkdir()
        (tmp_path / str(pid) / "stat").write_text(f"{pid} (a name) S {parent} 0 0 0 0 0 0 0 0 0 {times} 20 0 1")
    assert others_cpu_seconds() * processes.TICKS == pytest.approx(460 - 160 - 40)


def test_a_watch_keeps_the_most_memory_that_it_saw():
    with Watch(lambda: [os.getpid()]) as watch:
        rss = rss_of(os.getpid())
    assert watch.peak > rss / 2
