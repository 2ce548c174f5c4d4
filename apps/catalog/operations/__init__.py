"""Everything that writes to the catalog. Each write is a batch: a handful of statements, however many entities."""

from apps.catalog.operations.admin_entities import check_admin_entity, delete_admin_entities, save_admin_entity
from apps.catalog.operations.deletion import delete_entities, delete_orphans
from apps.catalog.operations.history import prune_history
from apps.catalog.operations.indexing import refresh_statistics, sum_up_counts
from apps.catalog.operations.locations import delete_location, register_location, try_location, update_location
from apps.catalog.operations.mutations import apply_delta_mutation, apply_full_mutation, confirm_removal
from apps.catalog.operations.processing import process_due
from apps.catalog.operations.providers import (
    connect_providers,
    follow_configured_locations,
    hand_over_names,
    scheduled_providers,
)
from apps.catalog.operations.refreshing import refresh_entity, refresh_keys
from apps.catalog.operations.single import delete_entity_by_uid, delete_unprocessed_entity
from apps.catalog.operations.stitching import mark_for_stitching, stitch_pending, waiting_since

__all__ = [
    "apply_delta_mutation",
    "apply_full_mutation",
    "check_admin_entity",
    "confirm_removal",
    "connect_providers",
    "delete_admin_entities",
    "delete_entities",
    "delete_entity_by_uid",
    "delete_location",
    "delete_orphans",
    "delete_unprocessed_entity",
    "follow_configured_locations",
    "hand_over_names",
    "mark_for_stitching",
    "process_due",
    "prune_history",
    "refresh_entity",
    "refresh_keys",
    "refresh_statistics",
    "register_location",
    "save_admin_entity",
    "scheduled_providers",
    "stitch_pending",
    "sum_up_counts",
    "try_location",
    "update_location",
    "waiting_since",
]
