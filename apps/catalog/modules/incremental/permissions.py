"""The permissions that the module owns; names are Backstage's."""

from __future__ import annotations

from portal.permissions import Permission

INGESTION_READ = Permission("catalog.ingestion.read", "read")
INGESTION_MANAGE = Permission("catalog.ingestion.manage", "update")
