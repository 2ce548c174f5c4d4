"""Entries of a directory, and how servers of different makers say what they are."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

GOOGLE_HOST = "ldap.google.com"
#: The name under which an entry's own DN is found, though it is no attribute.
DN = "dn"


class LdapEntry:
    """What a search has found: a DN, and attributes, whose names have no case."""

    def __init__(self, dn: str, attributes: Mapping[str, Iterable[bytes]]) -> None:
        """Take an entry as the server sent it."""
        self.dn = dn
        self.attributes = {name.lower(): list(values) for name, values in attributes.items()}

    def raw(self, name: str) -> list[bytes]:
        """Return the values of an attribute as they are stored; none if it has none."""
        name = name.lower()
        return self.attributes.get(name) or ([self.dn.encode()] if name == DN else [])


@dataclass(frozen=True)
class LdapVendor:
    """Which attributes hold an entry's DN and an id that is its own for good, and how such an id is written."""

    dn_attribute: str = "entryDN"
    uuid_attribute: str = "entryUUID"
    #: Whether ids are stored in the 16 bytes of Microsoft's GUIDs.
    binary_uuid: bool = False

    def texts(self, entry: LdapEntry, name: str | None) -> list[str]:
        """Return the values of an attribute as text; none for the name None."""
        if name is None:
            return []
        values = entry.raw(name)
        if self.binary_uuid and name.lower() == self.uuid_attribute.lower():
            return [_guid(value) for value in values]
        return [value.decode(errors="replace") for value in values]

    def text(self, entry: LdapEntry, name: str | None) -> str | None:
        """Return the value of an attribute that has exactly one, else None."""
        values = self.texts(entry, name)
        return values[0] if len(values) == 1 else None

    def dn(self, entry: LdapEntry) -> str:
        """Return an entry's DN: that of the attribute, or under which it was found."""
        return self.text(entry, self.dn_attribute) or entry.dn


DEFAULT = LdapVendor()
ACTIVE_DIRECTORY = LdapVendor("distinguishedName", "objectGUID", binary_uuid=True)
FREE_IPA = LdapVendor(DN, "ipaUniqueID")
AE_DIR = LdapVendor(DN, "entryUUID")
GOOGLE = LdapVendor(DN, "uid")
LLDAP = LdapVendor(DN, "entryuuid")


def vendor_of(root: LdapEntry, host: str) -> LdapVendor:
    """Tell by what a server says of itself (its root DSE), and by its name, how its entries are."""
    if root.raw("forestFunctionality"):
        return ACTIVE_DIRECTORY
    if root.raw("ipaDomainLevel"):
        return FREE_IPA
    if "aeroot" in root.attributes:
        return AE_DIR
    if host == GOOGLE_HOST:
        return GOOGLE
    return LLDAP if root.raw("vendorName") == [b"LLDAP"] else DEFAULT


def _guid(value: bytes) -> str:
    return str(uuid.UUID(bytes_le=value)) if len(value) == 16 else value.decode(errors="replace")
