"""The configuration as the portal has it, without its secrets."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from portal.config import all_sections, config_errors, current


@dataclass(frozen=True, slots=True)
class ConfigInfo:
    """The merged configuration, and what is wrong with it."""

    tree: dict[str, Any]
    errors: list[str] = field(default_factory=list)
    files: list[str] = field(default_factory=list)


def config_info() -> ConfigInfo:
    """Return the configuration of this process with ``***`` for each secret."""
    config = current()
    errors = [str(error) for error in config_errors(config, all_sections())]
    return ConfigInfo(config.redacted(), errors, [path.name for path in config.files])
