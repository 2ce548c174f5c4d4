"""``app-config.yaml``: layers, variables, includes, and typed access to what they say.

Settings load it (``ConfigSource``, ``set_current``), and a process follows its files (``follow``). A plugin declares
its keys in a ``Section`` and reads those; whoever needs more asks ``current()``.
"""

from portal.config.config import REQUIRED, Config
from portal.config.keys import Key
from portal.config.loader import ConfigSource, load_config
from portal.config.process import current, follow, on_change, on_trial, override_config, set_current, trial
from portal.config.section import (
    Section,
    all_sections,
    changed_keys,
    config_errors,
    deprecated_keys,
    read_once,
    unserved_keys,
)
from portal.config.visibility import frontend_tree, visibility_conflicts

__all__ = [
    "REQUIRED",
    "Config",
    "ConfigSource",
    "Key",
    "Section",
    "all_sections",
    "changed_keys",
    "config_errors",
    "current",
    "deprecated_keys",
    "follow",
    "frontend_tree",
    "load_config",
    "on_change",
    "on_trial",
    "override_config",
    "read_once",
    "set_current",
    "trial",
    "unserved_keys",
    "visibility_conflicts",
]
