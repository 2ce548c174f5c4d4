"""Whom a repository's CODEOWNERS file names, as an owner in the catalog."""

from __future__ import annotations

import re

from portal.entities import EntityRef
from portal.errors import NotFoundError, PortalError
from portal.integrations import RepositoryHost, file_url, scm_integrations
from portal.services import logger, url_reader

#: Where the hosts look for the file; the first that there is counts.
FOLDERS = ("", ".github/", ".gitlab/", ".bitbucket/", "docs/")
MAX_BYTES = 1024 * 1024
#: Patterns that stand for the whole repository.
_EVERYTHING = frozenset({"*", "**", "/", "/*", "/**"})
_NAME = re.compile(r"[A-Za-z0-9]([A-Za-z0-9_.-]{0,61}[A-Za-z0-9])?")


def codeowner_of(url: str) -> str:
    """Return the ref of whom the CODEOWNERS file names first for the whole repository at an address.

    Empty if there is no such file, nobody in it who could be an owner, or the host doesn't let it be read.
    """
    host = scm_integrations().by_url(url)
    if not isinstance(host, RepositoryHost) or not host.is_configured:
        return ""
    try:
        return primary_owner(_read(host, file_url(host, url, "CODEOWNERS")))
    except PortalError as error:
        logger.for_plugin("catalog-import").info("CODEOWNERS can't be read", repository=url, reason=error.message)
        return ""


def _read(host: RepositoryHost, file: str) -> str:
    """Return the file's text, empty if it is in none of the folders; ``file`` is where it would be at the root."""
    for folder in FOLDERS:
        try:
            found = url_reader.read_url(host.page_url(file, f"{folder}CODEOWNERS"), max_bytes=MAX_BYTES)
        except NotFoundError:
            continue
        return found.content.decode(errors="replace")
    return ""


def primary_owner(text: str) -> str:
    """Return the ref of the first owner in the last rule for everything; empty if there is none.

    ``@acme/team-a`` is the group ``team-a``, ``@jane`` and ``jane@acme.example`` are the user ``jane``.
    """
    found = ""
    for line in text.splitlines():
        pattern, *owners = line.partition("#")[0].split() or [""]
        if pattern in _EVERYTHING:
            found = next(filter(None, map(_ref_of, owners)), "")
    return found


def _ref_of(owner: str) -> str:
    """Return whom a word in the file means, empty if that can't be the name of an entity."""
    if owner.startswith("@"):
        kind, name = ("group", owner.rpartition("/")[2]) if "/" in owner else ("user", owner[1:])
    else:
        kind, name = "user", owner.partition("@")[0]
    return str(EntityRef(kind, "default", name.lower())) if _NAME.fullmatch(name) else ""
