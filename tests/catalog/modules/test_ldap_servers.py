"""Directories as they are: servers that fail, encrypt, differ by maker, and how they are configured."""

from __future__ import annotations

import sys
import uuid
from typing import Any
from unittest import mock

import pytest

from apps.catalog.models import RefreshState
from apps.catalog.modules.ldap import vendors
from apps.catalog.modules.ldap.conf import LdapProviderConfig, read_configs
from apps.catalog.modules.ldap.entities import default_user_transformer
from apps.catalog.modules.ldap.vendors import LdapEntry, LdapVendor, vendor_of
from portal.config import override_config
from portal.errors import ConfigError, InputError, NotFoundError, ServiceUnavailableError
from portal.plugins import ModuleFailed
from tests.catalog.modules.kit import installed, refresh, scheduled, unprocessed
from tests.catalog.modules.ldap_kit import KEY, MODULE, NAME, config, found, provider
from tests.catalog.modules.ldap_server import PEOPLE, READER, SUFFIX, LdapServer


def read(**section: Any) -> LdapProviderConfig:
    """Return a provider's section as it is read."""
    with override_config({"catalog": {"providers": {"ldapOrg": {"acme": {"target": "ldap://ds", **section}}}}}):
        return read_configs()[0]


# What goes wrong


NAMELESS = (
    rf"user 'uid=\w+,{PEOPLE}' has no name: it has no attribute 'employeeNumber'\. Set {KEY}\.users\.map\.name .*, or "
    rf"leave such users out by {KEY}\.users\.options\.filter"
)
AMBIGUOUS = r"its attribute 'objectClass' has 2 values, not one"


@pytest.mark.parametrize(
    ("changes", "error", "message"),
    [
        (
            {"bind": {"dn": READER, "secret": "wrong"}},
            InputError,
            rf"does not let '{READER}' in: invalidCredentials\. Check dn and secret in {KEY}\.bind",
        ),
        ({"bind": None}, InputError, rf"those whom it doesn't know.*Check {KEY}\.bind"),
        (
            {"users": {"dn": f"ou=nowhere,{SUFFIX}"}},
            NotFoundError,
            rf"no 'ou=nowhere,{SUFFIX}' on ldap://.*, or '{READER}' may not see it\. Check {KEY}\.users\.dn",
        ),
        ({"users": [{"dn": "people"}]}, InputError, rf"'people'.*invalidDNSyntax.*Check {KEY}\.users\[0\]"),
        (
            {"users": {"dn": PEOPLE, "options": {"filter": "(&(uid=*)"}}},
            ConfigError,
            rf"{KEY}\.users\.options\.filter is no filter",
        ),
        ({"users": {"dn": PEOPLE, "map": {"name": "employeeNumber"}}}, InputError, NAMELESS),
        (
            {"groups": {"dn": SUFFIX, "options": {"scope": "base"}, "map": {"name": "objectClass"}}},
            InputError,
            AMBIGUOUS,
        ),
        (
            {"target": "ldap://127.0.0.1:1"},
            ServiceUnavailableError,
            rf"ldap://127\.0\.0\.1:1 can't be reached.*Check {KEY}\.target",
        ),
    ],
)
def test_a_failure_says_what_where_and_what_to_do_and_changes_nothing(
    ldap: LdapServer, changes: dict[str, Any], error: type[Exception], message: str
) -> None:
    before = found(ldap)
    with pytest.raises(error, match=message):
        found(ldap, **changes)
    assert unprocessed() == before


def test_a_server_that_falls_silent_is_given_up(ldap: LdapServer, monkeypatch: pytest.MonkeyPatch) -> None:
    from apps.catalog.modules.ldap import directory

    before = found(ldap)
    monkeypatch.setattr(directory, "SILENCE", 1)
    ldap.process.pause()
    try:
        with pytest.raises(ServiceUnavailableError, match="can't be reached, or breaks off"):
            found(ldap)
    finally:
        ldap.process.resume()
    assert unprocessed() == before


# Encryption


def test_an_encrypted_connection_takes_a_certificate_that_somebody_vouches_for(
    ldap: LdapServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(ServiceUnavailableError, match="CERTIFICATE_VERIFY_FAILED"):
        found(ldap, target=ldap.tls_url)
    assert "user:default/jane" in found(ldap, target=ldap.tls_url, tls={"rejectUnauthorized": False})
    RefreshState.objects.all().delete()
    monkeypatch.setenv("SSL_CERT_FILE", str(ldap.certificate))
    assert "user:default/jane" in found(ldap, target=ldap.tls_url)
    with pytest.raises(ServiceUnavailableError, match="mismatch"):
        found(ldap, target=ldap.tls_url.replace("127.0.0.1", "localhost"))


def test_the_portal_may_show_a_certificate_of_its_own(ldap: LdapServer) -> None:
    tls = {
        "rejectUnauthorized": False,
        "certs": str(ldap.certificate),
        "keys": str(ldap.certificate.with_name("key.pem")),
    }
    assert "user:default/jane" in found(ldap, target=ldap.tls_url, tls=tls)
    with pytest.raises(ConfigError, match=rf"{KEY}\.tls names no certificate and key.*Check certs and keys there"):
        found(ldap, target=ldap.tls_url, tls={**tls, "keys": "/nowhere.pem"})


# Makers of servers


GUID = uuid.UUID("12345678-9abc-def0-1234-56789abcdef0")


@pytest.mark.parametrize(
    ("root", "host", "vendor"),
    [
        ({"forestFunctionality": [b"7"]}, "ad", vendors.ACTIVE_DIRECTORY),
        ({"ipaDomainLevel": [b"1"]}, "ipa", vendors.FREE_IPA),
        ({"aeRoot": [b"ou=ae-dir"]}, "ae", vendors.AE_DIR),
        ({"vendorName": [b"LLDAP"]}, "lldap", vendors.LLDAP),
        ({}, "ldap.google.com", vendors.GOOGLE),
        ({"vendorName": [b"389 Project"]}, "ds", vendors.DEFAULT),
    ],
)
def test_a_maker_is_known_by_what_the_server_says(root: dict[str, Any], host: str, vendor: LdapVendor) -> None:
    assert vendor_of(LdapEntry("", root), host) == vendor


@pytest.mark.parametrize(
    ("vendor", "attributes", "dn", "id"),
    [
        (vendors.ACTIVE_DIRECTORY, {"distinguishedName": [b"CN=J"], "objectGUID": [GUID.bytes_le]}, "CN=J", str(GUID)),
        (vendors.FREE_IPA, {"ipaUniqueID": [b"ab-1"]}, "cn=found", "ab-1"),
        (vendors.LLDAP, {"entryuuid": [b"ab-2"]}, "cn=found", "ab-2"),
        (vendors.GOOGLE, {"uid": [b"jane"]}, "cn=found", "jane"),
        (vendors.DEFAULT, {"entryDN": [b"cn=own"], "ENTRYUUID": [b"ab-3"]}, "cn=own", "ab-3"),
        (vendors.DEFAULT, {}, "cn=found", None),
    ],
)
def test_each_maker_has_its_own_attributes(
    vendor: LdapVendor, attributes: dict[str, list[bytes]], dn: str, id: str | None
) -> None:
    (block,) = read(users={"dn": "ou=people"}).users
    entry = LdapEntry("cn=found", {"UID": [b"jane"], **attributes})
    entity = default_user_transformer(vendor, block, entry)
    assert entity is not None
    annotations = entity["metadata"]["annotations"]
    assert (annotations["backstage.io/ldap-dn"], annotations.get("backstage.io/ldap-uuid")) == (dn, id)


def test_the_configuration_names_attributes_of_an_unknown_maker(ldap: LdapServer) -> None:
    user = found(ldap, vendor={"uuidAttributeName": "sn", "dnAttributeName": "mail"})["user:default/jane"]
    annotations = user["metadata"]["annotations"]
    assert annotations["backstage.io/ldap-uuid"] == "Jane"
    assert annotations["backstage.io/ldap-dn"] == "jane@example.com"


def test_attributes_in_parts_are_put_together(ldap: LdapServer) -> None:
    """As Active Directory hands over the members of a large group, which slapd can't be made to do."""
    from apps.catalog.modules.ldap.directory import Directory

    asked: list[str] = []

    class InParts:
        """Three of five members, then the others."""

        result = {"result": 0}

        def search(self, dn: str, *arguments: Any, attributes: list[str], **options: Any) -> None:
            asked.extend(attributes)
            parts = {"*": {"member": [], "member;range=0-2": [b"a", b"b", b"c"]}}
            parts["member;range=3-*"] = {"member;range=3-4": [b"d", b"e"]}
            parts["member;range=5-*"] = {"member;range=5-*": [b"f"]}
            self.response = [{"type": "searchResEntry", "dn": dn, "raw_attributes": parts[attributes[0]]}]

    block = read(groups={"dn": "cn=large", "options": {"scope": "base", "attributes": ["*"]}})
    (entry,) = Directory(InParts(), block).entries(block.groups[0])
    assert entry.raw("member") == [b"a", b"b", b"c", b"d", b"e", b"f"]
    assert asked == ["*", "member;range=3-*", "member;range=5-*"]


# Configuration


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"target": "ds.example.com"}, "target: must be a server's URL"),
        ({"target": "https://ds.example.com"}, "target: must be a server's URL"),
        ({"bind": {"dn": "cn=admin"}}, r"bind\.secret: is missing"),
        ({"tls": {"keys": "key.pem"}}, r"Set tls\.certs"),
        ({"users": {"options": {}}}, r"users\.dn: is missing"),
        ({"users": [{"dn": "ou=people", "options": {"scope": "all"}}]}, r"users\[0\]\.options\.scope: must be one of"),
        ({"users": {"dn": "ou=people", "options": {"derefAliases": 4}}}, r"derefAliases: must be 0"),
        ({"users": {"dn": "ou=people", "options": {"paged": {"pageSize": 0}}}}, r"pageSize: must be 1 or more"),
        ({"users": {"dn": "ou=people", "map": {"members": "member"}}}, "map: knows no field 'members'"),
        ({"users": {"dn": "ou=people", "map": {"name": False}}}, r"map\.name"),
        ({"users": {"dn": "ou=people", "set": {"a..b": 1}}}, r"set: has a path that is none: 'a\.\.b'"),
        ({"schedule": {"frequency": {"minutes": 5}}}, "schedule: is no schedule"),
    ],
)
def test_mistakes_in_the_configuration_are_named(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        read(**changes)


def test_a_single_provider_may_go_without_an_id(ldap: LdapServer) -> None:
    with installed(MODULE, {"catalog": {"providers": {"ldapOrg": provider(ldap)}}}):
        refresh("LdapOrgEntityProvider:default")
    assert unprocessed()["user:default/jane"]["key"] == "ldap-org-provider:default"


def test_a_provider_runs_on_its_schedule(ldap: LdapServer) -> None:
    schedule = {"frequency": {"hours": 2}, "timeout": {"minutes": 20}}
    with installed(MODULE, config(ldap, schedule=schedule)):
        assert scheduled(f"{NAME}:refresh").frequency == {"hours": 2}


def test_without_the_package_the_message_says_what_to_install(ldap: LdapServer) -> None:
    with (
        mock.patch.dict(sys.modules, {"ldap3": None}),
        pytest.raises(ModuleFailed, match=rf"{KEY} needs the package ldap3: .*\[ldap\]"),
        installed(MODULE, config(ldap)),
    ):
        pass


def test_the_password_is_a_secret(ldap: LdapServer) -> None:
    with override_config(config(ldap)) as current:
        assert "let-me-in" in current.secrets()
