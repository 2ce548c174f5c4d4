"""The catalog in the Django admin: what is in it, what waits, what went wrong, and what is in doubt.

Most rows are what the pipeline wrote, so they are read here and not edited; the actions ask the pipeline for things
instead. Locations are registered here, and entities can be written.
"""

from apps.catalog.admin.doubts import ConflictAdmin, HeldRemovalAdmin
from apps.catalog.admin.entities import FinalEntityAdmin, HistoryEntryAdmin
from apps.catalog.admin.handmade import AdminEntityAdmin
from apps.catalog.admin.locations import LocationAdmin
from apps.catalog.admin.pipeline import RefreshEdgeAdmin, RefreshStateAdmin, RelationAdmin, StitchRequestAdmin

__all__ = [
    "AdminEntityAdmin",
    "ConflictAdmin",
    "FinalEntityAdmin",
    "HeldRemovalAdmin",
    "HistoryEntryAdmin",
    "LocationAdmin",
    "RefreshEdgeAdmin",
    "RefreshStateAdmin",
    "RelationAdmin",
    "StitchRequestAdmin",
]
