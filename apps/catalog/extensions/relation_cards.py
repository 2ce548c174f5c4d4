"""Cards of what an entity is related to, each a table. One without a row isn't shown, unless it has words for that."""

from __future__ import annotations

from typing import Any, ClassVar

from django.utils.translation import gettext
from django.utils.translation import gettext_noop as _

from apps.catalog.views.relations import relation_table
from apps.catalog.views.rows import SYSTEM, TAGS, columns_for
from portal.extensions import EntityCard, PageContext
from portal.extensions.base import ConfigSchema


class RelationCard(EntityCard):
    """The entities of one relation and kind."""

    abstract = True
    template_name = "catalog/cards/relation.html"
    config_schema: ClassVar[ConfigSchema] = {"showEmpty": {"type": "boolean"}}

    relation: ClassVar[str] = ""
    #: The kind of the other end, in lowercase.
    target_kind: ClassVar[str] = ""
    #: What to say, and what to write in which file, where there is none; empty leaves the card out then. The config
    #: ``showEmpty`` may say otherwise.
    empty_text: ClassVar[str] = ""
    empty_hint: ClassVar[str] = ""

    def suits(self, entity: dict[str, Any]) -> bool:
        """Say whether the entity is of the right kind and has such a relation, or is told that it hasn't."""
        return super().suits(entity) and (self.shows_empty or self._has_any(entity))

    @property
    def shows_empty(self) -> bool:
        """Whether the card is there without a row."""
        shown = self.config.get("showEmpty")
        return bool(self.empty_text) if shown is None else bool(shown)

    def _has_any(self, entity: dict[str, Any]) -> bool:
        prefix = f"{self.target_kind}:"
        return any(
            relation["type"] == self.relation and relation["targetRef"].startswith(prefix)
            for relation in entity.get("relations") or ()
        )

    def context(self, page: PageContext) -> dict[str, Any]:
        """Return the table without what is the same on each row, and what to say if it is empty."""
        of_system = page.entity["kind"] == "System"
        columns = columns_for(self.target_kind, without=[TAGS, SYSTEM] if of_system else [TAGS])
        return {
            "title": gettext(self.title),
            "card_id": f"card-{self.name}",
            "table": relation_table(page, self.relation, self.target_kind, columns),
            "empty_text": gettext(self.empty_text or _("There are none.")),
            "empty_hint": self.empty_hint.format(name=page.entity["metadata"]["name"]),
        }


class ProvidedApisCard(RelationCard):
    """The APIs that a component provides."""

    namespace = "api-docs"
    name = "provided-apis"
    title = _("Provided APIs")
    filter = {"kind": "component"}
    relation = "providesApi"
    target_kind = "api"


class ConsumedApisCard(RelationCard):
    """The APIs that a component consumes."""

    namespace = "api-docs"
    name = "consumed-apis"
    title = _("Consumed APIs")
    filter = {"kind": "component"}
    relation = "consumesApi"
    target_kind = "api"


class ProvidingComponentsCard(RelationCard):
    """The components that provide an API."""

    namespace = "api-docs"
    name = "providing-components"
    title = _("Providers")
    filter = {"kind": "api"}
    relation = "apiProvidedBy"
    target_kind = "component"
    empty_text = _("No component provides this API.")
    empty_hint = "spec:\n  providesApis:\n    - {name}"


class ConsumingComponentsCard(RelationCard):
    """The components that consume an API."""

    namespace = "api-docs"
    name = "consuming-components"
    title = _("Consumers")
    filter = {"kind": "api"}
    relation = "apiConsumedBy"
    target_kind = "component"
    empty_text = _("No component consumes this API.")
    empty_hint = "spec:\n  consumesApis:\n    - {name}"


class DependsOnComponentsCard(RelationCard):
    """The components that an entity depends on."""

    name = "depends-on-components"
    title = _("Depends on components")
    relation = "dependsOn"
    target_kind = "component"


class DependsOnResourcesCard(RelationCard):
    """The resources that an entity depends on."""

    name = "depends-on-resources"
    title = _("Depends on resources")
    relation = "dependsOn"
    target_kind = "resource"


class DependencyOfComponentsCard(RelationCard):
    """The components that depend on an entity."""

    name = "dependency-of-components"
    title = _("Components that depend on this")
    relation = "dependencyOf"
    target_kind = "component"


class DependencyOfResourcesCard(RelationCard):
    """The resources that depend on an entity."""

    name = "dependency-of-resources"
    title = _("Resources that depend on this")
    relation = "dependencyOf"
    target_kind = "resource"


class HasSubcomponentsCard(RelationCard):
    """The parts of a component."""

    name = "has-subcomponents"
    title = _("Subcomponents")
    filter = {"kind": "component"}
    relation = "hasPart"
    target_kind = "component"


class HasSubdomainsCard(RelationCard):
    """The domains in a domain."""

    name = "has-subdomains"
    title = _("Subdomains")
    filter = {"kind": "domain"}
    relation = "hasPart"
    target_kind = "domain"


class HasSystemsCard(RelationCard):
    """The systems in a domain."""

    name = "has-systems"
    title = _("Systems")
    filter = {"kind": "domain"}
    relation = "hasPart"
    target_kind = "system"
    empty_text = _("No system belongs to this domain yet.")
    empty_hint = "spec:\n  domain: {name}"


class HasComponentsCard(RelationCard):
    """The components in a system."""

    name = "has-components"
    title = _("Components")
    filter = {"kind": "system"}
    relation = "hasPart"
    target_kind = "component"
    empty_text = _("No component belongs to this system yet.")
    empty_hint = "spec:\n  system: {name}"


class HasApisCard(RelationCard):
    """The APIs in a system, or in a component."""

    namespace = "api-docs"
    name = "has-apis"
    title = _("APIs")
    filter = {"kind": {"$in": ["component", "system"]}}
    relation = "hasPart"
    target_kind = "api"


class HasResourcesCard(RelationCard):
    """The resources in a system."""

    name = "has-resources"
    title = _("Resources")
    filter = {"kind": "system"}
    relation = "hasPart"
    target_kind = "resource"
