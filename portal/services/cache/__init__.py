"""The cache service: what plugins keep for a while, in the store that ``backend.cache`` names."""

from portal.services.cache.base import CacheService, PluginCache
from portal.services.cache.service import ConfiguredCache

__all__ = ["CacheService", "ConfiguredCache", "PluginCache"]
