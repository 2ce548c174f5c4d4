"""Configuration of the health service."""

from __future__ import annotations

from portal.config import Key, Section


class HealthConf(Section):
    """The health endpoints."""

    prefix = "backend.health"

    headers = Key.json("headers", default={}, help="Headers that the answers of the health endpoints bear, by name.")


conf = HealthConf()
