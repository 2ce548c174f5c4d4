"""What the plugin changes: locations of the catalog, and repositories."""

from apps.catalog_import.operations.hosts import host_of
from apps.catalog_import.operations.importing import Imported, import_files
from apps.catalog_import.operations.pull_requests import (
    OpenedPullRequest,
    PullRequest,
    as_yaml,
    can_open_pull_requests,
    open_pull_request,
    proposed_entity,
    validation_errors,
)

__all__ = [
    "Imported",
    "OpenedPullRequest",
    "PullRequest",
    "as_yaml",
    "can_open_pull_requests",
    "host_of",
    "import_files",
    "open_pull_request",
    "proposed_entity",
    "validation_errors",
]
