"""The merged configuration, and how to read it."""

from __future__ import annotations

import copy
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from functools import reduce
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Never, TypeVar, cast

from portal.config import coercion
from portal.config.durations import to_duration
from portal.config.files import Fingerprint, changed_since
from portal.config.paths import format_path, parse_path
from portal.config.sources import Layer, config_error
from portal.config.tree import JsonObject, JsonValue, KeyPath, descend, describe_type, merge, without_nulls
from portal.errors import ConfigError

if TYPE_CHECKING:
    from portal.config.redaction import Redaction

T = TypeVar("T")
D = TypeVar("D")

#: The default of a key that must be set.
REQUIRED: Final[Never] = cast("Never", object())


@dataclass(frozen=True, eq=False)
class _Merged:
    """What a configuration and the views into its parts share."""

    layers: tuple[Layer, ...]
    tree: JsonObject
    fingerprint: Fingerprint = ()
    redaction: list[Redaction] = field(default_factory=list)


class Config:
    """A view on the merged configuration, or on a part of it. It never changes; a reload makes a new one.

    Paths are dotted and relative to the view: ``backend.cache.store``, ``catalog.locations[0].target``. Whatever is
    null counts as absent. A getter without a default raises ``ConfigError`` where the value is absent, and every
    getter does where it has another type or where something on the way isn't an object; the error names file, line,
    key and rule.
    """

    def __init__(self, layers: Sequence[Layer] = (), *, fingerprint: Fingerprint = ()) -> None:
        """Merge ``layers``, the lowest first. ``fingerprint`` is the state of the files that they were read from."""
        empty: JsonValue = {}
        tree = without_nulls(reduce(merge, (layer.tree for layer in layers), empty))
        self._merged = _Merged(tuple(layers), cast("JsonObject", tree), fingerprint)
        self._prefix: KeyPath = ()

    @classmethod
    def of(cls, tree: Mapping[str, Any], name: str = "given values") -> Config:
        """Return the configuration that ``tree`` makes alone, for tests; ``name`` is what messages call it."""
        return cls([Layer(name, dict(tree))])

    def __repr__(self) -> str:
        names = ", ".join(layer.name for layer in self._merged.layers) or "nothing"
        return f"<Config {format_path(self._prefix)!r} from {names}>"

    # Values

    def get(self, path: str = "", default: Any = None) -> Any:
        """Return the JSON value at ``path`` (a copy, so it may be changed), or ``default`` where it is absent."""
        value = self._find(path)
        return default if value is None else copy.deepcopy(value)

    def has(self, path: str) -> bool:
        """Say whether there is a value at ``path``, whatever its type."""
        return self._find(path) is not None

    def keys(self, path: str = "") -> list[str]:
        """Return the names of the members of the object at ``path``; none where it is absent."""
        return list(self.read(path, {}, _to_object))

    def get_str(self, path: str, default: D = REQUIRED) -> str | D:
        """Return a string that isn't empty."""
        return self.read(path, default, coercion.to_str)

    def get_int(self, path: str, default: D = REQUIRED) -> int | D:
        """Return a whole number; it may be written as a string."""
        return self.read(path, default, coercion.to_int)

    def get_float(self, path: str, default: D = REQUIRED) -> float | D:
        """Return a number; it may be written as a string."""
        return self.read(path, default, coercion.to_float)

    def get_bool(self, path: str, default: D = REQUIRED) -> bool | D:
        """Return a boolean; it may be written as yes, no, on, off, y, n, 1 or 0."""
        return self.read(path, default, coercion.to_bool)

    def get_duration(self, path: str, default: D = REQUIRED, *, bare_numbers: str | None = None) -> timedelta | D:
        """Return a span of time: ``{hours: 1}``, ``1h``, ``PT1H``, or a plain number of the unit ``bare_numbers``."""
        return self.read(path, default, lambda value: to_duration(value, bare_numbers=bare_numbers))

    def get_strings(self, path: str, default: list[str] | D = REQUIRED) -> list[str] | D:
        """Return a list of strings, none of them empty."""
        return self.read(path, default, coercion.to_strings)

    def read(self, path: str, default: D, convert: Callable[[JsonValue], T]) -> T | D:
        """Return the value as ``convert`` makes it, for types that have no getter.

        ``convert`` raises ``ValueError`` whose text is the rule that is broken and what to do; file, line and key are
        added.
        """
        value = self._find(path)
        if value is None:
            if default is _REQUIRED:
                raise self._missing(path)
            return default
        try:
            return convert(value)
        except ValueError as error:
            raise self.error(path, str(error), cause=error) from error

    # Parts

    def child(self, path: str) -> Config:
        """Return a view on the object at ``path``; an empty one where it is absent."""
        self.read(path, {}, _to_object)
        return self._view((*self._prefix, *parse_path(path)))

    def children(self, path: str) -> list[Config]:
        """Return a view for each object in the list at ``path``; none where it is absent."""
        items = self.read(path, [], _to_objects)
        base = (*self._prefix, *parse_path(path))
        return [self._view((*base, position)) for position in range(len(items))]

    def error(self, path: str, rule: str, *, cause: BaseException | None = None) -> ConfigError:
        """Return a ``ConfigError`` about the value at ``path``. ``rule`` says what is wrong, and what to do."""
        key = (*self._prefix, *parse_path(path))
        return config_error(rule, source=self.source_of(path), key=key, cause=cause)

    def with_layer(self, layer: Layer) -> Config:
        """Return the whole configuration with one more layer on top."""
        return Config((*self._merged.layers, layer), fingerprint=self.fingerprint)

    # Where it comes from

    def source_of(self, path: str = "") -> str:
        """Return where the value at ``path`` was written: ``app-config.local.yaml:12``; empty where it is absent."""
        parts = (*self._prefix, *parse_path(path))
        for layer in reversed(self._merged.layers):
            if _decides(layer, parts):
                steps, value = descend(layer.tree, parts)
                return str(layer.source_of(parts)) if steps == len(parts) and value is not None else ""
        return ""

    @property
    def files(self) -> tuple[Path, ...]:
        """Every file that was read: the layers, and what they include."""
        return tuple(path for path, state in self._merged.fingerprint if state is not None)

    @property
    def fingerprint(self) -> Fingerprint:
        """The state of the files when they were read, and of the layers that were looked for and weren't there."""
        return self._merged.fingerprint

    def changed_since(self, fingerprint: Fingerprint | None = None) -> bool:
        """Say whether a file of this configuration differs from ``fingerprint``, by default from when it was read.

        One ``stat`` for each file. A layer that has appeared since counts too.
        """
        return changed_since(self.fingerprint if fingerprint is None else fingerprint)

    @property
    def unset_variables(self) -> dict[str, str]:
        """The keys that are left out because an environment variable isn't set, with the variable's name."""
        return {format_path(path): layer.unset[path] for path, layer in self._unset().items()}

    # Secrets

    def secrets(self) -> frozenset[str]:
        """Return every value that is a secret, for redaction in logs. Texts of one character are left out."""
        return self._redaction().secrets

    def redacted(self) -> Any:
        """Return a copy of the tree with ``***`` in place of each secret."""
        _, value = descend(self._redaction().tree, self._prefix)
        return copy.deepcopy(value)

    def _redaction(self) -> Redaction:
        """Return the secrets, found once: the logger asks for them at every line. New sections make it look again."""
        # What is secret is declared in sections, which are built on this class.
        from portal.config.redaction import redaction_of

        found = self._merged.redaction
        if not found or found[0].outdated():
            found[:] = [redaction_of(self._merged.tree)]
        return found[0]

    def _view(self, prefix: KeyPath) -> Config:
        view = Config.__new__(Config)
        view._merged = self._merged
        view._prefix = prefix
        return view

    def _find(self, path: str) -> JsonValue:
        """Return the value at ``path`` itself, None where it is absent."""
        parts = (*self._prefix, *parse_path(path))
        steps, value = descend(self._merged.tree, parts)
        if steps == len(parts) or value is None:
            return value
        wanted: type = list if isinstance(parts[steps], int) else dict
        if isinstance(value, wanted):
            return None
        raise config_error(
            f"must be {describe_type(wanted())}, not {describe_type(value)}: {format_path(parts)} is read from it.",
            source=self._view(()).source_of(format_path(parts[:steps])),
            key=parts[:steps],
        )

    def _missing(self, path: str) -> ConfigError:
        key = (*self._prefix, *parse_path(path))
        if layer := self._unset().get(key):
            rule = f"is missing because the environment variable {layer.unset[key]} is not set. Set it."
            return config_error(rule, source=layer.source_of(key), key=key)
        files = ", ".join(layer.name for layer in self._merged.layers) or "the configuration, which is empty"
        return config_error(f"is missing, and has no default. Set it in {files}.", key=key)

    def _unset(self) -> dict[KeyPath, Layer]:
        """Return what an unset variable left out and no higher layer has anything to say about, with its layer."""
        unset: dict[KeyPath, Layer] = {}
        for layer in self._merged.layers:
            unset = {path: lower for path, lower in unset.items() if not _decides(layer, path)}
            unset |= dict.fromkeys(layer.unset, layer)
        return unset


#: The same sentinel under a type that mypy doesn't take for unreachable code.
_REQUIRED: Final[object] = cast("object", REQUIRED)


def _decides(layer: Layer, path: KeyPath) -> bool:
    """Say whether a layer hides what lower ones have at ``path``."""
    steps, value = descend(layer.tree, path)
    through_list = any(isinstance(part, int) for part in path[: steps + 1])
    return steps == len(path) or through_list or not isinstance(value, dict)


def _to_object(value: JsonValue) -> JsonObject:
    if not isinstance(value, dict):
        raise ValueError(f"must be an object (lines of 'key: value'), not {describe_type(value)}.")
    return value


def _to_objects(value: JsonValue) -> list[JsonValue]:
    if not isinstance(value, list):
        raise ValueError(f"must be a list of objects, not {describe_type(value)}. Begin each with '- '.")
    for position, item in enumerate(value):
        if not isinstance(item, dict):
            raise ValueError(f"must be a list of objects, but item {position} is {describe_type(item)}.")
    return value
