"""The pages about APIs."""

from apps.api_docs.views.definitions import DefinitionTextView, InteractiveView
from apps.api_docs.views.explorer import ApiExplorerView

__all__ = ["ApiExplorerView", "DefinitionTextView", "InteractiveView"]
