"""The utility API that knows the widgets, ``api:api-docs/config``: replaceable as any extension is."""

from __future__ import annotations

from abc import ABC, abstractmethod

from portal.extensions import ApiRef, Node


class ApiDocsConfigApi(ABC):
    """Says what shows the definition of an API. Widgets are attached to the extension that provides it."""

    @abstractmethod
    def widget_for(self, type: str) -> Node | None:
        """Return the ``ApiDefinitionWidget`` for a ``spec.type``; None shows the definition as a text."""


api_docs_config_api: ApiRef[ApiDocsConfigApi] = ApiRef("plugin.api-docs.config", ApiDocsConfigApi)
