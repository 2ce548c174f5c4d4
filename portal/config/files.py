"""Reading the files of a configuration, and noticing later that one has changed."""

from __future__ import annotations

import stat
from pathlib import Path
from typing import NamedTuple

import orjson

from portal.config.lines import line_index
from portal.config.sources import Source, config_error
from portal.config.tree import JsonValue, KeyPath
from portal.config.yaml import parse_yaml
from portal.errors import ConfigError

#: A configuration file may have this many bytes.
MAX_FILE_BYTES = 4 * 1024 * 1024

#: For each path: its modification time in nanoseconds, size and inode; None where nothing is there.
Fingerprint = tuple[tuple[Path, tuple[int, int, int] | None], ...]


class Document(NamedTuple):
    """A parsed file: how messages call it, where it is, its value, and the line of each key."""

    label: str
    path: Path
    value: JsonValue
    lines: dict[KeyPath, int]


class ConfigFiles:
    """Reads the files of one configuration, and keeps what tells later whether they have changed."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._seen: dict[Path, tuple[int, int, int] | None] = {}

    @property
    def fingerprint(self) -> Fingerprint:
        """The state of each file when it was read, and None for those that were looked for in vain."""
        return tuple(self._seen.items())

    def exists(self, path: Path) -> bool:
        """Say whether there is something at ``path``, and remember that it was asked for."""
        state = file_state(path)
        self._seen[path] = state
        return state is not None

    def label(self, path: Path) -> str:
        """Return how messages call a file: relative to the root where it lies below it."""
        return str(path.relative_to(self._root)) if path.is_relative_to(self._root) else str(path)

    def text(self, path: Path, *, source: Source, key: KeyPath = (), subject: str = "the file") -> str:
        """Return the text of a UTF-8 file.

        An error is reported at ``source`` and ``key``, the place that asked for it, where the file is called
        ``subject``.
        """

        def refuse(rule: str, cause: BaseException | None = None) -> ConfigError:
            return config_error(f"{subject} {rule}", source=source, key=key, cause=cause)

        try:
            self._seen[path] = None
            status = path.stat()
            if stat.S_ISDIR(status.st_mode):
                raise refuse(f"is a directory ({path}). Name a file in it.")
            if not stat.S_ISREG(status.st_mode):
                # A named pipe would hold up the start until somebody writes to it.
                raise refuse(f"is not a regular file ({path}). Name one that is.")
            self._seen[path] = (status.st_mtime_ns, status.st_size, status.st_ino)
            with path.open("rb") as file:
                content = file.read(MAX_FILE_BYTES + 1)
        except FileNotFoundError as error:
            raise refuse(f"does not exist (looked for {path}). Create it, or correct the path.", error) from error
        except OSError as error:
            raise refuse(f"can't be read: {error.strerror}. Check the path and its permissions.", error) from error
        except ValueError as error:
            raise refuse(f"can't be read: {error}. Correct the path.", error) from error
        if len(content) > MAX_FILE_BYTES:
            raise refuse(f"is larger than {MAX_FILE_BYTES // 1024**2} MiB. Split it, or name the right file.")
        try:
            return content.decode("utf-8-sig")
        except UnicodeDecodeError as error:
            line = content.count(b"\n", 0, error.start) + 1
            raise refuse(f"is not UTF-8 text (line {line}). Save it as UTF-8.", error) from error

    def document(
        self, path: Path, *, source: Source | None = None, key: KeyPath = (), subject: str = "the file"
    ) -> Document:
        """Return a file parsed: JSON if its name ends so, YAML otherwise."""
        label = self.label(path)
        text = self.text(path, source=source or Source(label), key=key, subject=subject)
        value = _parse_json(text, file=label) if path.suffix == ".json" else parse_yaml(text, file=label)
        return Document(label, path, value, line_index(text))


def file_state(path: Path) -> tuple[int, int, int] | None:
    """Return what tells one version of a file from the next, or None if nothing is there."""
    try:
        status = path.stat()
    except (OSError, ValueError):
        return None
    return status.st_mtime_ns, status.st_size, status.st_ino


def changed_since(fingerprint: Fingerprint) -> bool:
    """Say whether any file differs from its state in ``fingerprint``: one ``stat`` for each."""
    return any(file_state(path) != state for path, state in fingerprint)


def _parse_json(text: str, *, file: str) -> JsonValue:
    try:
        value: JsonValue = orjson.loads(text)
    except orjson.JSONDecodeError as error:
        raise config_error(
            f"is not valid JSON: {error.msg} (line {error.lineno}, column {error.colno}). Correct it at that place.",
            source=Source(file, error.lineno),
            cause=error,
        ) from error
    return value
