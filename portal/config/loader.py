"""From files and environment to one configuration."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path

from portal.config.config import Config
from portal.config.environment import environment_layer
from portal.config.files import ConfigFiles, Fingerprint, changed_since
from portal.config.sources import config_error
from portal.config.transform import Transformer

_ENVIRONMENT_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")


class ConfigSource:
    """Where a process has its configuration from: files and environment, which can be read again and again.

    Without ``paths`` the files are, of those that exist in ``root``: ``app-config.yaml``, ``app-config.<env>.yaml`` for
    each name in ``BACKSTAGE_ENV`` (separated by commas), ``app-config.local.yaml`` and
    ``app-config.<env>.local.yaml``. ``paths`` takes the place of that list, and each of them has to exist. The
    variables ``APP_CONFIG_…`` come last, over everything.
    """

    def __init__(self, paths: Sequence[Path] | None = None, *, root: Path, environ: Mapping[str, str]) -> None:
        self._paths = None if paths is None else [path.absolute() for path in paths]
        self._root = root.absolute()
        self._environ = environ
        #: The state of every file that the last reading looked at, whether or not that came to anything.
        self.fingerprint: Fingerprint = ()

    def load(self) -> Config:
        """Read and merge the layers, the later over the earlier.

        Raise ``ConfigError``, naming file, line, key, rule and what to do, for anything that can't be read.
        """
        files = ConfigFiles(self._root)
        try:
            found = self._paths
            if found is None:
                found = [path for path in _default_paths(self._root, self._environ) if files.exists(path)]
            layers = [Transformer(files, self._environ).layer(path) for path in found]
        finally:
            self.fingerprint = files.fingerprint
        variables = environment_layer(self._environ)
        if variables.tree:
            layers.append(variables)
        return Config(layers, fingerprint=files.fingerprint)

    def changed(self) -> bool:
        """Say whether a file differs from when it was last read; one that was missing and is there now does too."""
        return changed_since(self.fingerprint)


def load_config(paths: Sequence[Path] | None = None, *, root: Path, environ: Mapping[str, str]) -> Config:
    """Read a configuration once: what ``ConfigSource(paths, root=…, environ=…).load()`` returns, or raises."""
    return ConfigSource(paths, root=root, environ=environ).load()


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
