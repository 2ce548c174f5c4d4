"""What the catalog attaches to the extension tree.

Extensions are shown in the order in which they are imported here; ``app.extensions`` may say otherwise.
"""

# isort: off
from apps.catalog.extensions.pages import CatalogIndexPage, CatalogEntityPage, MissingEntityPage
from apps.catalog.extensions.unprocessed import UnprocessedEntitiesPage
from apps.catalog.extensions.filters import (
    KindFilter,
    UserListFilter,
    TypeFilter,
    OwnerFilter,
    LifecycleFilter,
    TagFilter,
    ProcessingStatusFilter,
    NamespaceFilter,
)
from apps.catalog.extensions.stars import StarredEntities
from apps.catalog.extensions.header import StarAction
from apps.catalog.extensions.contents import OverviewContent, ComponentApisContent
from apps.catalog.extensions.history import HistoryContent
from apps.catalog.extensions.cards import AboutCard
from apps.catalog.extensions.people_cards import (
    GroupProfileCard,
    UserProfileCard,
    GroupHierarchyCard,
    OwnershipCard,
    MembersListCard,
)
from apps.catalog.extensions.cards import LocationStateCard, LinksCard, LabelsCard
from apps.catalog.extensions.relation_cards import (
    ProvidedApisCard,
    ConsumedApisCard,
    ProvidingComponentsCard,
    ConsumingComponentsCard,
    DependsOnComponentsCard,
    DependsOnResourcesCard,
    HasSubcomponentsCard,
    HasSubdomainsCard,
    HasSystemsCard,
    HasComponentsCard,
    HasApisCard,
    HasResourcesCard,
    DependencyOfComponentsCard,
    DependencyOfResourcesCard,
)
from apps.catalog.extensions.menus import ViewSourceLink, ReadDocsLink, LaunchTemplateLink
from apps.catalog.extensions.dialogs import InspectMenuItem
from apps.catalog.extensions.menus import WhyMenuItem, CopyUrlMenuItem
from apps.catalog.extensions.dialogs import UnregisterMenuItem
from apps.catalog.extensions.peek import EntityPeek
# isort: on

__all__ = [
    "AboutCard",
    "CatalogEntityPage",
    "CatalogIndexPage",
    "ComponentApisContent",
    "ConsumedApisCard",
    "ConsumingComponentsCard",
    "CopyUrlMenuItem",
    "DependencyOfComponentsCard",
    "DependencyOfResourcesCard",
    "DependsOnComponentsCard",
    "DependsOnResourcesCard",
    "EntityPeek",
    "GroupHierarchyCard",
    "GroupProfileCard",
    "HasApisCard",
    "HasComponentsCard",
    "HasResourcesCard",
    "HasSubcomponentsCard",
    "HasSubdomainsCard",
    "HasSystemsCard",
    "HistoryContent",
    "InspectMenuItem",
    "KindFilter",
    "LabelsCard",
    "LaunchTemplateLink",
    "LifecycleFilter",
    "LinksCard",
    "LocationStateCard",
    "MembersListCard",
    "MissingEntityPage",
    "NamespaceFilter",
    "OverviewContent",
    "OwnerFilter",
    "OwnershipCard",
    "ProcessingStatusFilter",
    "ProvidedApisCard",
    "ProvidingComponentsCard",
    "ReadDocsLink",
    "StarAction",
    "StarredEntities",
    "TagFilter",
    "TypeFilter",
    "UnprocessedEntitiesPage",
    "UnregisterMenuItem",
    "UserListFilter",
    "UserProfileCard",
    "ViewSourceLink",
    "WhyMenuItem",
]
