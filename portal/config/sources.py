"""Where a value comes from, and what to say when it is wrong."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple

from portal.config.paths import format_path
from portal.config.tree import JsonObject, KeyPath
from portal.errors import ConfigError


class Source(NamedTuple):
    """A place that a value was written in: a file, with the line (from 1) where it is known, or a variable's name."""

    name: str
    line: int | None = None

    def __str__(self) -> str:
        return f"{self.name}:{self.line}" if self.line else self.name


@dataclass(frozen=True)
class Layer:
    """One of the trees that are laid over each other to make the configuration.

    ``sources`` says where each value was written; ``unset`` names the variable for each key that was left out because
    the variable isn't set.
    """

    name: str
    tree: JsonObject
    sources: dict[KeyPath, Source] = field(default_factory=dict)
    unset: dict[KeyPath, str] = field(default_factory=dict)

    def source_of(self, path: KeyPath) -> Source:
        """Return where the value at ``path`` was written; the layer itself if nothing more is known."""
        return self.sources.get(path) or Source(self.name)


def config_error(
    rule: str, *, source: Source | str | None = None, key: KeyPath | str = (), cause: BaseException | None = None
) -> ConfigError:
    """Return an error whose message is ``<file>:<line>: <dotted key>: <rule>``.

    ``rule`` says what is wrong, what is right, and what to do.
    """
    dotted = key if isinstance(key, str) else format_path(key)
    where = [str(part) for part in (source, dotted) if part]
    error = ConfigError(": ".join([*where, rule]), cause=cause)
    error.key = dotted
    return error
