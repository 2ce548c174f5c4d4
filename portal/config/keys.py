"""Declared configuration keys: typed descriptors with a default, a visibility and a help text."""

from __future__ import annotations

import copy
from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Generic, Literal, Never, Self, TypedDict, TypeVar, Unpack, overload

from jsonschema_rs import validator_for

from portal.config import coercion
from portal.config.config import REQUIRED, Config
from portal.config.durations import to_duration
from portal.config.paths import join
from portal.config.tree import JsonValue, describe_type

if TYPE_CHECKING:
    from portal.config.section import Section

T = TypeVar("T")
D = TypeVar("D")

#: Who may see a value: every visitor, the operators, or nobody.
Visibility = Literal["frontend", "backend", "secret"]
#: Who may see all that a value holds, besides the operators.
DeepVisibility = Literal["frontend", "secret"]


class KeyOptions(TypedDict, total=False):
    """What every kind of key takes besides its path and its default."""

    visibility: Visibility
    deep_visibility: DeepVisibility
    deprecated: str
    help: str
    restart: bool | Callable[[JsonValue, JsonValue], bool]


class Key(Generic[T]):
    """One key of a section, made by one of the class's functions: ``readonly = Key.boolean("readonly",
    default=False)``.

    On a section's instance the attribute is the value as it is now, converted, or the default; ``ConfigError`` where
    it breaks the rule of its type, and, without a default, where it is absent. On the class it is the ``Key`` itself.

    ``path`` is relative to the section's prefix; empty for the prefix itself. ``visibility`` is ``"frontend"`` for
    what every visitor may see, ``"backend"`` (the default), or ``"secret"`` for what is blotted out in logs and on
    pages. ``deep_visibility``, ``"frontend"`` or ``"secret"``, says the same of everything that the value holds, keys
    of other sections among it. ``deprecated`` says why the key is to go and what takes its place: whoever sets it is
    told at start-up. ``help`` is a sentence or two for the reference page. ``restart`` says that a changed value takes
    effect when the process is started anew; as a function it says so of the values before and after. Without it: as the
    section has it.
    """

    def __init__(
        self,
        path: str,
        type_name: str,
        convert: Callable[[JsonValue], T] | None,
        default: object,
        *,
        secrets: Sequence[str] = (),
        holds_tree: bool = False,
        **options: Unpack[KeyOptions],
    ) -> None:
        """Use one of the functions below instead.

        ``convert`` is None for a key that is accepted and not used. ``holds_tree`` says that the value may be an object
        or a list of objects, so that what is below it belongs to this key too.
        """
        self.path = path
        self.type_name = type_name
        self.default = default
        self.visibility: Visibility = options.get("visibility", "backend")
        self.deep_visibility = options.get("deep_visibility")
        if {self.visibility, self.deep_visibility} == {"frontend", "secret"}:
            raise TypeError(f"The key '{path}' can't be both visible to every visitor and a secret.")
        self.deprecated = options.get("deprecated", "")
        self.help = options.get("help", "")
        self.restart = options.get("restart")
        self.secrets = tuple(secrets)
        self.holds_tree = holds_tree
        self._convert = convert

    @property
    def is_ignored(self) -> bool:
        """Whether the key is accepted and has no effect."""
        return self._convert is None

    @property
    def is_required(self) -> bool:
        """Whether the key has no default."""
        return self.default is REQUIRED

    def full_path(self, section: type[Section] | Section) -> str:
        """Return the dotted path from the root."""
        return join(section.prefix, self.path)

    @overload
    def __get__(self, instance: None, owner: type[Section]) -> Self: ...
    @overload
    def __get__(self, instance: Section, owner: type[Section]) -> T: ...
    def __get__(self, instance: Section | None, owner: type[Section]) -> Self | T:
        """Return the value for a section, the key itself for a section's class."""
        if instance is None:
            return self
        path = self.full_path(owner)
        if self._convert is None:
            raise TypeError(f"The configuration key {path} is accepted but not used: there is nothing to read.")
        config: Config = instance.config
        default: Any = self.default if self.is_required else copy.deepcopy(self.default)
        return config.read(path, default, self._convert)

    def __set__(self, instance: Section, value: Never) -> None:
        """Refuse: configuration is read-only."""
        raise AttributeError(
            f"{self.full_path(instance)} is configuration, which can't be assigned to. Tests use override_config()."
        )

    # The types of keys

    @staticmethod
    def string(path: str, *, default: D = REQUIRED, **options: Unpack[KeyOptions]) -> Key[str | D]:
        """Declare a string that isn't empty."""
        return Key(path, "string", coercion.to_str, default, **options)

    @staticmethod
    def boolean(path: str, *, default: D = REQUIRED, **options: Unpack[KeyOptions]) -> Key[bool | D]:
        """Declare a boolean; ``yes``, ``no``, ``on``, ``off``, ``y``, ``n``, 1 and 0 will do."""
        return Key(path, "boolean", coercion.to_bool, default, **options)

    @staticmethod
    def integer(path: str, *, default: D = REQUIRED, **options: Unpack[KeyOptions]) -> Key[int | D]:
        """Declare a whole number, which may be written as a string."""
        return Key(path, "integer", coercion.to_int, default, **options)

    @staticmethod
    def number(path: str, *, default: D = REQUIRED, **options: Unpack[KeyOptions]) -> Key[float | D]:
        """Declare a number, which may be written as a string."""
        return Key(path, "number", coercion.to_float, default, **options)

    @staticmethod
    def strings(path: str, *, default: list[str] | D = REQUIRED, **options: Unpack[KeyOptions]) -> Key[list[str] | D]:
        """Declare a list of strings, none of them empty."""
        return Key(path, "list of strings", coercion.to_strings, default, **options)

    @staticmethod
    def duration(
        path: str, *, default: D = REQUIRED, bare_numbers: str | None = None, **options: Unpack[KeyOptions]
    ) -> Key[timedelta | D]:
        """Declare a span of time: ``{hours: 1}``, ``1h``, ``PT1H``, or a plain number of the unit ``bare_numbers``."""
        name = f"duration, or a number of {bare_numbers}" if bare_numbers else "duration"
        return Key(path, name, lambda value: to_duration(value, bare_numbers=bare_numbers), default, **options)

    @staticmethod
    def choice(
        path: str, *, choices: Sequence[str], default: D = REQUIRED, **options: Unpack[KeyOptions]
    ) -> Key[str | D]:
        """Declare a string that is one of ``choices``."""
        return Key(path, " | ".join(choices), lambda value: _chosen(value, choices), default, **options)

    @staticmethod
    def json(
        path: str,
        *,
        default: object = None,
        secrets: Sequence[str] = (),
        schema: Mapping[str, Any] | None = None,
        **options: Unpack[KeyOptions],
    ) -> Key[Any]:
        """Declare a JSON value whose shape its reader knows. It has to be a list, or an object, where the default is
        one, and to fit the JSON Schema ``schema``, if there is one.

        ``secrets`` are the paths of secrets inside it, with ``*`` for any member and ``[]`` for any item:
        ``"[].options.token"``. Members whose names speak of passwords and tokens are secret anyway.
        """
        name = "list" if isinstance(default, list) else "object" if isinstance(default, dict) else "JSON"
        validator = validator_for(dict(schema)) if schema is not None else None

        def convert(value: JsonValue) -> JsonValue:
            return _fitting(_shaped(value, default), validator)

        return Key(path, name, convert, default, secrets=secrets, holds_tree=True, **options)

    @staticmethod
    def ignored(path: str, *, help: str) -> Key[Never]:
        """Declare a key that is accepted without a warning and has no effect; ``help`` says why."""
        return Key(path, "any", None, None, holds_tree=True, help=help)


def _chosen(value: JsonValue, choices: Sequence[str]) -> str:
    if isinstance(value, str) and value in choices:
        return value
    found = f"'{value}'" if isinstance(value, str) and value else describe_type(value)
    raise ValueError(f"must be {' or '.join(choices)}, not {found}.")


def _fitting(value: JsonValue, validator: Any) -> JsonValue:
    for error in validator.iter_errors(value) if validator is not None else ():
        where = ".".join(map(str, error.instance_path))
        raise ValueError(f"has a mistake at {where}: {error.message}." if where else f"has a mistake: {error.message}.")
    return value


def _shaped(value: JsonValue, default: object) -> JsonValue:
    if isinstance(default, list | dict) and type(value) is not type(default):
        raise ValueError(f"must be {describe_type(type(default)())}, not {describe_type(value)}.")
    return copy.deepcopy(value)
