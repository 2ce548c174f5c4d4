"""Contract of the lifecycle service (Backstage's ``core.rootLifecycle`` and ``core.lifecycle``)."""

from __future__ import annotations

import enum
from abc import abstractmethod
from collections.abc import Callable
from typing import Protocol

from portal.errors import PortalError
from portal.services.base import Service

#: What is run: no arguments, and what it returns is ignored.
Hook = Callable[[], object]


class StartupError(PortalError):
    """A part that the process can't do without failed to start. The message names each one and its error."""


class Stage(enum.Enum):
    """Where a process is between its start and its end."""

    NEW = "new"
    STARTING = "starting"
    STARTED = "started"
    FAILED = "failed"
    STOPPING = "stopping"
    STOPPED = "stopped"


class PluginLifecycle(Protocol):
    """The hooks of one plugin."""

    def on_startup(self, hook: Hook) -> None:
        """Run ``hook`` when the process starts, before it says that it is ready."""

    def on_shutdown(self, hook: Hook) -> None:
        """Run ``hook`` when the process stops, while the core's services still work."""


class LifecycleService(Service):
    """Starts and stops a process in order; used directly, it takes the hooks of the core.

    Starting: the hooks of all plugins, concurrently, those of one plugin in the order in which they were
    added; then the core's. Stopping: the core's before-shutdown hooks, then the plugins' shutdown hooks,
    concurrently; then the core's, the last added first.
    """

    service_name = "lifecycle"

    @property
    @abstractmethod
    def stage(self) -> Stage:
        """Where the process is."""

    @abstractmethod
    def for_plugin(self, plugin_id: str) -> PluginLifecycle:
        """Return what a plugin adds its hooks to."""

    @abstractmethod
    def on_startup(self, hook: Hook) -> None:
        """Run ``hook`` after those of the plugins. Raises ``StartupError`` if the process has started already."""

    @abstractmethod
    def on_before_shutdown(self, hook: Hook) -> None:
        """Run ``hook`` first of all when the process stops: no new work has been refused yet."""

    @abstractmethod
    def on_shutdown(self, hook: Hook) -> None:
        """Run ``hook`` last, after those of the plugins."""

    @abstractmethod
    def start(self) -> None:
        """Run the startup hooks, once; a second call returns at once.

        Raises ``StartupError`` after all hooks have run if one of the core's failed, or one of a plugin whose
        ``onPluginBootFailure`` is ``abort``. Where it is ``continue`` the failure is logged and the process
        goes on.
        """

    @abstractmethod
    def shutdown(self) -> None:
        """Run the shutdown hooks, once. A hook that fails is logged and stops nothing."""

    @property
    @abstractmethod
    def failure(self) -> str:
        """Which parts failed to start, in words that anybody may read; empty if none did."""
