"""What other modules of the catalog add here: what becomes of the entries of a directory.

A module adds in ``ModuleConfig.extend``::

    def extend(self, points):
        points[LdapTransforms].set_user_transformer(my_user)

where ``my_user`` may build on what the module itself does::

    def my_user(vendor, config, entry):
        entity = default_user_transformer(vendor, config, entry)
        return entity if vendor.text(entry, "employeeNumber") else None
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from apps.catalog.modules.ldap.conf import EntriesConfig
from apps.catalog.modules.ldap.vendors import LdapEntry, LdapVendor
from apps.catalog.modules.organization import Chosen
from portal.entities import Entity
from portal.plugins import ExtensionPoint

#: Returns what an entry becomes, without relations; None: nothing.
Transformer = Callable[[LdapVendor, EntriesConfig, LdapEntry], "Entity | None"]
#: Returns what kind of server answers, by what it says of itself and by what the module takes it for.
VendorChooser = Callable[[LdapEntry, LdapVendor], LdapVendor]


class LdapTransforms(ExtensionPoint):
    """What becomes of the entries of a directory (Backstage's ``catalog.ldapOrgEntityProvider.transforms``).

    Each method takes one function for all providers, or a map of their ids to functions; providers that a map leaves
    out keep what the module does.
    """

    id = "catalog.ldapOrgEntityProvider.transforms"
    plugin_id = "catalog"

    def __init__(self) -> None:
        super().__init__()
        self.users = Chosen(self, "transformer for users of LDAP directories")
        self.groups = Chosen(self, "transformer for groups of LDAP directories")
        self.vendors = Chosen(self, "vendor of LDAP directories")

    def set_user_transformer(self, transformer: Transformer | Mapping[str, Transformer]) -> None:
        """Make users in another way."""
        self.users.choose(transformer)

    def set_group_transformer(self, transformer: Transformer | Mapping[str, Transformer]) -> None:
        """Make groups in another way."""
        self.groups.choose(transformer)

    def set_vendor(self, chooser: VendorChooser | Mapping[str, VendorChooser]) -> None:
        """Say of servers that the module doesn't know which attributes hold an entry's DN and id.

        What ``vendor`` in the configuration says goes before it.
        """
        self.vendors.choose(chooser)
