"""Processing: what happens between finding an entity and storing it. Plain Python: no models, no queries.

``build_orchestrator()`` puts the pipeline together; ``Orchestrator.process()`` takes one entity through it.
"""

from apps.catalog.processing.build import build_orchestrator
from apps.catalog.processing.locations import (
    ConfigLocationProvider,
    config_locations,
    location_entity,
)
from apps.catalog.processing.orchestrator import Orchestrator
from apps.catalog.processing.results import ProcessingError, ProcessingResult
from apps.catalog.processing.rules import CatalogRules
from apps.catalog.processing.validation import validate_entity

__all__ = [
    "CatalogRules",
    "ConfigLocationProvider",
    "Orchestrator",
    "ProcessingError",
    "ProcessingResult",
    "build_orchestrator",
    "config_locations",
    "location_entity",
    "validate_entity",
]
