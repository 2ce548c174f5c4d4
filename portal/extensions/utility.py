"""The core's utility APIs: what they promise, and the refs to ask for them by ``get_api``. Ref ids are Backstage's.

They are provided by ``api:app/<name>`` in ``portal.shell.extensions``, and replaced by extensions of the same id in a
module of plugin ``app``. More are beside what they are about: ``icons``, ``flags``, ``language``, ``starred``.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import Any, Literal

from django.http import HttpRequest

from portal.entities import Entity, EntityRef
from portal.extensions.analytics import AnalyticsEvent
from portal.extensions.apis import ApiRef
from portal.permissions import Permission

Severity = Literal["info", "success", "warning", "error"]


class ConfigApi(ABC):
    """Reads ``app-config.yaml`` as it is now."""

    @abstractmethod
    def get(self, path: str, default: Any = None) -> Any:
        """Return the value at a dotted path, or ``default``."""

    @abstractmethod
    def has(self, path: str) -> bool:
        """Say whether there is a value at a dotted path."""


@dataclass(frozen=True, slots=True)
class Identity:
    """Who somebody is: their ref, and the refs whose possessions are theirs."""

    user_entity_ref: str
    ownership_entity_refs: tuple[str, ...] = ()


class IdentityApi(ABC):
    """Knows who is asking."""

    @abstractmethod
    def identity(self, request: HttpRequest) -> Identity | None:
        """Return who is asking; None if nobody is signed in."""


class PermissionApi(ABC):
    """Knows what whoever asks may do."""

    @abstractmethod
    def is_allowed(self, request: HttpRequest, permission: Permission) -> bool:
        """Say whether they may. Where that depends on the resource, it is a yes here: its plugin decides."""


class ErrorApi(ABC):
    """Takes errors that a page can go on without."""

    @abstractmethod
    def post(self, request: HttpRequest, error: Exception, *, hidden: bool = False) -> None:
        """Log an error, and tell the person unless it is ``hidden``."""


class ToastApi(ABC):
    """Shows short messages, on this page or on the next one that the person sees."""

    @abstractmethod
    def post(self, request: HttpRequest, message: str, *, severity: Severity = "info") -> None:
        """Show a message. Plain text."""


class AnalyticsApi(ABC):
    """Hands what people do to every attached implementation."""

    @property
    @abstractmethod
    def is_heard(self) -> bool:
        """Whether anybody listens; pages report nothing otherwise."""

    @abstractmethod
    def capture(self, event: AnalyticsEvent) -> None:
        """Hand an event on. Never raises."""


class ComponentsApi(ABC):
    """Knows the parts that can be swapped."""

    @abstractmethod
    def template_of(self, name: str) -> str:
        """Return the template of a component, such as ``core-progress``. Raises ``LookupError``."""


@dataclass(frozen=True, slots=True)
class EntityPresentation:
    """How an entity is shown: its title, what more there is to say (as in a tooltip), its ref, and its icon's name."""

    primary_title: str
    secondary_title: str
    entity_ref: EntityRef
    icon: str


class EntityPresentationApi(ABC):
    """Knows how entities are shown wherever they are named."""

    @abstractmethod
    def of(
        self, entity: Entity | EntityRef, *, default_kind: str | None = None, default_namespace: str = "default"
    ) -> EntityPresentation:
        """Return how to show an entity, or a ref whose entity isn't known. Defaults are left out of short refs."""

    def title_of(self, entity: Entity | EntityRef) -> str:
        """Return the title alone. Called for each link to an entity: override it where the rest takes long."""
        return self.of(entity).primary_title


config_api: ApiRef[ConfigApi] = ApiRef("core.config", ConfigApi)
identity_api: ApiRef[IdentityApi] = ApiRef("core.identity", IdentityApi)
permission_api: ApiRef[PermissionApi] = ApiRef("plugin.permission.api", PermissionApi)
error_api: ApiRef[ErrorApi] = ApiRef("core.error", ErrorApi)
toast_api: ApiRef[ToastApi] = ApiRef("core.toast", ToastApi)
alert_api: ApiRef[ToastApi] = ApiRef("core.alert", ToastApi)
analytics_api: ApiRef[AnalyticsApi] = ApiRef("core.analytics", AnalyticsApi)
components_api: ApiRef[ComponentsApi] = ApiRef("core.swappable-components", ComponentsApi)
entity_presentation_api: ApiRef[EntityPresentationApi] = ApiRef(
    "plugin.catalog.entity-presentation", EntityPresentationApi
)
