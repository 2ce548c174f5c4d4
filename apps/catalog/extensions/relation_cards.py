"""Cards of what an entity is related to, each a table. One without a row isn't shown."""

from __future__ import annotations

from typing import Any, ClassVar

from apps.catalog.views.rows import SYSTEM, TAGS, columns_for, related_refs
from portal.extensions import EntityCard, PageContext


class RelationCard(EntityCard):
    """The entities of one relation and kind."""

    abstract = True
    template_name = "catalog/cards/relation.html"

    relation: ClassVar[str] = ""
    #: The kind of the other end, in lowercase.
    target_kind: ClassVar[str] = ""

    def suits(self, entity: dict[str, Any]) -> bool:
        """Say whether the entity is of the right kind and has such a relation."""
        prefix = f"{self.target_kind}:"
        return super().suits(entity) and any(ref.startswith(prefix) for ref in related_refs(entity, self.relation))

    def context(self, page: PageContext) -> dict[str, Any]:
        """Return the rows and columns, without what is the same on each."""
        of_system = page.entity["kind"] == "System"
        columns = columns_for(self.target_kind, without=[TAGS, SYSTEM] if of_system else [TAGS])
        rows = page.related.rows(self.relation, columns, self.target_kind)
        missing = [
            link
            for link in page.related.links(self.relation, self.target_kind)
            if link.missing and not page.related.is_truncated(self.relation)
        ]
        return {"title": self.title, "rows": rows, "columns": columns, "missing": missing}


class ProvidedApisCard(RelationCard):
    """The APIs that a component provides."""

    namespace = "api-docs"
    name = "provided-apis"
    title = "Provided APIs"
    filter = {"kind": "component"}
    relation = "providesApi"
    target_kind = "api"


class ConsumedApisCard(RelationCard):
    """The APIs that a component consumes."""

    namespace = "api-docs"
    name = "consumed-apis"
    title = "Consumed APIs"
    filter = {"kind": "component"}
    relation = "consumesApi"
    target_kind = "api"


class ProvidingComponentsCard(RelationCard):
    """The components that provide an API."""

    namespace = "api-docs"
    name = "providing-components"
    title = "Providers"
    filter = {"kind": "api"}
    relation = "apiProvidedBy"
    target_kind = "component"


class ConsumingComponentsCard(RelationCard):
    """The components that consume an API."""

    namespace = "api-docs"
    name = "consuming-components"
    title = "Consumers"
    filter = {"kind": "api"}
    relation = "apiConsumedBy"
    target_kind = "component"


class DependsOnComponentsCard(RelationCard):
    """The components that an entity depends on."""

    name = "depends-on-components"
    title = "Depends on components"
    relation = "dependsOn"
    target_kind = "component"


class DependsOnResourcesCard(RelationCard):
    """The resources that an entity depends on."""

    name = "depends-on-resources"
    title = "Depends on resources"
    relation = "dependsOn"
    target_kind = "resource"


class DependencyOfComponentsCard(RelationCard):
    """The components that depend on an entity."""

    name = "dependency-of-components"
    title = "Components that depend on this"
    relation = "dependencyOf"
    target_kind = "component"


class DependencyOfResourcesCard(RelationCard):
    """The resources that depend on an entity."""

    name = "dependency-of-resources"
    title = "Resources that depend on this"
    relation = "dependencyOf"
    target_kind = "resource"


class HasSubcomponentsCard(RelationCard):
    """The parts of a component."""

    name = "has-subcomponents"
    title = "Subcomponents"
    filter = {"kind": "component"}
    relation = "hasPart"
    target_kind = "component"


class HasSubdomainsCard(RelationCard):
    """The domains in a domain."""

    name = "has-subdomains"
    title = "Subdomains"
    filter = {"kind": "domain"}
    relation = "hasPart"
    target_kind = "domain"


class HasSystemsCard(RelationCard):
    """The systems in a domain."""

    name = "has-systems"
    title = "Systems"
    filter = {"kind": "domain"}
    relation = "hasPart"
    target_kind = "system"


class HasComponentsCard(RelationCard):
    """The components in a system."""

    name = "has-components"
    title = "Components"
    filter = {"kind": "system"}
    relation = "hasPart"
    target_kind = "component"


class HasApisCard(RelationCard):
    """The APIs in a system."""

    namespace = "api-docs"
    name = "has-apis"
    title = "APIs"
    filter = {"kind": "system"}
    relation = "hasPart"
    target_kind = "api"


class HasResourcesCard(RelationCard):
    """The resources in a system."""

    name = "has-resources"
    title = "Resources"
    filter = {"kind": "system"}
    relation = "hasPart"
    target_kind = "resource"
