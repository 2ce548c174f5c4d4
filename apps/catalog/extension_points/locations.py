"""Which locations people may register."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from portal.errors import ConflictError
from portal.plugins import ExtensionPoint


class CatalogLocations(ExtensionPoint):
    """Which locations people may register (Backstage's ``catalog.locations``)."""

    id = "catalog.locations"
    plugin_id = "catalog"

    def __init__(self) -> None:
        super().__init__()
        self.allowed_types: Sequence[str] = ("url",)
        self._chosen = False

    def set_allowed_types(self, types: Iterable[str]) -> None:
        """Replace the types that may be registered, and that a Location may point at when its own type differs."""
        self.require_open()
        if self._chosen:
            raise ConflictError("The allowed location types are set twice; uninstall one of the modules that set them.")
        self.allowed_types = tuple(types)
        self._chosen = True
