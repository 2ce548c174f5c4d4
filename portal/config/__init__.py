"""``app-config.yaml``: layers, variables, includes, and typed access to what they say.

Settings load it once (``load_config``, ``set_current``). A plugin declares its keys in a ``Section`` and reads those;
whoever needs more asks ``current()``.
"""

from portal.config.config import REQUIRED, Config
from portal.config.keys import Key
from portal.config.loader import load_config
from portal.config.process import current, on_change, override_config, set_current
from portal.config.section import Section, all_sections, config_errors, unserved_keys

__all__ = [
    "REQUIRED",
    "Config",
    "Key",
    "Section",
    "all_sections",
    "config_errors",
    "current",
    "load_config",
    "on_change",
    "override_config",
    "set_current",
    "unserved_keys",
]
