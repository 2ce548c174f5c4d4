"""What an entity may look like: kinds, relations, the formats of names, and how files are read."""

from __future__ import annotations

import threading
from collections.abc import Callable

from apps.catalog.conf import CatalogConf
from apps.catalog.conf import conf as catalog_conf
from apps.catalog.extension_points.processing import Parser
from portal.config import Config
from portal.entities import (
    BUILTIN_LAYERS,
    DEFAULT_FORMATS,
    EntityModel,
    FieldFormats,
    Format,
    ModelLayer,
    compile_layers,
)
from portal.errors import ConflictError, InputError, PortalError
from portal.plugins import ExtensionPoint, extension_point


class CatalogModel(ExtensionPoint):
    """What an entity may look like (Backstage's ``catalog.model``)."""

    id = "catalog.model"
    plugin_id = "catalog"

    def __init__(self) -> None:
        super().__init__()
        self.layers: list[ModelLayer] = []
        self.formats: FieldFormats = DEFAULT_FORMATS
        self.parser: Parser | None = None
        self._compiled: tuple[Config, EntityModel] | None = None
        self._lock = threading.Lock()

    def add_model_layer(self, *layers: ModelLayer) -> None:
        """Add layers of kinds and relations over the catalog's own; ``ModelLayer.parse`` reads one from JSON.

        Those of ``catalog.model.layers`` in the configuration come last.
        """
        self.require_open()
        self.layers += layers

    def set_field_validators(self, **validators: Format | Callable[[object], bool]) -> None:
        """Replace the formats of fields by name: ``api_version``, ``kind``, ``entity_name``, ``namespace``,
        ``label_key``, ``label_value``, ``annotation_key``, ``annotation_value``, ``tag``.

        A function is asked whether a value will do. A ``Format`` also says in words what will.
        """
        self.require_open()
        for name, validator in validators.items():
            if name not in FieldFormats._fields:
                raise InputError(
                    f"There is no field format '{name}' to replace; there are {', '.join(FieldFormats._fields)}."
                )
            if getattr(self.formats, name) is not getattr(DEFAULT_FORMATS, name):
                raise ConflictError(f"The format '{name}' is replaced twice; uninstall one of the modules that do.")
            rule = validator if isinstance(validator, Format) else Format(validator, "what this portal's rules allow")
            self.formats = self.formats._replace(**{name: rule})

    def set_entity_data_parser(self, parser: Parser) -> None:
        """Replace what splits the bytes of a file into documents, for files of any location."""
        self.require_open()
        if self.parser is not None:
            raise ConflictError("The parser of entity files is set twice; uninstall one of the modules that set it.")
        self.parser = parser

    def compiled(self, conf: CatalogConf) -> EntityModel:
        """Return the model of all layers, made once for a configuration. Raises ``ConfigError`` for faulty ones."""
        config = conf.config
        with self._lock:
            if self._compiled is None or self._compiled[0] is not config:
                self._compiled = config, _compile(self.layers, conf)
            return self._compiled[1]


def catalog_model(conf: CatalogConf = catalog_conf) -> EntityModel:
    """Return what the catalog knows of entities: its own layers, those of modules, those of the configuration.

    Raises ``ConfigError`` for layers that don't fit each other.
    """
    return extension_point(CatalogModel).compiled(conf)


def _compile(added: list[ModelLayer], conf: CatalogConf) -> EntityModel:
    config = conf.config
    try:
        configured = [ModelLayer.parse(document) for document in conf.model_layers]
        return compile_layers([*BUILTIN_LAYERS, *added, *configured])
    except PortalError as error:
        raise config.error("catalog.model.layers", f"makes no model: {error.message}", cause=error) from error
