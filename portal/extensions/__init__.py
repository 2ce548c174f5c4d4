"""The extension tree: what plugins attach to the interface, and how it is resolved and rendered.

This is the public door. A plugin's room ``extensions`` subclasses the blueprints; every subclass there is installed,
and its id is derived from its kind, its plugin and its name.
"""

from portal.entities import Predicate
from portal.extensions.analytics import AnalyticsEvent
from portal.extensions.apis import Api, ApiRef
from portal.extensions.appwide import (
    AnalyticsImplementation,
    Announcement,
    Command,
    IconBundle,
    PluginHeaderAction,
    PluginWrapper,
    SwappableComponent,
    Translation,
    UserMenuItem,
)
from portal.extensions.base import Extension, Relative
from portal.extensions.blueprints import (
    AppRootElement,
    AppRootWrapper,
    NavContent,
    Page,
    SignInPage,
    SubPage,
    Theme,
)
from portal.extensions.definitions import ApiDefinition, ApiDefinitionWidget
from portal.extensions.entity import (
    CatalogFilter,
    EntityCard,
    EntityContent,
    EntityContentLayout,
    EntityContextMenuItem,
    EntityHeader,
    EntityHeaderLayout,
    EntityIconLink,
)
from portal.extensions.exports import CatalogExportConfig, CatalogExporter, ExportColumn
from portal.extensions.flags import FeatureFlag
from portal.extensions.inputs import AttachmentPoint, Input
from portal.extensions.media import Media
from portal.extensions.page import PageContext
from portal.extensions.registry import ask_api, get_api, get_tree
from portal.extensions.rendering import guarded, render_extension, render_slot, visible_children
from portal.extensions.resolution import resolve
from portal.extensions.surfaces import (
    FormDecorator,
    FormField,
    HomePageLayout,
    HomeWidget,
    SearchFilter,
    SearchResultListItem,
    SearchResultType,
    TechDocsAddon,
)
from portal.extensions.tree import ExtensionSpec, Node, State, Tree

__all__ = [
    "AnalyticsEvent",
    "AnalyticsImplementation",
    "Announcement",
    "Api",
    "ApiDefinition",
    "ApiDefinitionWidget",
    "ApiRef",
    "AppRootElement",
    "AppRootWrapper",
    "AttachmentPoint",
    "CatalogExportConfig",
    "CatalogExporter",
    "CatalogFilter",
    "Command",
    "EntityCard",
    "EntityContent",
    "EntityContentLayout",
    "EntityContextMenuItem",
    "EntityHeader",
    "EntityHeaderLayout",
    "EntityIconLink",
    "ExportColumn",
    "Extension",
    "ExtensionSpec",
    "FeatureFlag",
    "FormDecorator",
    "FormField",
    "HomePageLayout",
    "HomeWidget",
    "IconBundle",
    "Input",
    "Media",
    "NavContent",
    "Node",
    "Page",
    "PageContext",
    "PluginHeaderAction",
    "PluginWrapper",
    "Predicate",
    "Relative",
    "SearchFilter",
    "SearchResultListItem",
    "SearchResultType",
    "SignInPage",
    "State",
    "SubPage",
    "SwappableComponent",
    "TechDocsAddon",
    "Theme",
    "Translation",
    "Tree",
    "UserMenuItem",
    "ask_api",
    "get_api",
    "get_tree",
    "guarded",
    "render_extension",
    "render_slot",
    "resolve",
    "visible_children",
]
