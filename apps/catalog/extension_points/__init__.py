"""What modules of the catalog may add: processors, providers, kinds, formats, location types, analyzers.

This is the whole in-process door into the catalog. A module adds in ``ModuleConfig.extend``::

    def extend(self, points):
        points[CatalogProcessing].add_processor(MyProcessor())
"""

from apps.catalog.extension_points.analysis import (
    Analysis,
    CatalogAnalysis,
    ExistingEntity,
    LocationAnalyzer,
    ScmLocationAnalyzer,
)
from apps.catalog.extension_points.locations import CatalogLocations
from apps.catalog.extension_points.model import CatalogModel, catalog_model
from apps.catalog.extension_points.processing import (
    ANNOTATION_POSITION,
    DEFAULT_PRIORITY,
    FROM_LOCATION,
    JSON,
    CatalogProcessing,
    DeferredEntity,
    Emitter,
    EntityProvider,
    EntityProviderConnection,
    FailedEntity,
    FromLocation,
    Parser,
    Placeholder,
    PlaceholderResolver,
    ProcessingContext,
    ProcessingErrorHandler,
    Processor,
    ProcessorCache,
    ReadContext,
    ScheduledEntityProvider,
    SourceDocument,
    SourcePosition,
)

__all__ = [
    "ANNOTATION_POSITION",
    "DEFAULT_PRIORITY",
    "FROM_LOCATION",
    "JSON",
    "Analysis",
    "CatalogAnalysis",
    "CatalogLocations",
    "CatalogModel",
    "CatalogProcessing",
    "DeferredEntity",
    "Emitter",
    "EntityProvider",
    "EntityProviderConnection",
    "ExistingEntity",
    "FailedEntity",
    "FromLocation",
    "LocationAnalyzer",
    "Parser",
    "Placeholder",
    "PlaceholderResolver",
    "ProcessingContext",
    "ProcessingErrorHandler",
    "Processor",
    "ProcessorCache",
    "ReadContext",
    "ScheduledEntityProvider",
    "ScmLocationAnalyzer",
    "SourceDocument",
    "SourcePosition",
    "catalog_model",
]
