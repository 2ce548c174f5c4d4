"""What the integrations of all hosts have in common."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any, ClassVar, Self
from urllib.parse import urlsplit

from portal import http_client
from portal.config import Config
from portal.errors import InputError
from portal.integrations.credentials import ANONYMOUS, Credentials, bearer
from portal.integrations.throttling import NO_RETRY, Retry, Throttle
from portal.integrations.urls import RepositoryUrl, decoded, encoded, host_of, joined, split_url

_HOST = re.compile(r"(?:[A-Za-z0-9_.-]+|\[[0-9A-Fa-f:.]+\])(?::\d{1,5})?")


class ScmIntegration:
    """A host that files can be read from, as one entry of ``integrations`` describes it.

    Made once for a configuration and used by many threads.
    """

    #: The key of its list: ``integrations.<type>``.
    type: ClassVar[str]
    #: What its makers call it, for messages.
    product: ClassVar[str]
    #: Configured even if nobody configures it, without credentials.
    public_host: ClassVar[str] = ""
    #: What may be set to be let in, for messages.
    credential_keys: ClassVar[str] = "token"

    #: What every request to the host bears besides credentials.
    request_headers: ClassVar[Mapping[str, str]] = {}
    #: Whether and when requests that fail are sent again.
    retry: Retry = NO_RETRY
    #: Holds requests back; None: there may be any number of them.
    throttle: Throttle | None = None

    def __init__(self, entry: Config, key: str, *, transport: http_client.BaseTransport | None = None) -> None:
        """Read an entry. ``transport`` is for tests. Raises ``ConfigError`` that names file, key and rule."""
        #: Where it is configured: ``integrations.github[0]``.
        self.key = key
        self.host = self.read_host(entry)
        self._transport = transport

    @classmethod
    def read_all(cls, config: Config, *, transport: http_client.BaseTransport | None = None) -> tuple[Self, ...]:
        """Return the configured hosts of this type, and the public one."""
        path = f"integrations.{cls.type}"
        found = [
            cls(entry, f"{path}[{position}]", transport=transport)
            for position, entry in enumerate(config.children(path))
        ]
        if cls.public_host and all(one.host != cls.public_host for one in found):
            found.append(cls(Config.of({"host": cls.public_host}), path, transport=transport))
        return tuple(found)

    def read_host(self, entry: Config) -> str:
        """Return the host that an entry is for."""
        host = entry.get_str("host", self.public_host) if self.public_host else entry.get_str("host")
        if not _HOST.fullmatch(host):
            raise entry.error("host", "must be a host, with ':port' if need be, and nothing else: 'git.example.com'.")
        return host.lower()

    @property
    def title(self) -> str:
        """What people call it: the host."""
        return self.host

    @property
    def is_configured(self) -> bool:
        """Whether the configuration has an entry for it; a public host is known without one."""
        return self.key.endswith("]")

    def serves(self, url: str) -> bool:
        """Tell whether a URL is on this host."""
        return host_of(url) == self.host

    # URLs

    def parse(self, url: str) -> RepositoryUrl:
        """Return what a URL points at. Raises ``InputError`` if this host has no such URLs."""
        raise NotImplementedError

    def root_of(self, url: str) -> str | None:
        """Return the part of a URL's path that ends at the repository's root, ref included; None if it has no such."""
        match = self.match(url)
        if match is None:
            return None
        return match.string if match.groupdict().get("path") is None else match.string[: match.start("path")]

    def match(self, url: str) -> re.Match[str] | None:
        """Match a URL's path against this host's way of writing them."""
        return None

    def resolve_url(self, target: str, base: str, line_number: int | None = None) -> str:
        """Return the absolute URL that ``target`` means in the file at ``base``; a leading ``/`` is the repository."""
        return joined(target, base, root=self.root_of(base), line_number=line_number)

    def resolve_edit_url(self, url: str) -> str:
        """Return where a person can edit the file at ``url``; the URL itself if the host has no page for that."""
        return url

    def file_url(self, base: str, path: str) -> str:
        """Return the URL of another file of the repository, at the same ref; ``path`` is decoded."""
        raise NotImplementedError

    def malformed(self, url: str, shape: str) -> InputError:
        """Return the error for a URL that this host doesn't have."""
        return InputError(f"{url} is no URL of a file or folder on {self.host}. They look like {shape}.")

    # Credentials

    def credentials(self, url: str, *, token: str | None = None) -> Credentials:
        """Return what lets a request for ``url`` in. ``token`` takes the place of what is configured.

        May ask the host for a token, and then raises ``InputError`` or ``ServiceUnavailableError``.
        """
        return bearer(token, "the caller's token") if token else self.configured_credentials(url)

    def configured_credentials(self, url: str) -> Credentials:
        """Return the credentials that are configured for a URL."""
        return ANONYMOUS

    def has_credentials(self, url: str) -> bool:
        """Say whether there are credentials in the configuration for a URL. Nobody is asked."""
        return bool(self.configured_credentials(url))

    def advice(self) -> str:
        """Return the sentence that says how to configure credentials."""
        if self.is_configured:
            return f"Set {self.credential_keys} in {self.key} in app-config.yaml."
        return f"Add '- host: {self.host}' with {self.credential_keys} to {self.key} in app-config.yaml."

    def is_unauthenticated(self, response: http_client.Response) -> bool:
        """Tell whether an answer means that credentials are missing or don't hold."""
        return response.status_code == 401

    def is_rate_limited(self, response: http_client.Response) -> bool:
        """Tell whether an answer means that there were too many requests."""
        return response.status_code == 429


class RepositoryHost(ScmIntegration):
    """A host of git repositories, which have an API, a default branch and a page for each file."""

    #: Whether the URL of a file may leave out the branch, and then means the default one.
    branch_is_optional: ClassVar[bool] = False

    def api_url(self, url: str) -> str:
        """Return where the API has the repository that a URL leads into."""
        raise NotImplementedError

    def default_branch(self, url: str, ask: Callable[[str], Any]) -> str:
        """Return the default branch of the repository that a URL leads into; ``ask`` gets a URL's answer in JSON."""
        return str(ask(self.api_url(url))["default_branch"])

    def page_url(self, url: str, path: str, *, branch: str = "") -> str:
        """Return where people see a file of the repository that ``url`` leads into.

        The ref is that of ``url``, else ``branch``. ``path`` is decoded, from the root, and may be a pattern.
        """
        raise NotImplementedError


class PathIntegration(ScmIntegration):
    """A host whose URLs name repository, ref and path one after the other, as most do.

    ``pattern`` has the group ``repo``, and as far as there are such ``owner``, ``ref``, ``ref_type`` and ``path``.
    """

    pattern: re.Pattern[str]
    #: What a URL looks like, for messages.
    shape: ClassVar[str]

    def match(self, url: str) -> re.Match[str] | None:
        """Match the path against the pattern."""
        return self.pattern.fullmatch(split_url(url).path)

    def parse(self, url: str) -> RepositoryUrl:
        """Return what a URL points at."""
        match = self.match(url)
        if match is None:
            raise self.malformed(url, f"https://{self.host}{self.shape}")
        found = {name: decoded(text, url) for name, text in match.groupdict(default="").items()}
        path, ref_type = found.get("path", "").strip("/"), found.get("ref_type", "")
        return RepositoryUrl(self.host, found.get("owner", ""), found["repo"], found.get("ref", ""), path, ref_type)

    def file_url(self, base: str, path: str) -> str:
        """Return the URL of another file of the repository."""
        return joined(f"/{encoded(path)}", base, root=self.root_of(base))


def base_url(entry: Config, name: str, default: str) -> str:
    """Return an address from an entry, without slashes at its end. Raises ``ConfigError`` if it isn't http(s)."""
    text = entry.get_str(name, default)
    try:
        parts = urlsplit(text)
        valid = parts.scheme in {"http", "https"} and parts.hostname and parts.port != 0
    except ValueError:
        valid = False
    if not valid:
        raise entry.error(name, "must be a URL that starts with http:// or https:// and names a host.")
    return text.rstrip("/")


def secret(entry: Config, name: str) -> str | None:
    """Return a secret from an entry without white space around it; None if it isn't set."""
    text = entry.get_str(name, None)
    return text.strip() if text else None
