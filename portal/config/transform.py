"""From parsed files to layers: variables are substituted, and ``$env``, ``$file`` and ``$include`` resolved."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final, NamedTuple

from portal.config.files import ConfigFiles, Document
from portal.config.sources import Layer, Source, config_error
from portal.config.substitution import Unset, substitute, variable
from portal.config.tree import JsonObject, JsonValue, KeyPath, descend, describe_type

INCLUDES: Final = ("$env", "$file", "$include")
INCLUDED_SUFFIXES: Final = (".yaml", ".yml", ".json")
MAX_DEPTH: Final = 100


class _Place(NamedTuple):
    """Where the walk is: the file, the way inside that file, the line, and the includes that led here."""

    document: Document
    inside: KeyPath
    source: Source
    chain: tuple[tuple[Path, str], ...]

    def enter(self, part: str | int) -> _Place:
        """Return the place of a member or an item."""
        inside = (*self.inside, part)
        line = self.document.lines.get(inside, self.source.line)
        return self._replace(inside=inside, source=Source(self.document.label, line))


class Transformer:
    """Turns one file, with all that it includes, into a layer."""

    def __init__(self, files: ConfigFiles, environ: Mapping[str, str]) -> None:
        self._files = files
        self._environ = environ
        self._sources: dict[KeyPath, Source] = {}
        self._unset: dict[KeyPath, str] = {}
        self._includes: dict[str, Callable[[str, KeyPath, _Place], JsonValue | Unset]] = {
            "$env": self._env,
            "$file": self._file,
            "$include": self._include,
        }

    def layer(self, path: Path) -> Layer:
        """Read the file at ``path``. An empty file is an empty layer; any other root than an object is refused."""
        document = self._files.document(path)
        place = _Place(document, (), Source(document.label), ((path, ""),))
        tree: JsonValue | Unset = {}
        if document.value is not None:
            tree = self._walk(document.value, (), place)
        if not isinstance(tree, dict):
            found = "undefined" if isinstance(tree, Unset) else describe_type(tree)
            raise config_error(
                f"must be an object (lines of 'key: value') at its root, not {found}. Check the file's first lines.",
                source=document.label,
            )
        return Layer(document.label, tree, self._sources, self._unset)

    def _walk(self, value: JsonValue, key: KeyPath, place: _Place) -> JsonValue | Unset:
        if len(key) > MAX_DEPTH:
            raise config_error(
                f"is nested more than {MAX_DEPTH} levels deep. Flatten it.", source=place.source, key=key[:3]
            )
        self._sources[key] = place.source
        if isinstance(value, str):
            return self._substituted(value, key, place)
        if isinstance(value, list):
            return self._list(value, key, place)
        if isinstance(value, dict):
            include = next((name for name in INCLUDES if name in value), None)
            return self._object(value, key, place) if include is None else self._resolve(include, value, key, place)
        return value

    def _object(self, value: JsonObject, key: KeyPath, place: _Place) -> JsonValue:
        result: JsonObject = {}
        for name, member in value.items():
            walked = self._walk(member, (*key, name), place.enter(name))
            if isinstance(walked, Unset):
                self._unset[(*key, name)] = walked.variable
            else:
                result[name] = walked
        return result

    def _list(self, value: list[JsonValue], key: KeyPath, place: _Place) -> JsonValue:
        result: list[JsonValue] = []
        for position, item in enumerate(value):
            # Items that are undefined leave no gap, so the positions of those behind them change.
            walked = self._walk(item, (*key, len(result)), place.enter(position))
            if isinstance(walked, Unset):
                self._unset[(*key, position)] = walked.variable
            else:
                result.append(walked)
        return result

    def _substituted(self, text: str, key: KeyPath, place: _Place) -> str | Unset:
        try:
            return substitute(text, self._environ)
        except ValueError as error:
            raise config_error(str(error), source=place.source, key=key, cause=error) from error

    def _resolve(self, include: str, value: JsonObject, key: KeyPath, place: _Place) -> JsonValue | Unset:
        others = [name for name in value if name != include]
        if others:
            raise config_error(
                f"{include} stands for the whole object and may have no keys beside it. Remove {', '.join(others)}.",
                source=place.source,
                key=key,
            )
        argument = value[include]
        place = place.enter(include)
        if not isinstance(argument, str) or not argument:
            raise config_error(
                f"{include} must be a string, not {describe_type(argument)}. Give it a {_WANTED[include]}.",
                source=place.source,
                key=key,
            )
        substituted = self._substituted(argument, key, place)
        if isinstance(substituted, Unset):
            raise config_error(
                f"{include} needs the environment variable {substituted.variable}, which is not set. "
                f"Set it, or give a fallback: ${{{substituted.variable}:-…}}.",
                source=place.source,
                key=key,
            )
        return self._includes[include](substituted, key, place)

    def _env(self, name: str, key: KeyPath, place: _Place) -> str | Unset:
        try:
            return variable(name, self._environ)
        except ValueError as error:
            raise config_error(str(error), source=place.source, key=key, cause=error) from error

    def _file(self, name: str, key: KeyPath, place: _Place) -> str:
        path = (place.document.path.parent / name).absolute()
        return self._files.text(path, source=place.source, key=key, subject=f"$file '{name}'").rstrip()

    def _include(self, target: str, key: KeyPath, place: _Place) -> JsonValue | Unset:
        name, _, fragment = target.partition("#")
        path = (place.document.path.parent / name).absolute()
        if path.suffix not in INCLUDED_SUFFIXES:
            raise config_error(
                f"$include '{name}' must end in {', '.join(INCLUDED_SUFFIXES)}. Use $file for the text of other files.",
                source=place.source,
                key=key,
            )
        step = (path.resolve(), fragment)
        self._refuse_cycle(step, key, place)
        document = self._files.document(path, source=place.source, key=key, subject=f"$include '{name}'")
        inside: KeyPath = tuple(fragment.split(".")) if fragment else ()
        value = self._part_of(document, inside, key, place)
        source = Source(document.label, document.lines.get(inside))
        return self._walk(value, key, _Place(document, inside, source, (*place.chain, step)))

    def _refuse_cycle(self, step: tuple[Path, str], key: KeyPath, place: _Place) -> None:
        """Refuse to include what is being read: the same part of a file, or a part that contains this place."""
        for path, fragment in place.chain:
            if path.resolve() == step[0] and _contains(step[1], fragment):
                files = [self._files.label(file) for file, _ in (*place.chain, step)]
                raise config_error(
                    f"$include goes round in a circle: {' → '.join(files)}. Remove one of these includes.",
                    source=place.source,
                    key=key,
                )

    def _part_of(self, document: Document, inside: KeyPath, key: KeyPath, place: _Place) -> JsonValue:
        steps, value = descend(document.value, inside)
        if steps == len(inside):
            return value
        there = (
            f"has {', '.join(sorted(value)) or 'nothing'}" if isinstance(value, dict) else f"is {describe_type(value)}"
        )
        at = ".".join(str(part) for part in inside[:steps]) or "its root"
        raise config_error(
            f"$include '{document.label}#{'.'.join(str(part) for part in inside)}' names nothing: {at} {there}. "
            f"Correct the part behind the #.",
            source=place.source,
            key=key,
        )


_WANTED: Final = {
    "$env": "variable's name",
    "$file": "file's path",
    "$include": "file's path, with #dotted.path for a part",
}


def _contains(outer: str, inner: str) -> bool:
    """Say whether one part of a file (a dotted path, "" for all of it) is, or holds, another."""
    return not outer or inner == outer or inner.startswith(f"{outer}.")
