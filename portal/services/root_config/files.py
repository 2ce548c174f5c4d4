"""The configuration that was read from files when settings were loaded."""

from __future__ import annotations

from portal.config import Config, current
from portal.services.root_config.base import RootConfigService


class FileConfig(RootConfigService):
    """The layers that ``portal.config.load_config`` merged."""

    def current(self) -> Config:
        """Return the process's configuration."""
        return current()
