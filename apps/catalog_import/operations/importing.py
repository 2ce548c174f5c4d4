"""Registering files."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from apps.catalog_import.queries import PLUGIN_ID
from portal.clients import catalog_sources
from portal.credentials import Credentials
from portal.errors import PortalError


@dataclass(frozen=True, slots=True)
class Imported:
    """What became of the request to register a file; ``error`` is empty if the catalog took it."""

    target: str
    error: str = ""


def import_files(targets: Sequence[str], *, credentials: Credentials) -> list[Imported]:
    """Register files, and have those read again that are registered already. One that fails doesn't stop the others."""
    sources = catalog_sources.acting_for(PLUGIN_ID, credentials)
    done = []
    for target in targets:
        try:
            sources.import_location(target)
        except PortalError as error:
            done.append(Imported(target, error.message))
        else:
            done.append(Imported(target))
    return done
