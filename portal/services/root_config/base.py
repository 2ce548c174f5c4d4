"""Contract of the root config service (Backstage's ``core.rootConfig``)."""

from __future__ import annotations

from abc import abstractmethod
from typing import Any

from portal.config import Config
from portal.services.base import Service


class RootConfigService(Service):
    """Gives the merged configuration. Plugins read their own part through a ``Section`` in ``conf.py`` instead."""

    service_name = "root_config"

    @abstractmethod
    def current(self) -> Config:
        """Return the configuration as it is now."""

    def get(self, path: str = "", default: Any = None) -> Any:
        """Return the JSON value at a dotted path, or ``default``."""
        return self.current().get(path, default)

    def has(self, path: str) -> bool:
        """Say whether a value is set at a dotted path."""
        return self.current().has(path)
