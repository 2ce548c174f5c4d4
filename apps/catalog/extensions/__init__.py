"""What the catalog attaches to the extension tree.

Extensions are shown in the order in which they are imported here; ``app.extensions`` may say otherwise.
"""

# isort: off
from apps.catalog.extensions.pages import CatalogIndexPage, CatalogEntityPage, MissingEntityPage
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
from apps.catalog.extensions.contents import OverviewContent, ApiDefinitionContent, ComponentApisContent, InspectContent
from apps.catalog.extensions.history import HistoryContent
from apps.catalog.extensions.cards import AboutCard
from apps.catalog.extensions.people_cards import GroupProfileCard, UserProfileCard, OwnershipCard, MembersListCard
from apps.catalog.extensions.cards import LocationStateCard, LinksCard, LabelsCard, ApiDefinitionCard
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
from apps.catalog.extensions.menus import ViewSourceLink, InspectMenuItem, WhyMenuItem, CopyUrlMenuItem
# isort: on

__all__ = [
    "AboutCard",
    "ApiDefinitionCard",
    "ApiDefinitionContent",
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
    "GroupProfileCard",
    "HasApisCard",
    "HasComponentsCard",
    "HasResourcesCard",
    "HasSubcomponentsCard",
    "HasSubdomainsCard",
    "HasSystemsCard",
    "HistoryContent",
    "InspectContent",
    "InspectMenuItem",
    "KindFilter",
    "LabelsCard",
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
    "StarredEntities",
    "TagFilter",
    "TypeFilter",
    "UserListFilter",
    "UserProfileCard",
    "ViewSourceLink",
    "WhyMenuItem",
]
