"""The placeholders ``$openapi`` and ``$asyncapi``."""

from __future__ import annotations

import ryaml

from apps.catalog.extension_points import JSON, Placeholder
from apps.catalog.modules.openapi.bundle import bundle
from apps.catalog.modules.openapi.documents import Documents
from portal.entities import MAX_BYTES


def resolve_api_definition(placeholder: Placeholder) -> JSON:
    """Return the definition in a file, and all that it refers to, as the text of one YAML document.

    Source: Backstage's ``jsonSchemaRefPlaceholderResolver``, which serves both placeholders.
    """
    documents = Documents(placeholder)
    text = ryaml.dumps(bundle(documents))
    if len(text.encode()) > MAX_BYTES:
        raise documents.error(
            f"{documents.root.name} becomes larger than {MAX_BYTES // 1_000_000} MB when it is bundled. Split it into "
            f"several APIs."
        )
    return text
