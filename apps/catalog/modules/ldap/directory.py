"""A directory as it is asked over LDAP. This is the one module that needs the package ``ldap3``.

https://www.rfc-editor.org/rfc/rfc4511
"""

from __future__ import annotations

import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import ldap3
from ldap3.core import exceptions, results

from apps.catalog.modules.ldap.conf import EntriesConfig, LdapProviderConfig, SearchOptions
from apps.catalog.modules.ldap.vendors import LdapEntry
from apps.catalog.modules.patience import go_on
from portal.errors import ConfigError, InputError, NotFoundError, PortalError, ServiceUnavailableError
from portal.http_client import CONNECT_TIMEOUT
from portal.services import logger

log = logger.for_plugin("catalog")

#: Whole seconds without an answer.
SILENCE = 60
SCOPES = {"base": ldap3.BASE, "one": ldap3.LEVEL, "sub": ldap3.SUBTREE}
DEREFERENCE = (ldap3.DEREF_NEVER, ldap3.DEREF_SEARCH, ldap3.DEREF_BASE, ldap3.DEREF_ALWAYS)
#: The control by which a server hands over one page after the other (RFC 2696).
PAGES = "1.2.840.113556.1.4.319"
RANGE = ";range="
#: How one entry is read whose DN is known.
ONE_ENTRY = SearchOptions(
    scope="base",
    filter="(objectClass=*)",
    attributes=("*", "+"),
    page_size=None,
    size_limit=0,
    time_limit=0,
    dereference=0,
    types_only=False,
)
LATER = {results.RESULT_BUSY, results.RESULT_UNAVAILABLE, results.RESULT_TIME_LIMIT_EXCEEDED}


class Directory:
    """A directory that answers. Messages name the server, the entry and the key of the configuration that would help.

    Raises ``InputError`` for what it refuses, ``NotFoundError`` for a place that isn't there,
    ``ServiceUnavailableError`` for whatever may be better later.
    """

    def __init__(self, connection: Any, config: LdapProviderConfig) -> None:
        """Take a connection that is open and bound."""
        self._connection = connection
        self._config = config

    def root(self) -> LdapEntry:
        """Return what the server says of itself; an entry without attributes if it says nothing."""
        found = self._search("", ONE_ENTRY, self._config.key)
        return next(found, LdapEntry("", {}))

    def entries(self, wanted: EntriesConfig) -> Iterator[LdapEntry]:
        """Yield the entries that are wanted, each with all values of its attributes."""
        return self._search(wanted.dn, wanted.options, wanted.key)

    def _search(self, dn: str, options: SearchOptions, key: str) -> Iterator[LdapEntry]:
        cookie = None
        while True:
            go_on()
            found, cookie = self._ask(dn, options, key, cookie)
            for item in found:
                if item["type"] == "searchResEntry":
                    go_on()
                    yield LdapEntry(item["dn"], self._whole(item["dn"], item["raw_attributes"], key))
                else:
                    log.warning(
                        "A directory refers to another server, which isn't asked", place=dn, refers_to=item.get("uri")
                    )
            if not cookie:
                return

    def _whole(self, dn: str, attributes: dict[str, list[bytes]], key: str) -> dict[str, list[bytes]]:
        """Return attributes with all their values: Active Directory hands over 1,500 of them at a time."""
        whole = {name: values for name, values in attributes.items() if RANGE not in name.lower()}
        for name, values in attributes.items():
            own, found, part = name.lower().partition(RANGE)
            if found:
                whole[own] = [*values, *self._remaining(dn, own, part, key)]
        return whole

    def _remaining(self, dn: str, name: str, part: str, key: str) -> Iterator[bytes]:
        while not part.endswith("-*"):
            go_on()
            start = int(part.partition("-")[2]) + 1
            found, _ = self._ask(dn, replace(ONE_ENTRY, attributes=(f"{name}{RANGE}{start}-*",)), key, None)
            answered = [
                (label.lower().partition(RANGE)[2], values)
                for item in found
                for label, values in item.get("raw_attributes", {}).items()
                if label.lower().startswith(f"{name}{RANGE}{start}-")
            ]
            if not answered:
                raise ServiceUnavailableError(
                    f"{self._config.target} breaks off in the midst of '{name}' of '{dn}', after {start} values. What "
                    f"is in the catalog stays as it is."
                )
            part, values = answered[0]
            yield from values

    def _ask(
        self, dn: str, options: SearchOptions, key: str, cookie: bytes | None
    ) -> tuple[list[dict[str, Any]], bytes | None]:
        connection = self._connection
        with _translated(self._config, key):
            connection.search(
                dn,
                options.filter,
                SCOPES[options.scope],
                dereference_aliases=DEREFERENCE[options.dereference],
                attributes=list(options.attributes),
                size_limit=options.size_limit,
                time_limit=options.time_limit,
                types_only=options.types_only,
                paged_size=options.page_size,
                paged_cookie=cookie,
            )
        result = connection.result
        if result["result"] != results.RESULT_SUCCESS:
            raise self._refusal(result, dn, options, key)
        page = (result.get("controls") or {}).get(PAGES)
        return connection.response or [], page["value"]["cookie"] if page else None

    def _refusal(self, result: dict[str, Any], dn: str, options: SearchOptions, key: str) -> PortalError:
        code, target, said = result["result"], self._config.target, _said(result)
        bind = f"{self._config.key}.bind"
        if code == results.RESULT_NO_SUCH_OBJECT:
            return NotFoundError(
                f"There is no '{dn}' on {target}, or {_asker(self._config)} may not see it. Check {key}.dn."
            )
        if code in {results.RESULT_SIZE_LIMIT_EXCEEDED, results.RESULT_ADMIN_LIMIT_EXCEEDED}:
            if options.size_limit:
                advice = f"Raise {key}.options.sizeLimit"
            elif options.page_size:
                advice = f"Set a smaller {key}.options.paged.pageSize than {options.page_size}, have its limit raised"
            else:
                advice = f"Set {key}.options.paged: true"
            return InputError(
                f"{target} does not hand over all entries below '{dn}': {said}. {advice}, or narrow "
                f"{key}.options.filter."
            )
        if code in LATER:
            return ServiceUnavailableError(f"{target} can't search below '{dn}' now: {said}.")
        if code == results.RESULT_INSUFFICIENT_ACCESS_RIGHTS or not self._config.bind:
            return InputError(f"{target} lets {_asker(self._config)} read nothing below '{dn}': {said}. Check {bind}.")
        return InputError(f"{target} refuses the search below '{dn}' with {options.filter}: {said}. Check {key}.")


@contextmanager
def connected(config: LdapProviderConfig) -> Iterator[Directory]:
    """Open a connection, and close it afterwards. Raises like ``Directory``."""
    bind, context = config.bind, _context(config) if config.encrypted else None
    with _translated(config, config.key):
        server = ldap3.Server(
            config.host,
            config.port,
            use_ssl=config.encrypted,
            tls=_Tls(context) if context else None,
            get_info=ldap3.NONE,
            connect_timeout=CONNECT_TIMEOUT,
        )
        connection = ldap3.Connection(
            server,
            user=bind.dn if bind else None,
            password=bind.secret if bind else None,
            authentication=ldap3.SIMPLE if bind else ldap3.ANONYMOUS,
            read_only=True,
            receive_timeout=SILENCE,
            auto_referrals=False,
            # It ends without an error in the midst of a long attribute.
            auto_range=False,
            check_names=False,
            return_empty_attributes=False,
        )
    try:
        with _translated(config, config.key):
            connection.open()
            let_in = connection.bind()
        if not let_in:
            raise _not_let_in(connection.result, config)
        yield Directory(connection, config)
    finally:
        _close(connection)


def _close(connection: Any) -> None:
    try:
        connection.unbind()
    except exceptions.LDAPException as error:
        # There is nothing to say goodbye to any more, and what was read is read.
        log.debug("A directory is gone before the connection was closed", error=str(error))
    finally:
        # The library leaves it open where it didn't get as far as to connect.
        if connection.socket is not None:
            connection.socket.close()


def _not_let_in(result: dict[str, Any], config: LdapProviderConfig) -> PortalError:
    if result["result"] in LATER:
        return ServiceUnavailableError(f"{config.target} lets nobody in now: {_said(result)}.")
    advice = f"Check dn and secret in {config.key}.bind." if config.bind else f"Set {config.key}.bind."
    return InputError(f"{config.target} does not let {_asker(config)} in: {_said(result)}. {advice}")


def _asker(config: LdapProviderConfig) -> str:
    return f"'{config.bind.dn}'" if config.bind else "those whom it doesn't know"


def _said(result: dict[str, Any]) -> str:
    message = str(result.get("message") or "").strip().rstrip(".\0")
    return f"{result['description']} ({message})" if message else str(result["description"])


@contextmanager
def _translated(config: LdapProviderConfig, key: str) -> Iterator[None]:
    """Turn the library's errors into the portal's."""
    try:
        yield
    except (exceptions.LDAPInvalidFilterError, exceptions.LDAPObjectClassError) as error:
        raise ConfigError(
            f"{key}.options.filter is no filter: {error}. They look like (&(objectClass=person)(uid=*)).", cause=error
        ) from error
    except exceptions.LDAPInvalidDnError as error:
        raise ConfigError(f"{key}.dn is no DN: {error}. They look like ou=people,dc=example,dc=com.") from error
    except (exceptions.LDAPException, OSError) as error:
        raise ServiceUnavailableError(
            f"{config.target} can't be reached, or breaks off: {_reason(error)}. Check {config.key}.target, and "
            f"whether the server runs.",
            cause=error,
        ) from error


def _reason(error: Exception) -> str:
    return (str(error) or type(error).__name__).rstrip(".")


class _Tls(ldap3.Tls):
    """Encryption by Python's own rules: the library's ask the server for no name, and compare it by other ones."""

    def __init__(self, context: ssl.SSLContext) -> None:
        super().__init__(validate=context.verify_mode)
        self._context = context

    def wrap_socket(self, connection: Any, do_handshake: bool = False) -> None:
        """Encrypt what goes over the connection's socket. Called by the library."""
        connection.socket = self._context.wrap_socket(
            connection.socket, server_hostname=connection.server.host, do_handshake_on_connect=do_handshake
        )


def _context(config: LdapProviderConfig) -> ssl.SSLContext:
    encryption, context = config.encryption, ssl.create_default_context()
    if not encryption.verify:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    if encryption.certificate_file:
        try:
            context.load_cert_chain(encryption.certificate_file, encryption.key_file)
        except (OSError, ssl.SSLError) as error:
            raise ConfigError(
                f"{config.key}.tls names no certificate and key in PEM format that can be read: {_reason(error)}. "
                f"Check certs and keys there.",
                cause=error,
            ) from error
    return context
