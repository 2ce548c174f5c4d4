"""The outline of a definition, as all viewers that read definitions give it and one template shows it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

#: Entries on one page. More are reached by searching and turning pages.
PAGE_SIZE = 50


@dataclass(frozen=True, slots=True)
class Fact:
    """Something about the whole definition: a term and its values."""

    term: str
    values: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Text:
    """A description in Markdown."""

    text: str
    kind = "text"


@dataclass(frozen=True, slots=True)
class Field:
    """A row of a table of fields. ``depth`` says how deep it lies in the ones before it."""

    name: str
    type: str = ""
    note: str = ""
    depth: int = 0
    is_required: bool = False
    is_deprecated: bool = False
    #: What values must be like, in words: ``one of: a, b``.
    rules: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Fields:
    """A table of fields: parameters, the properties of a body, the values of an enum."""

    title: str
    rows: Sequence[Field] = ()
    note: str = ""
    #: Whether there is more than the rows say.
    is_cut: bool = False
    kind = "fields"


@dataclass(frozen=True, slots=True)
class Sample:
    """An example, or another piece of code; ``language`` is a name that Pygments knows."""

    title: str
    text: str
    language: str = "json"
    kind = "sample"


Part = Text | Fields | Sample


@dataclass(frozen=True, slots=True)
class Entry:
    """Something that the API has: an operation, a channel, a type. ``parts`` are made when it is shown."""

    name: str
    badge: str = ""
    group: str = ""
    summary: str = ""
    is_deprecated: bool = False
    #: Which colour the badge has: get, post, put, delete, event, type; anything else is grey.
    tone: str = ""
    parts: Callable[[], Iterable[Part]] = tuple

    def has(self, words: Iterable[str]) -> bool:
        """Say whether each word, in lowercase, is in its name, badge, group or summary."""
        text = f"{self.badge} {self.name} {self.group} {self.summary}".lower()
        return all(word in text for word in words)


@dataclass(frozen=True, slots=True)
class Section:
    """A page of entries: those of one search, ``offset`` of the first, and how many the search found."""

    entries: list[Entry]
    total: int
    offset: int = 0

    @property
    def last(self) -> int:
        """The number of the last entry, from 1."""
        return self.offset + len(self.entries)

    @property
    def previous(self) -> int | None:
        """Where the page before begins."""
        return max(0, self.offset - PAGE_SIZE) if self.offset else None

    @property
    def next(self) -> int | None:
        """Where the page after begins."""
        return self.last if self.last < self.total else None


@dataclass(frozen=True, slots=True)
class Reference:
    """What a definition says, in the order of its groups."""

    format: str
    title: str = ""
    version: str = ""
    description: str = ""
    facts: list[Fact] = field(default_factory=list)
    entries: list[Entry] = field(default_factory=list)
    #: What the entries are together: ``operations``.
    noun: str = "entries"

    def section(self, *, search: str = "", offset: int = 0, size: int = PAGE_SIZE) -> Section:
        """Return a page of the entries that have every word of ``search``; an offset beyond the end gives the last."""
        words = search.lower().split()
        found = [entry for entry in self.entries if entry.has(words)] if words else self.entries
        start = min(max(0, offset), max(0, len(found) - 1)) // size * size
        return Section(found[start : start + size], len(found), start)
