"""What the plugin attaches to the extension tree; widgets are asked in the order in which they stand here."""

# isort: off
from apps.api_docs.extensions.pages import ApiExplorerPage, DefinitionPage
from apps.api_docs.extensions.widgets import (
    ApiDocsConfig,
    OpenApiWidget,
    AsyncApiWidget,
    GraphQlWidget,
    GrpcWidget,
    McpServerWidget,
)
from apps.api_docs.extensions.definition import ApiDefinitionContent, ApiDefinitionCard
# isort: on

__all__ = [
    "ApiDefinitionCard",
    "ApiDefinitionContent",
    "ApiDocsConfig",
    "ApiExplorerPage",
    "AsyncApiWidget",
    "DefinitionPage",
    "GraphQlWidget",
    "GrpcWidget",
    "McpServerWidget",
    "OpenApiWidget",
]
