"""Azure DevOps, the service and the server."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any
from urllib.parse import parse_qs, quote, unquote, urljoin

from portal import http_client
from portal.config import Config
from portal.errors import ConfigError, InputError
from portal.integrations.azure_identity import SCOPE, managed_identity_token
from portal.integrations.base import RepositoryHost, secret
from portal.integrations.credentials import ANONYMOUS, Credentials, Token, TokenCache, basic, bearer, issue_by_secret
from portal.integrations.urls import RepositoryUrl, decoded, host_of, is_absolute, origin_of, split_url, with_query

#: Of the REST API.
API_VERSION = "6.0"
BRANCHES = "refs/heads/"
#: The fields of each way to be let in: an entry has those of one, and no others.
_WAYS = {
    "personalAccessToken": {"personalAccessToken"},
    "clientSecret": {"clientId", "clientSecret", "tenantId"},
    "managedIdentity": {"clientId"},
    "federatedIdentity": {"clientId", "managedIdentityClientId", "tenantId"},
}
_FIELDS = sorted(set().union(*_WAYS.values()))
_REF_TYPES = {"GB": "branch", "GT": "tag", "GC": "commit"}


@dataclass(frozen=True)
class AzureCredential:
    """One of ``integrations.azure[].credentials``."""

    key: str
    way: str
    #: In lower case; empty: for every organisation without one of its own.
    organizations: frozenset[str]
    fields: dict[str, str]


class AzureIntegration(RepositoryHost):
    """``integrations.azure[]``: ``host, credentials[]``. A file's path and version stand in the query."""

    type = "azure"
    product = "Azure DevOps"
    public_host = "dev.azure.com"
    credential_keys = "credentials"
    branch_is_optional = True
    #: Otherwise it redirects to a page for signing in.
    request_headers = {"X-TFS-FedAuthRedirect": "Suppress"}

    def __init__(self, entry: Config, key: str, *, transport: http_client.BaseTransport | None = None) -> None:
        super().__init__(entry, key, transport=transport)
        self._tokens = TokenCache()
        for old in ("credential", "token"):
            if entry.has(old):
                raise entry.error(old, "is no longer read. Write 'credentials: [{personalAccessToken: …}]'.")
        self._credentials = [
            self._read_credential(item, f"{key}.credentials[{position}]")
            for position, item in enumerate(entry.children("credentials"))
        ]
        counted = Counter(name for one in self._credentials for name in one.organizations or [""])
        for name, count in counted.items():
            if count > 1:
                whom = f"organization {name}" if name else "all other organizations"
                raise entry.error("credentials", f"has {count} entries for {whom}. Leave one.")

    @cached_property
    def _by_organization(self) -> dict[str, AzureCredential]:
        return {name: one for one in self._credentials for name in one.organizations or [""]}

    # URLs

    def parse(self, url: str) -> RepositoryUrl:
        """Return what a URL points at; the owner is ``<organisation>/<project>``."""
        parts = split_url(url)
        query = parse_qs(parts.query)
        before, found, after = decoded(parts.path, url).strip("/").partition("_git/")
        names, repo = [name for name in before.split("/") if name], after.split("/", 1)[0]
        if host_of(url).endswith(".visualstudio.com"):
            names.insert(0, host_of(url).split(".", 1)[0])
        if len(names) == 1:
            # The project that bears the repository's name may be left out.
            names.append(repo)
        version = query.get("version", [""])[0]
        if not found or not repo or len(names) < 2 or (version and version[:2] not in _REF_TYPES):
            raise self.malformed(
                url, f"https://{self.host}/<organisation>/<project>/_git/<repository>?path=/<path>&version=GB<branch>"
            )
        path = decoded(query.get("path", [""])[0], url).strip("/")
        return RepositoryUrl(self.host, "/".join(names), repo, version[2:], path, _REF_TYPES.get(version[:2], ""))

    def resolve_url(self, target: str, base: str, line_number: int | None = None) -> str:
        """Return what ``target`` means: another value of ``path`` in the query."""
        if is_absolute(target):
            return target
        try:
            self.parse(base)
        except InputError:
            return urljoin(base, target)
        path = parse_qs(split_url(base).query).get("path", [""])[0].lstrip("/")
        resolved = unquote(split_url(urljoin(f"https://{self.host}/{quote(path)}", quote(target))).path)
        lines = {}
        if line_number:
            lines = {"line": str(line_number), "lineEnd": str(line_number + 1)}
            lines |= {"lineStartColumn": "1", "lineEndColumn": "1"}
        return with_query(base, path=resolved, **lines)

    def file_url(self, base: str, path: str) -> str:
        """Return the URL of another file of the repository."""
        return with_query(base, path=f"/{path}")

    def page_url(self, url: str, path: str, *, branch: str = "") -> str:
        """Return where people see a file."""
        named = {} if self.parse(url).ref or not branch else {"version": f"GB{branch}"}
        return with_query(url, path=f"/{path}", **named)

    def api_url(self, url: str) -> str:
        """Return where the API has the repository."""
        at = self.parse(url)
        owner = at.owner.split("/", 1)[1] if host_of(url).endswith(".visualstudio.com") else at.owner
        return f"{origin_of(url)}/{quote(owner)}/_apis/git/repositories/{quote(at.repo, safe='')}"

    def default_branch(self, url: str, ask: Callable[[str], Any]) -> str:
        """Return the default branch, without ``refs/heads/``."""
        return str(ask(f"{self.api_url(url)}?api-version={API_VERSION}")["defaultBranch"]).removeprefix(BRANCHES)

    # Credentials

    def has_credentials(self, url: str) -> bool:
        """Say whether there are credentials for the URL's organisation."""
        return self._credential_for(url) is not None

    def is_unauthenticated(self, response: http_client.Response) -> bool:
        """Tell by the status 203 as well, with which it sends a page for signing in."""
        return response.status_code in {203, 401}

    def configured_credentials(self, url: str) -> Credentials:
        """Return the credentials of the URL's organisation, else those for all others."""
        found = self._credential_for(url)
        if found is None:
            return ANONYMOUS
        if found.way == "personalAccessToken":
            return basic("", found.fields["personalAccessToken"], found.key)
        return bearer(self._tokens.get(found.key, lambda: self._issue(found)), found.key, kind="oauth")

    def _credential_for(self, url: str) -> AzureCredential | None:
        return self._by_organization.get(self._organization_of(url)) or self._by_organization.get("")

    def _organization_of(self, url: str) -> str:
        names = [name for name in split_url(url).path.lower().split("/") if name]
        if self.host != self.public_host and names[:1] == ["tfs"]:
            names = names[1:]
        return names[0] if names else ""

    def _issue(self, found: AzureCredential) -> Token:
        if found.way != "clientSecret":
            return managed_identity_token(found.fields, found.key)
        return issue_by_secret(
            f"https://login.microsoftonline.com/{quote(found.fields['tenantId'], safe='')}/oauth2/v2.0/token",
            client_id=found.fields["clientId"],
            client_secret=found.fields["clientSecret"],
            scope=SCOPE,
            key=found.key,
            transport=self._transport,
        )

    def _read_credential(self, entry: Config, key: str) -> AzureCredential:
        fields = {name: value for name in _FIELDS if (value := secret(entry, name))}
        way = next((name for name, wanted in _WAYS.items() if wanted == fields.keys()), None)
        if way is None:
            raise self._bad_credential(entry)
        if way != "personalAccessToken" and self.host != self.public_host:
            raise entry.error("", f"must be a personalAccessToken: {self.host} takes nothing else.")
        organizations = entry.get_strings("organizations", [])
        return AzureCredential(key, way, frozenset(name.lower() for name in organizations), fields)

    def _bad_credential(self, entry: Config) -> ConfigError:
        ways = "; ".join(", ".join(sorted(wanted)) for wanted in _WAYS.values())
        return entry.error("", f"must have exactly the fields of one kind of credential: {ways}.")
