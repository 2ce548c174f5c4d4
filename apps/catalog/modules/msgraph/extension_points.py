"""What other modules of the catalog add here: what becomes of users, groups and organisations.

A module adds in ``ModuleConfig.extend``::

    def extend(self, points):
        points[MicrosoftGraphTransforms].set_user_transformer(my_user)

where ``my_user`` may build on what the module itself does::

    def my_user(user, photo):
        entity = default_user_transformer(user, photo)
        return entity if user.get("department") == "IT" else None
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from apps.catalog.modules.msgraph.conf import MicrosoftGraphConfig
from apps.catalog.modules.organization import Chosen
from portal.entities import Entity
from portal.plugins import ExtensionPoint

#: An object as Microsoft Graph shows it.
Node = dict[str, Any]
#: Returns what a user or a group becomes, without relations; None: nothing. The photo is a URL that holds it.
Transformer = Callable[[Node, str | None], "Entity | None"]
OrganizationTransformer = Callable[[Node], "Entity | None"]
#: Returns a provider's configuration for one run.
ConfigTransformer = Callable[[MicrosoftGraphConfig], MicrosoftGraphConfig]


class MicrosoftGraphTransforms(ExtensionPoint):
    """What becomes of what is read (Backstage's ``catalog.microsoftGraphOrgEntityProvider.transforms``).

    Each method takes one function for all providers, or a map of their ids to functions; providers that a map leaves
    out keep what the module does.
    """

    id = "catalog.microsoftGraphOrgEntityProvider.transforms"
    plugin_id = "catalog"

    def __init__(self) -> None:
        super().__init__()
        self.users = Chosen(self, "transformer for users of Microsoft Graph")
        self.groups = Chosen(self, "transformer for groups of Microsoft Graph")
        self.organizations = Chosen(self, "transformer for organisations of Microsoft Graph")
        self.configs = Chosen(self, "transformer for the configuration of Microsoft Graph")

    def set_user_transformer(self, transformer: Transformer | Mapping[str, Transformer]) -> None:
        """Make users in another way."""
        self.users.choose(transformer)

    def set_group_transformer(self, transformer: Transformer | Mapping[str, Transformer]) -> None:
        """Make groups in another way. Their photos aren't loaded."""
        self.groups.choose(transformer)

    def set_organization_transformer(
        self, transformer: OrganizationTransformer | Mapping[str, OrganizationTransformer]
    ) -> None:
        """Make the group above all others in another way, or none."""
        self.organizations.choose(transformer)

    def set_provider_config_transformer(self, transformer: ConfigTransformer | Mapping[str, ConfigTransformer]) -> None:
        """Change the configuration before each run: a filter that follows from something else, for one."""
        self.configs.choose(transformer)
