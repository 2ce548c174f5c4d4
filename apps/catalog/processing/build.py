"""Putting the pipeline together from the configuration and from what modules add."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from apps.catalog.conf import CatalogConf
from apps.catalog.conf import conf as catalog_conf
from apps.catalog.extension_points import CatalogLocations, CatalogModel, CatalogProcessing, Processor, catalog_model
from apps.catalog.processing.annotate_location import AnnotateLocationEntityProcessor
from apps.catalog.processing.builtin_kinds import BuiltinKindsEntityProcessor
from apps.catalog.processing.file_reader import FileReaderProcessor
from apps.catalog.processing.orchestrator import Orchestrator
from apps.catalog.processing.parsing import parse_source
from apps.catalog.processing.placeholders import PlaceholderProcessor
from apps.catalog.processing.rules import CatalogRules
from apps.catalog.processing.url_reader import UrlReaderProcessor
from portal.errors import ConflictError
from portal.integrations import scm_integrations
from portal.plugins import extension_point
from portal.services import logger, url_reader


def build_orchestrator(conf: CatalogConf = catalog_conf) -> Orchestrator:
    """Return the orchestrator that the configuration and the installed modules ask for.

    It doesn't change when they do: build it anew. Raises ``ConfigError`` for a mistake in the configuration.
    """
    processing = extension_point(CatalogProcessing)
    model = extension_point(CatalogModel)
    integrations = scm_integrations(conf.config)
    processors: list[Processor] = [
        PlaceholderProcessor(url_reader, integrations, processing.placeholder_resolvers),
        BuiltinKindsEntityProcessor(catalog_model(conf).kinds),
    ]
    if not conf.disable_default_processors:
        processors += [
            FileReaderProcessor(),
            UrlReaderProcessor(url_reader),
            AnnotateLocationEntityProcessor(integrations),
        ]
    return Orchestrator(
        processors=in_order([*processors, *processing.processors], conf),
        rules=CatalogRules.from_conf(conf),
        allowed_types=extension_point(CatalogLocations).allowed_types,
        integrations=integrations,
        logger=logger.for_plugin("catalog"),
        parse=model.parser or parse_source,
        formats=model.formats,
    )


def in_order(processors: Iterable[Processor], conf: CatalogConf) -> Sequence[Processor]:
    """Return the processors that ``catalog.processorOptions`` leaves enabled, in the order of their priorities."""
    options = conf.config.child("catalog.processorOptions")
    ranked: dict[str, tuple[float, Processor]] = {}
    for processor in processors:
        if processor.name in ranked:
            raise ConflictError(
                f"There are two processors '{processor.name}', one of them the catalog's own. "
                f"Give the module's another name."
            )
        own = options.child(f"['{processor.name}']")
        if not own.get_bool("disabled", False):
            ranked[processor.name] = (own.get_float("priority", processor.priority), processor)
    return [processor for _, processor in sorted(ranked.values(), key=lambda pair: pair[0])]
