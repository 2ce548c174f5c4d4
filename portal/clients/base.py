"""What clients of plugins have in common: who asks, and how."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, Self

from portal.credentials import Credentials
from portal.services import auth, transport
from portal.services.transport import Response


class PluginClient:
    """A client of one plugin's API, bound to who asks.

    At the top of ``portal.clients`` there is one bound to the portal itself; ``acting_for`` binds to a plugin or to the
    person whose request is being served. An answer that is an error is raised as the error that it names.
    """

    #: The plugin that is asked.
    plugin_id: ClassVar[str]

    def __init__(self, *, caller: str = "app", credentials: Credentials | None = None) -> None:
        self._caller = caller
        self._credentials = credentials
        #: The plugin that is asked.
        self._target = self.plugin_id

    def acting_for(self, caller: str, credentials: Credentials | None = None) -> Self:
        """Return the same client for the plugin ``caller``, on behalf of ``credentials`` if they are given."""
        return type(self)(caller=caller, credentials=credentials)

    def _request(
        self,
        method: str,
        path: str,
        *,
        params: Mapping[str, Any] | None = None,
        json: Any = None,
    ) -> Response:
        """Send a request; the answer has no error. Raises what the plugin answers, or ``ServiceUnavailableError``."""
        return self._send(method, path, params=params, json=json).raise_for_error()

    def _send(self, method: str, path: str, *, params: Mapping[str, Any] | None = None, json: Any = None) -> Response:
        """Send a request and return the answer, which may be an error. Raises ``ServiceUnavailableError``."""
        token = auth.plugin_token(self._caller, target=self._target, on_behalf_of=self._credentials)
        headers = {"Authorization": f"Bearer {token}"}
        return transport.request(self._target, method, path, params=params, headers=headers, json=json)
