"""The lifecycle: what runs in which order when a process starts and stops, and what a failure does."""

from __future__ import annotations

import threading
from collections.abc import Callable

import pytest

from portal.config import override_config
from portal.errors import ConfigError
from portal.services.lifecycle import ProcessLifecycle, Stage, StartupError
from tests.waiting import PATIENCE


class Steps:
    """Hooks that note that they ran."""

    def __init__(self) -> None:
        self.taken: list[str] = []

    def __call__(self, name: str) -> Callable[[], None]:
        return lambda: self.taken.append(name)


def fail() -> None:
    raise OSError("the oven is cold")


@pytest.fixture
def steps() -> Steps:
    return Steps()


@pytest.fixture
def lifecycle(steps: Steps) -> ProcessLifecycle:
    return ProcessLifecycle(sleep=lambda seconds: steps.taken.append(f"waited {seconds:g} s"))


def test_plugins_start_before_the_core_and_each_in_its_own_order(lifecycle: ProcessLifecycle, steps: Steps) -> None:
    lifecycle.on_startup(steps("core"))
    lifecycle.for_plugin("catalog").on_startup(steps("first"))
    lifecycle.for_plugin("catalog").on_startup(steps("second"))

    lifecycle.start()

    assert steps.taken == ["first", "second", "core"]
    assert lifecycle.stage is Stage.STARTED


def test_plugins_start_concurrently(lifecycle: ProcessLifecycle) -> None:
    together = threading.Barrier(2, timeout=PATIENCE)
    for plugin_id in ("catalog", "search"):
        lifecycle.for_plugin(plugin_id).on_startup(together.wait)

    lifecycle.start()

    assert lifecycle.stage is Stage.STARTED


def test_a_process_starts_once(lifecycle: ProcessLifecycle, steps: Steps) -> None:
    lifecycle.on_startup(steps("core"))

    lifecycle.start()
    lifecycle.start()

    assert steps.taken == ["core"]


def test_a_plugin_that_fails_keeps_the_process_from_starting(lifecycle: ProcessLifecycle, steps: Steps) -> None:
    lifecycle.for_plugin("catalog").on_startup(fail)
    lifecycle.for_plugin("catalog").on_startup(steps("after the failure"))
    lifecycle.for_plugin("search").on_startup(steps("another plugin"))
    lifecycle.on_startup(steps("core"))

    with pytest.raises(StartupError, match=r"plugin 'catalog': fail: OSError: the oven is cold"):
        lifecycle.start()

    assert lifecycle.stage is Stage.FAILED
    assert steps.taken == ["another plugin"]
    assert lifecycle.failure == "The process failed to start (plugin 'catalog'); the log says why."


def test_the_core_that_fails_keeps_the_process_from_starting(lifecycle: ProcessLifecycle) -> None:
    lifecycle.on_startup(fail)

    with pytest.raises(StartupError, match="core: fail"):
        lifecycle.start()


@pytest.mark.parametrize(
    "startup",
    [
        {"default": {"onPluginBootFailure": "continue"}},
        {
            "default": {"onPluginBootFailure": "abort"},
            "plugins": {"catalog": {"onPluginBootFailure": "continue"}},
        },
    ],
)
def test_a_plugin_that_may_fail_does_not(lifecycle: ProcessLifecycle, startup: dict[str, object]) -> None:
    lifecycle.for_plugin("catalog").on_startup(fail)

    with override_config({"backend": {"startup": startup}}):
        lifecycle.start()

    assert lifecycle.stage is Stage.STARTED


def test_a_plugin_of_its_own_policy_aborts(lifecycle: ProcessLifecycle) -> None:
    startup = {
        "default": {"onPluginBootFailure": "continue"},
        "plugins": {"catalog": {"onPluginBootFailure": "abort"}},
    }
    lifecycle.for_plugin("catalog").on_startup(fail)

    with override_config({"backend": {"startup": startup}}), pytest.raises(StartupError):
        lifecycle.start()


def test_a_policy_that_is_none_is_refused_with_its_key(lifecycle: ProcessLifecycle) -> None:
    lifecycle.for_plugin("catalog").on_startup(fail)
    startup = {"plugins": {"catalog": {"onPluginBootFailure": "ignore"}}}

    with (
        override_config({"backend": {"startup": startup}}),
        pytest.raises(ConfigError, match=r"backend\.startup\.plugins\.catalog\.onPluginBootFailure"),
    ):
        lifecycle.start()


def test_stopping_runs_plugins_before_the_core_and_the_cores_last_hook_first(
    lifecycle: ProcessLifecycle, steps: Steps
) -> None:
    lifecycle.on_shutdown(steps("core, added first"))
    lifecycle.on_shutdown(steps("core, added last"))
    lifecycle.on_before_shutdown(steps("before"))
    lifecycle.for_plugin("catalog").on_shutdown(steps("plugin"))
    lifecycle.start()

    with override_config({"backend": {"lifecycle": {"serverShutdownDelay": "7s"}}}):
        lifecycle.shutdown()

    assert steps.taken == ["before", "waited 7 s", "plugin", "core, added last", "core, added first"]
    assert lifecycle.stage is Stage.STOPPED


def test_a_process_that_waits_for_its_end_says_that_it_stops(lifecycle: ProcessLifecycle) -> None:
    stages: list[Stage] = []
    lifecycle.on_before_shutdown(lambda: stages.append(lifecycle.stage))
    lifecycle.start()

    lifecycle.shutdown()
    lifecycle.shutdown()

    assert stages == [Stage.STOPPING]


def test_a_shutdown_hook_that_fails_stops_nothing(lifecycle: ProcessLifecycle, steps: Steps) -> None:
    for hooks in (lifecycle.for_plugin("catalog"), lifecycle):
        hooks.on_shutdown(steps("good"))
        hooks.on_shutdown(fail)
        hooks.on_shutdown(steps("good"))
    lifecycle.on_before_shutdown(fail)
    lifecycle.start()

    lifecycle.shutdown()

    assert steps.taken == ["good"] * 4


def test_hooks_can_not_be_added_too_late(lifecycle: ProcessLifecycle, steps: Steps) -> None:
    lifecycle.start()
    with pytest.raises(StartupError, match="A startup hook was added too late: the process is started"):
        lifecycle.for_plugin("catalog").on_startup(steps("late"))
    lifecycle.for_plugin("catalog").on_shutdown(steps("in time"))
    lifecycle.shutdown()

    with pytest.raises(StartupError, match="the process is stopped"):
        lifecycle.on_shutdown(steps("late"))
    assert steps.taken == ["in time"]
