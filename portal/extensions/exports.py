"""Taking the catalog's list away as a file: further formats, and further columns."""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Self

import orjson

from portal.entities import Entity
from portal.extensions.base import ConfigSchema, Extension, Relative
from portal.extensions.inputs import AttachmentPoint

_NAME = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_COLUMN = {
    "type": "object",
    "properties": {
        "entityFilterKey": {"type": "string", "minLength": 1},
        "title": {"type": "string", "minLength": 1},
    },
    "required": ["entityFilterKey", "title"],
    "additionalProperties": False,
}


@dataclass(frozen=True, slots=True)
class ExportColumn:
    """A column of an exported list: what heads it, and what an entity has in it."""

    title: str
    value: Callable[[Entity], str]

    @classmethod
    def of_field(cls, field: str, title: str) -> Self:
        """Return the column of a field such as ``metadata.annotations.acme.example/team``."""
        path = field.split(".")
        return cls(title, lambda entity: _as_text(_at(entity, path)))


class CatalogExporter(ABC):
    """A format that the catalog's list can be exported in."""

    #: Its name in the address, ``format=<name>``.
    name: str
    #: What people choose it by.
    title: str
    #: What the file's name ends in, without a dot.
    extension: str
    content_type: str

    @abstractmethod
    def write(self, entities: Iterator[Entity], columns: Sequence[ExportColumn]) -> Iterator[str | bytes]:
        """Yield the file in pieces, while the entities are read; there may be any number of them.

        Cells come from whoever writes catalog files: a format that spreadsheets open has to keep them from running as
        formulas, as ``portal.http.csv`` does.
        """

    def stream(self, texts: Iterator[str], columns: Sequence[ExportColumn]) -> Iterator[str | bytes]:
        """Yield the file in pieces, given the entities as JSON texts. Override it where they needn't be read."""
        return self.write(map(orjson.loads, texts), columns)


class CatalogExportConfig(Extension):
    """Formats and columns that the export of the catalog's list has besides its own.

    A format called ``csv`` or ``json`` takes the place of the list's own. Columns follow those of the list.
    """

    abstract = True
    kind = "catalog-export-config"
    attach_to: ClassVar[AttachmentPoint | Relative | None] = ("page:catalog", "exportConfig")
    config_schema: ClassVar[ConfigSchema] = {"columns": {"type": "array", "items": _COLUMN}}

    exporters: ClassVar[Sequence[CatalogExporter]] = ()
    columns: ClassVar[Sequence[ExportColumn]] = ()

    def all_columns(self) -> list[ExportColumn]:
        """Return its columns: those of the configuration, if there are any, else its own."""
        configured = self.config.get("columns")
        if configured is None:
            return list(self.columns)
        return [ExportColumn.of_field(one["entityFilterKey"], one["title"]) for one in configured]

    def faults(self) -> Iterable[str]:
        """Return what is wrong; the names of formats stand in addresses."""
        for exporter in self.exporters:
            if not _NAME.fullmatch(exporter.name):
                yield f"its exporter's name '{exporter.name}' isn't of lower case letters, digits and dashes"


def _at(value: Any, path: Sequence[str]) -> Any:
    """Return what is at a path, None if nothing is. Keys with dots in them, as annotations have, are found as well."""
    if not path:
        return value
    if not isinstance(value, Mapping):
        return None
    for length in range(len(path), 0, -1):
        if (key := ".".join(path[:length])) in value:
            return _at(value[key], path[length:])
    return None


def _as_text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, list) and all(isinstance(one, str) for one in value):
        return ", ".join(value)
    return value if isinstance(value, str) else orjson.dumps(value).decode()
