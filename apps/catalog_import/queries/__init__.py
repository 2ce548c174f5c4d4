"""What the plugin knows: of addresses, and of how registered files get on."""

from apps.catalog_import.queries.findings import (
    PLUGIN_ID,
    Finding,
    FoundEntity,
    FoundFile,
    integration_of,
    is_file,
    look_at,
    owners,
)
from apps.catalog_import.queries.progress import FileProgress, progress_of

__all__ = [
    "PLUGIN_ID",
    "FileProgress",
    "Finding",
    "FoundEntity",
    "FoundFile",
    "integration_of",
    "is_file",
    "look_at",
    "owners",
    "progress_of",
]
