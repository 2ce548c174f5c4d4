"""Sections: the part of the configuration that a plugin, or one room of the core, declares as its own."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, ClassVar, NamedTuple

from portal.config.config import Config
from portal.config.keys import Key
from portal.config.paths import format_path, join, parse_path
from portal.config.process import current
from portal.config.tree import JsonValue, KeyPath
from portal.errors import ConfigError

_sections: list[type[Section]] = []


class Section:
    """A plugin's part of ``app-config.yaml``, in its ``conf.py``; its docstring opens its part of the reference page.

    ::

        class CatalogConf(Section):
            \"\"\"What the catalog reads, and from where.\"\"\"

            prefix = "catalog"
            readonly = Key.boolean("readonly", default=False, help="Refuse to register or remove locations.")

        conf = CatalogConf()

    ``conf.readonly`` reads the process's configuration each time, so that ``override_config`` and a reload reach it.
    A section made with a ``Config`` reads that one instead. ``listed=False`` as a class argument keeps a section out
    of the reference page and of ``unserved_keys``: for tests, and for base classes.
    """

    #: The dotted path of the object that the keys are in.
    prefix: ClassVar[str] = ""
    #: Whether changed values take effect only when the process is started anew. None: no, but in a module, which
    #: extends its plugin once, yes.
    restart: ClassVar[bool | None] = None

    def __init__(self, config: Config | None = None) -> None:
        self._config = config

    def __init_subclass__(cls, *, listed: bool = True, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        paths: dict[str, str] = {}
        for attribute, key in vars(cls).items():
            if not isinstance(key, Key):
                continue
            if hasattr(Section, attribute):
                raise TypeError(f"{cls.__name__}.{attribute}: a key may not hide what every Section has. Rename it.")
            if other := paths.get(key.path):
                raise TypeError(f"{cls.__name__}: {other} and {attribute} declare the same key '{key.path}'.")
            paths[key.path] = attribute
        parse_path(cls.prefix)
        if listed:
            _sections.append(cls)

    @property
    def config(self) -> Config:
        """The configuration that the keys are read from."""
        return current() if self._config is None else self._config

    @classmethod
    def declared_keys(cls) -> list[Key[Any]]:
        """Return the declared keys, in the order of their declaration, inherited ones first."""
        found: dict[str, Key[Any]] = {}
        for base in reversed(cls.__mro__):
            found |= {name: key for name, key in vars(base).items() if isinstance(key, Key)}
        return list(found.values())

    @classmethod
    def needs_restart(cls, key: Key[Any]) -> bool:
        """Say whether every change of ``key`` takes effect only when the process is started anew."""
        return bool(cls.restart) if key.restart is None else key.restart is True

    def has(self, path: str = "") -> bool:
        """Say whether anything is set at ``path`` below the prefix; at the prefix itself without one."""
        return self.config.has(join(self.prefix, path))

    def errors(self) -> list[ConfigError]:
        """Return what is wrong with the values of the declared keys: one error for each that can't be read."""
        found = []
        for key in self.declared_keys():
            try:
                if not key.is_ignored:
                    key.__get__(self, type(self))
            except ConfigError as error:
                found.append(error)
        return found


def all_sections() -> list[type[Section]]:
    """Return every listed section that has been imported, the core's among them, ordered by prefix."""
    import portal.config.sections  # noqa: F401 (declares the core's; they build on this module)

    return sorted(_sections, key=lambda section: (section.prefix, section.__qualname__))


def read_once(module: str) -> None:
    """Have the sections in a Python module need a restart for their changes, those apart that say so or otherwise."""
    for section in _sections:
        if section.__module__ == module and section.restart is None:
            section.restart = True


def section_count() -> int:
    """Return how many sections are listed so far, for caches of what follows from them."""
    return len(_sections)


def unserved_keys(config: Config, sections: Iterable[type[Section]]) -> list[str]:
    """Return the dotted paths in ``config`` that no section declares, each as short as possible.

    An object in which nothing is declared is named as a whole: ``kubernetes``, not each key below it.
    """
    served: set[KeyPath] = set()
    trees: set[KeyPath] = set()
    for section in sections:
        for key in section.declared_keys():
            path = parse_path(key.full_path(section))
            served.update(path[:length] for length in range(len(path) + 1))
            if key.holds_tree:
                trees.add(path)
    return [format_path(path) for path in _unserved(config.get(), (), served, trees)]


def _unserved(value: JsonValue, path: KeyPath, served: set[KeyPath], trees: set[KeyPath]) -> list[KeyPath]:
    if path not in served:
        return [path]
    if path in trees or not isinstance(value, dict):
        return []
    return [found for name, member in value.items() for found in _unserved(member, (*path, name), served, trees)]


def deprecated_keys(config: Config, sections: Iterable[type[Section]]) -> dict[str, str]:
    """Return the keys that are set though they are to go, by their paths, each with why and what to do."""
    return {
        path: key.deprecated
        for section in sections
        for key in section.declared_keys()
        if key.deprecated and config.has(path := key.full_path(section))
    }


class ChangedKey(NamedTuple):
    """A declared key whose value has changed, and whether the process has to be started anew for it."""

    path: str
    restart: bool


def changed_keys(before: Config, after: Config, sections: Iterable[type[Section]]) -> list[ChangedKey]:
    """Return the declared keys that have other values in one configuration than in the other, ordered by path."""
    found: dict[str, ChangedKey] = {}
    for section in sections:
        for key in section.declared_keys():
            path = key.full_path(section)
            values = before.get(path), after.get(path)
            if key.is_ignored or values[0] == values[1]:
                continue
            restart = key.restart(*values) if callable(key.restart) else section.needs_restart(key)
            found[path] = ChangedKey(path, restart or (path in found and found[path].restart))
    return [found[path] for path in sorted(found)]


def config_errors(config: Config, sections: Iterable[type[Section]]) -> list[ConfigError]:
    """Return everything that is wrong with the values of declared keys, so that it can be told at once.

    A value that several keys are read from is told of once.
    """
    errors = [error for section in sections for error in section(config).errors()]
    return list({error.key or str(error): error for error in reversed(errors)}.values())[::-1]
