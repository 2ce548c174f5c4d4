"""The lifecycle of this process."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable, Mapping

from django.db import connections

from portal.errors import ConfigError
from portal.services import logger
from portal.services.lifecycle.base import Hook, LifecycleService, PluginLifecycle, Stage, StartupError
from portal.services.lifecycle.conf import conf, startup_conf

CORE = "app"


class _Hooks:
    """The hooks of one plugin or of the core."""

    def __init__(self, service: ProcessLifecycle) -> None:
        self._service = service
        self.startup: list[Hook] = []
        self.shutdown: list[Hook] = []

    def on_startup(self, hook: Hook) -> None:
        self._service.require_stage(Stage.NEW, "startup")
        self.startup.append(hook)

    def on_shutdown(self, hook: Hook) -> None:
        self._service.require_stage(Stage.STARTED, "shutdown")
        self.shutdown.append(hook)


class ProcessLifecycle(LifecycleService):
    """Runs the hooks that were added in this process. ``sleep`` is for tests."""

    def __init__(self, *, sleep: Callable[[float], object] = time.sleep) -> None:
        self._sleep = sleep
        self._lock = threading.Lock()
        self._stage = Stage.NEW
        self._failure = ""
        self._core = _Hooks(self)
        self._before_shutdown: list[Hook] = []
        self._plugins: dict[str, _Hooks] = {}

    @property
    def stage(self) -> Stage:
        """Where the process is."""
        return self._stage

    @property
    def failure(self) -> str:
        """What ``start`` failed with."""
        return self._failure

    def for_plugin(self, plugin_id: str) -> PluginLifecycle:
        """Return what a plugin adds its hooks to."""
        with self._lock:
            return self._plugins.setdefault(plugin_id, _Hooks(self))

    def on_startup(self, hook: Hook) -> None:
        """Add a startup hook of the core."""
        self._core.on_startup(hook)

    def on_before_shutdown(self, hook: Hook) -> None:
        """Add a hook that runs first when the process stops."""
        self.require_stage(Stage.STARTED, "before-shutdown")
        self._before_shutdown.append(hook)

    def on_shutdown(self, hook: Hook) -> None:
        """Add a shutdown hook of the core."""
        self._core.on_shutdown(hook)

    def require_stage(self, last: Stage, kind: str) -> None:
        """Raise ``StartupError`` if the process is past the stage at which a hook of this kind can still be added."""
        allowed = {Stage.NEW} if last is Stage.NEW else {Stage.NEW, Stage.STARTING, Stage.STARTED, Stage.FAILED}
        if self._stage not in allowed:
            raise StartupError(f"A {kind} hook was added too late: the process is {self._stage.value}.")

    def start(self) -> None:
        """Run the startup hooks of the plugins, then those of the core."""
        if not self._enter(Stage.STARTING, after={Stage.NEW}):
            return
        failures = [
            f"plugin '{plugin_id}': {error}"
            for plugin_id, error in self._run_plugins(lambda hooks: hooks.startup, "startup", stop_at_failure=True)
            if _aborts(plugin_id)
        ]
        if not failures:
            failures = [f"core: {error}" for error in _run(CORE, self._core.startup, "startup", stop_at_failure=True)]
        if failures:
            parts = sorted({failure.partition(":")[0] for failure in failures})
            self._failure = f"The process failed to start ({', '.join(parts)}); the log says why."
            self._enter(Stage.FAILED, after={Stage.STARTING})
            raise StartupError("Start-up failed. " + " ".join(f"{failure}." for failure in failures))
        self._enter(Stage.STARTED, after={Stage.STARTING})

    def shutdown(self) -> None:
        """Say that the process stops, wait the configured delay, then run the plugins' hooks and the core's."""
        if not self._enter(Stage.STOPPING, after={Stage.NEW, Stage.STARTING, Stage.STARTED, Stage.FAILED}):
            return
        _run(CORE, self._before_shutdown, "before-shutdown")
        delay = conf.server_shutdown_delay.total_seconds()
        if delay > 0:
            self._sleep(delay)
        self._run_plugins(lambda hooks: hooks.shutdown, "shutdown")
        _run(CORE, reversed(self._core.shutdown), "shutdown")
        self._enter(Stage.STOPPED, after={Stage.STOPPING})

    def _enter(self, stage: Stage, *, after: set[Stage]) -> bool:
        with self._lock:
            if self._stage not in after:
                return False
            self._stage = stage
            return True

    def _run_plugins(
        self, choose: Callable[[_Hooks], list[Hook]], kind: str, *, stop_at_failure: bool = False
    ) -> list[tuple[str, str]]:
        """Run the hooks of all plugins at once, each plugin's one after the other; return (plugin id, error) pairs."""
        failures: list[tuple[str, str]] = []

        def run(plugin_id: str, hooks: list[Hook]) -> None:
            try:
                failures.extend(
                    (plugin_id, error) for error in _run(plugin_id, hooks, kind, stop_at_failure=stop_at_failure)
                )
            finally:
                connections.close_all()

        threads = [
            threading.Thread(target=run, args=(plugin_id, choose(hooks)), name=f"{kind}:{plugin_id}")
            for plugin_id, hooks in self._plugins.items()
            if choose(hooks)
        ]
        for thread in threads:
            try:
                thread.start()
            except RuntimeError:
                # An interpreter that is ending starts no threads; what is to be done is done all the same.
                thread.run()
        for thread in threads:
            if thread.is_alive():
                thread.join()
        return sorted(failures)


def _run(plugin_id: str, hooks: Iterable[Hook], kind: str, *, stop_at_failure: bool = False) -> list[str]:
    """Run hooks in order and return the errors in words. A failure is logged here, with its traceback."""
    failures = []
    for hook in hooks:
        try:
            hook()
        except Exception as error:  # noqa: BLE001 - one hook must not keep the others from running
            logger.for_plugin(plugin_id).exception(f"A {kind} hook failed", hook=_name(hook))
            failures.append(f"{_name(hook)}: {type(error).__name__}: {error}")
            if stop_at_failure:
                break
    return failures


def _name(hook: Hook) -> str:
    return getattr(hook, "__qualname__", None) or repr(hook)


def _aborts(plugin_id: str) -> bool:
    """Say whether a plugin's failure to start ends the process (``backend.startup``)."""
    where = f"backend.startup.plugins.{plugin_id}"
    own = startup_conf.plugins.get(plugin_id, {}) if isinstance(startup_conf.plugins, Mapping) else {}
    policy = own.get("onPluginBootFailure")
    if policy is None:
        where, policy = "backend.startup.default", startup_conf.default.get("onPluginBootFailure", "abort")
    if policy not in {"abort", "continue"}:
        raise ConfigError(f"{where}.onPluginBootFailure is {policy!r}; it must be 'abort' or 'continue'.")
    return bool(policy == "abort")
