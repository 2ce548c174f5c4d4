"""What the tests of the LDAP module configure, and what it finds."""

from __future__ import annotations

from typing import Any

from tests.catalog.modules.kit import installed, refresh, unprocessed
from tests.catalog.modules.ldap_server import PEOPLE, READER, TEAMS, LdapServer

MODULE = "apps.catalog.modules.ldap"
NAME = "LdapOrgEntityProvider:acme"
KEY = "catalog.providers.ldapOrg.acme"


def provider(ldap: LdapServer, **changes: Any) -> dict[str, Any]:
    """Return a provider's section."""
    return {
        "target": ldap.url,
        "bind": {"dn": READER, "secret": "let-me-in"},
        "users": {"dn": PEOPLE},
        "groups": {"dn": TEAMS},
        **changes,
    }


def config(ldap: LdapServer, **changes: Any) -> dict[str, Any]:
    """Return a configuration with one provider."""
    return {"catalog": {"providers": {"ldapOrg": {"acme": provider(ldap, **changes)}}}}


def found(ldap: LdapServer, **changes: Any) -> dict[str, dict[str, Any]]:
    """Run a provider and return what it has found."""
    with installed(MODULE, config(ldap, **changes)):
        refresh(NAME)
    return unprocessed()
