"""Django's ``CACHES``, for settings."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from portal.config import Config
from portal.services.cache.definition import definition_from


def caches_from(config: Config, environ: Mapping[str, str]) -> dict[str, dict[str, Any]]:
    """Return ``CACHES`` with Django's own cache in the store of the cache service, under keys of its own.

    Raise ``ConfigError`` where ``backend.cache`` or ``CACHE_URL`` makes no sense.
    """
    return {"default": definition_from(config, environ).setting()}
