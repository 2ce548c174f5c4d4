"""Azure Blob Storage."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import time
from datetime import UTC, datetime, timedelta
from urllib.parse import quote, urlencode, urlsplit

from portal import http_client
from portal.config import Config
from portal.integrations.azure_identity import default_token
from portal.integrations.base import ScmIntegration, base_url, secret
from portal.integrations.credentials import Credentials, Token, TokenCache, issue_by_secret
from portal.integrations.urls import RepositoryUrl, decoded, encoded, host_of, origin_of, split_url

DEFAULT_SUFFIX = "core.windows.net"
SCOPE = "https://storage.azure.com/.default"
#: The version of the REST API whose answers are understood here, and whose signatures are made.
VERSION = "2019-12-12"
#: How long a signature made with an account's key lets requests in.
SIGNATURE_LIFETIME = timedelta(hours=1)


class AzureBlobStorageIntegration(ScmIntegration):
    """``integrations.azureBlobStorage[]``: an account's ``accountName, endpoint, endpointSuffix``, and one of
    ``accountKey``, ``sasToken``, ``connectionString``, ``aadCredential``; without any the identity of the machine.
    """

    type = "azureBlobStorage"
    product = "Azure Blob Storage"
    credential_keys = "accountKey, sasToken, connectionString or aadCredential"

    def __init__(self, entry: Config, key: str, *, transport: http_client.BaseTransport | None = None) -> None:
        said = _connection(entry)
        self.account = said.get("AccountName") or entry.get_str("accountName")
        self.endpoint = base_url(entry, "endpoint", "") if entry.has("endpoint") else said.get("BlobEndpoint")
        if self.endpoint and urlsplit(self.endpoint).path.strip("/"):
            raise entry.error("endpoint", "must not have a path: containers follow the host.")
        self._suffix = said.get("EndpointSuffix") or entry.get_str("endpointSuffix", DEFAULT_SUFFIX)
        super().__init__(entry, key, transport=transport)
        account_key = said.get("AccountKey") or secret(entry, "accountKey")
        self._account_key = _decoded_key(account_key, entry) if account_key else None
        sas_token = said.get("SharedAccessSignature") or secret(entry, "sasToken")
        self._sas_token = sas_token.lstrip("?") if sas_token else None
        self._application = _application(entry)
        ways = [name for name in ("accountKey", "sasToken", "connectionString", "aadCredential") if entry.has(name)]
        if len(ways) > 1:
            raise entry.error(ways[1], f"can't stand beside {ways[0]}: use one of them.")
        self._tokens = TokenCache()

    def read_host(self, entry: Config) -> str:
        """Return the account's own host."""
        host = host_of(self.endpoint) if self.endpoint else f"blob.{self._suffix}"
        return (host if host.startswith(f"{self.account}.") else f"{self.account}.{host}").lower()

    def serves(self, url: str) -> bool:
        """Tell whether a URL is on the account's host, or on an endpoint that is its alone."""
        return host_of(url) == self.host or (self.endpoint is not None and host_of(url) == host_of(self.endpoint))

    # URLs

    def parse(self, url: str) -> RepositoryUrl:
        """Return what a URL points at: the repository is the container, the path the blob's name."""
        container, _, name = decoded(split_url(url).path, url).lstrip("/").partition("/")
        if not container:
            raise self.malformed(url, f"https://{self.host}/<container>/<path>")
        return RepositoryUrl(host_of(url), "", container, "", name)

    def root_of(self, url: str) -> str:
        """Return the container's part of the path."""
        return f"/{quote(self.parse(url).repo)}"

    def file_url(self, base: str, path: str) -> str:
        """Return the URL of another blob of the container."""
        return f"{origin_of(base)}{self.root_of(base)}/{encoded(path)}"

    def api_url(self, url: str, container: str, name: str = "", **query: str) -> str:
        """Return where the API has a container or a blob, with what lets the request in if that stands in the query."""
        path = f"{quote(container)}/{quote(name)}" if name else quote(container)
        asked = "&".join(part for part in (urlencode(query), self._signature()) if part)
        # Not the URL's own scheme: who registers one could have credentials sent unencrypted.
        scheme = urlsplit(self.endpoint).scheme if self.endpoint else "https"
        return f"{scheme}://{host_of(url)}/{path}" + (f"?{asked}" if asked else "")

    # Credentials

    def configured_credentials(self, url: str) -> Credentials:
        """Return a token, or what says that the signature is in the query."""
        version = {"x-ms-version": VERSION}
        if self._account_key or self._sas_token:
            return Credentials(self.key, "token", None, version)
        token = self._tokens.get(self.key, self._issue)
        return Credentials(self.key, "oauth", token, {"Authorization": f"Bearer {token}", **version})

    def _issue(self) -> Token:
        if self._application is None:
            return default_token(SCOPE, self.key)
        tenant, client_id, client_secret = self._application
        return issue_by_secret(
            f"https://login.microsoftonline.com/{quote(tenant, safe='')}/oauth2/v2.0/token",
            client_id=client_id,
            client_secret=client_secret,
            scope=SCOPE,
            key=f"{self.key}.aadCredential",
            transport=self._transport,
        )

    def _signature(self) -> str:
        """Return the shared access signature: the configured one, or one that lasts an hour.

        https://learn.microsoft.com/rest/api/storageservices/create-account-sas
        """
        if self._account_key is None:
            return self._sas_token or ""
        end = (datetime.fromtimestamp(time.time(), UTC) + SIGNATURE_LIFETIME).strftime("%Y-%m-%dT%H:%M:%SZ")
        # May read and list, blobs, on all levels.
        fields = {"sp": "rl", "ss": "b", "srt": "sco", "st": "", "se": end, "sip": "", "spr": "", "sv": VERSION}
        text = "".join(f"{value}\n" for value in (self.account, *fields.values()))
        signature = base64.b64encode(hmac.new(self._account_key, text.encode(), hashlib.sha256).digest()).decode()
        return urlencode({name: value for name, value in fields.items() if value} | {"sig": signature})


def _connection(entry: Config) -> dict[str, str]:
    """Return what a connection string says."""
    text = secret(entry, "connectionString") or ""
    parts = [part.partition("=") for part in text.split(";") if part]
    if not all(sign for _, sign, _ in parts):
        raise entry.error(
            "connectionString", "must look like 'AccountName=…;AccountKey=…', as Azure's portal shows it."
        )
    return {name: value for name, _, value in parts}


def _decoded_key(text: str, entry: Config) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except binascii.Error as error:
        where = "connectionString" if entry.has("connectionString") else "accountKey"
        raise entry.error(where, "has a key that isn't base64. Copy it as Azure's portal shows it.") from error


def _application(entry: Config) -> tuple[str, str, str] | None:
    if not entry.has("aadCredential"):
        return None
    found = entry.child("aadCredential")
    return found.get_str("tenantId"), found.get_str("clientId"), found.get_str("clientSecret").strip()
