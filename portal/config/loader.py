"""From files and environment to one configuration."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path

from portal.config.config import Config
from portal.config.environment import environment_layer
from portal.config.files import ConfigFiles
from portal.config.sources import config_error
from portal.config.transform import Transformer

_ENVIRONMENT_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")


def load_config(paths: Sequence[Path] | None = None, *, root: Path, environ: Mapping[str, str]) -> Config:
    """Read and merge the layers of the configuration, the later over the earlier.

    Without ``paths`` these are, of those that exist in ``root``: ``app-config.yaml``, ``app-config.<env>.yaml`` for
    each name in ``BACKSTAGE_ENV`` (separated by commas), ``app-config.local.yaml`` and
    ``app-config.<env>.local.yaml``. ``paths`` takes the place of that list, and each of them has to exist. The
    variables ``APP_CONFIG_…`` come last, over everything.

    Raise ``ConfigError``, naming file, line, key, rule and what to do, for anything that can't be read.
    """
    files = ConfigFiles(root.absolute())
    if paths is None:
        found = [path for path in _default_paths(root.absolute(), environ) if files.exists(path)]
    else:
        found = [path.absolute() for path in paths]
    layers = [Transformer(files, environ).layer(path) for path in found]
    variables = environment_layer(environ)
    if variables.tree:
        layers.append(variables)
    return Config(layers, fingerprint=files.fingerprint)


def _default_paths(root: Path, environ: Mapping[str, str]) -> list[Path]:
    names = [name for name in map(str.strip, environ.get("BACKSTAGE_ENV", "").split(",")) if name]
    for name in names:
        if not _ENVIRONMENT_NAME.fullmatch(name):
            raise config_error(
                f"'{name}' is not the name of an environment. Use letters, digits, '.', '_', '-', and commas between.",
                source="BACKSTAGE_ENV",
            )
    variants = ["", *(f".{name}" for name in names), ".local", *(f".{name}.local" for name in names)]
    return [root / f"app-config{variant}.yaml" for variant in variants]
