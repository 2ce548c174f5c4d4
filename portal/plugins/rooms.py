"""Rooms: the modules of fixed names in which an app says what it has to say to the portal."""

from __future__ import annotations

from importlib import import_module
from types import ModuleType

from django.apps import AppConfig
from django.utils.module_loading import module_has_submodule


def room(app: AppConfig, name: str) -> ModuleType | None:
    """Return a room of an app, or None if it has none; ``name`` may be dotted (``api.urls``).

    An error inside the room passes through, for a typo in a plugin must not look like a missing file. A note on it
    says whose room it was.
    """
    package = app.module
    try:
        for part in name.split("."):
            if package is None or not module_has_submodule(package, part):
                return None
            package = import_module(f"{package.__name__}.{part}")
    except Exception as error:
        error.add_note(f"The portal was importing the room '{name}' of {app}.")
        raise
    return package
