"""The root config service: the process's ``app-config.yaml``."""

from portal.services.root_config.base import RootConfigService
from portal.services.root_config.files import FileConfig

__all__ = ["FileConfig", "RootConfigService"]
