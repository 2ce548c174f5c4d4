"""The test kit for plugins and modules: what each keeps to, clients that are somebody, and services to play with.

A plugin's tests load ``portal.testing.pytest_plugin``, which brings fixtures, and subclass ``PluginConformance``; those
of a module, ``ModuleConformance``. It needs pytest, which the portal itself doesn't.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from portal.testing.clients import client_of, external_access, signed_in_client
    from portal.testing.clock import FakeClock
    from portal.testing.conformance import ModuleConformance, PluginConformance
    from portal.testing.entities import SAMPLE_ENTITIES, sample_entity
    from portal.testing.fakes import FakeCache, FakeLogger, FakePermissions, FakeScheduler, FakeUrlReader, LogLine
    from portal.testing.rendering import SOMEBODY, page_context, render

__all__ = [
    "SAMPLE_ENTITIES",
    "SOMEBODY",
    "FakeCache",
    "FakeClock",
    "FakeLogger",
    "FakePermissions",
    "FakeScheduler",
    "FakeUrlReader",
    "LogLine",
    "ModuleConformance",
    "PluginConformance",
    "client_of",
    "external_access",
    "page_context",
    "render",
    "sample_entity",
    "signed_in_client",
]

_MODULES = ("clients", "clock", "conformance", "entities", "fakes", "rendering")


def __getattr__(name: str) -> Any:
    # Nothing is imported before it is asked for: pytest loads its plugins, one of which is in this package, before
    # Django has settings, and most of what is here needs them.
    if name in __all__:
        for module in map(import_module, (f"{__name__}.{module}" for module in _MODULES)):
            if hasattr(module, name):
                return getattr(module, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
