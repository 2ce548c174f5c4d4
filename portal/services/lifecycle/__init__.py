"""The lifecycle service: what runs when a process starts and stops."""

from portal.services.lifecycle.base import Hook, LifecycleService, PluginLifecycle, Stage, StartupError
from portal.services.lifecycle.garbage import garbage_waits
from portal.services.lifecycle.parent import end_with_parent
from portal.services.lifecycle.process import ProcessLifecycle

__all__ = [
    "Hook",
    "LifecycleService",
    "PluginLifecycle",
    "ProcessLifecycle",
    "Stage",
    "StartupError",
    "end_with_parent",
    "garbage_waits",
]
