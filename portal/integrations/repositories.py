"""Files in the repositories of source hosts, by any URL that leads into one."""

from __future__ import annotations

from portal import http_client
from portal.integrations.base import RepositoryHost
from portal.integrations.host_api import HostApi


def file_url(
    integration: RepositoryHost, url: str, path: str, *, transport: http_client.BaseTransport | None = None
) -> str:
    """Return the URL of a file, or by a pattern of several, in the repository that ``url`` leads into.

    ``path`` is decoded, from the root. The ref is that of ``url``, else the default branch: where URLs have to name it,
    the host is asked for it, and errors are those of ``HostApi``. ``transport`` is for tests.
    """
    if integration.parse(url).ref or integration.branch_is_optional:
        return integration.page_url(url, path)
    with http_client.new_client(transport=transport) as client:
        branch = integration.default_branch(url, HostApi(client, integration, url).json)
    return integration.page_url(url, path, branch=branch)
