"""Microsoft Graph and its token service, as far as the module asks them; shapes are those of their documentation."""

from __future__ import annotations

import base64
from typing import Any
from urllib.parse import parse_qs, quote, urlencode

from tests.catalog.modules.kit import Host
from tests.portal.source_hosts.server import Answer, Asked, answer_json

TENANT = "5a7e0f6c-0000-4000-8000-000000000001"
USER, GROUP, DEVICE = "#microsoft.graph.user", "#microsoft.graph.group", "#microsoft.graph.device"
PHOTO = b"\xff\xd8\xff\xe0 as large as "


def refused(status: int, code: str, message: str) -> Answer:
    """Answer as Microsoft Graph does where something is wrong."""
    return answer_json({"error": {"code": code, "message": message, "innerError": {}}}, status)


NOT_FOUND = refused(404, "Request_ResourceNotFound", "Resource does not exist.")


class FakeGraph(Host):
    """A tenant of one's own, with users and groups in groups."""

    def __init__(self) -> None:
        super().__init__()
        self.secret = "app-secret"
        self.organization = {"id": TENANT, "displayName": "Acme Ltd. (Test)"}
        self.users: list[dict[str, Any]] = []
        self.groups: list[dict[str, Any]] = []
        #: Ids by the id of the group.
        self.members: dict[str, list[str]] = {}
        #: Heights of photos by the id of the user.
        self.photos: dict[str, list[int]] = {}
        #: Pages have so many items at most, whatever is asked for.
        self.page_size = 2
        #: What filters and searches find, by their text: ids.
        self.finds: dict[str, list[str]] = {}

    def provider(self, **changes: Any) -> dict[str, Any]:
        """Return a provider's section."""
        return {
            "target": f"{self.url}/v1.0",
            "authority": self.url,
            "tenantId": TENANT,
            "clientId": "app",
            "clientSecret": self.secret,
            **changes,
        }

    def add_user(self, name: str, **changes: Any) -> str:
        """Add somebody, as the API shows them; return the id."""
        user = {
            "id": f"user-{name}",
            "displayName": name.title(),
            "mail": f"{name}@acme.example",
            "userPrincipalName": f"{name}@acme.onmicrosoft.example",
            **changes,
        }
        self.users.append(user)
        return str(user["id"])

    def add_group(self, name: str, *members: str, **changes: Any) -> str:
        """Add a group; return the id. Members are ids of users and groups, or of anything else."""
        group = {"id": f"group-{name}", "displayName": name.title(), "securityEnabled": True, **changes}
        self.groups.append(group)
        self.members[group["id"]] = list(members)
        return str(group["id"])

    def asked_for(self, path: str) -> list[Asked]:
        """Return the requests for a path below the version."""
        return [asked for asked in self.server.asked if asked.path == f"/v1.0/{path}"]

    def _respond(self, asked: Asked) -> Answer:
        if asked.method == "POST":
            return self._token(asked)
        return super()._respond(asked)

    def _token(self, asked: Asked) -> Answer:
        if asked.path != f"/{TENANT}/oauth2/v2.0/token":
            return Answer(status=404)
        form = parse_qs(asked.body.decode())
        assert form == {"grant_type": ["client_credentials"], "scope": ["http://127.0.0.1/.default"]}
        shown = base64.b64encode(f"app:{self.secret}".encode()).decode()
        if asked.authorization != f"Basic {shown}":
            return answer_json({"error": "invalid_client", "error_description": "AADSTS7000215"}, 401)
        return answer_json({"access_token": self.token, "expires_in": 3599, "token_type": "Bearer"})

    def answer(self, asked: Asked) -> Answer:
        match asked.segments[1:]:
            case ["organization", tenant] if tenant == TENANT:
                return answer_json(self.organization)
            case ["users"]:
                return self._page(asked, self.users)
            case ["groups"]:
                return self._page(asked, self.groups)
            case ["groups", group, "members"] if group in self.members:
                return self._page(asked, self._members(group))
            case ["groups", group, ("members" | "transitiveMembers"), cast] if group in self.members:
                return self._page(asked, [one for one in self._members(group) if one["@odata.type"] == f"#{cast}"])
            case ["users", user, "photos"]:
                heights = self.photos.get(user)
                if heights is None:
                    return refused(404, "ImageNotFound", "The photo wasn't found.")
                return answer_json({"value": [{"id": f"{one}x{one}", "height": one, "width": one} for one in heights]})
            case ["users", _, "photos", size, "$value"]:
                return Answer(PHOTO + size.encode(), headers={"Content-Type": "image/jpeg"})
        return NOT_FOUND

    def _members(self, group: str) -> list[dict[str, Any]]:
        known = {user["id"]: {"@odata.type": USER, **user} for user in self.users}
        known |= {one["id"]: {"@odata.type": GROUP, **one} for one in self.groups}
        return [known.get(member, {"@odata.type": DEVICE, "id": member}) for member in self.members[group]]

    def _page(self, asked: Asked, items: list[dict[str, Any]]) -> Answer:
        query = dict(asked.query)
        if "$search" in query and asked.headers.get("consistencylevel") != "eventual":
            return refused(400, "Request_UnsupportedQuery", "Request with $search query parameter only works …")
        for name in ("$filter", "$search"):
            if name in query:
                if query[name] not in self.finds:
                    return refused(400, "BadRequest", f"Invalid filter clause: '{query[name]}'.")
                items = [one for one in items if one["id"] in self.finds[query[name]]]
        size, start = min(int(query["$top"]), self.page_size), int(query.get("$skiptoken", 0))
        body: dict[str, Any] = {"value": items[start : start + size]}
        if start + size < len(items):
            following = urlencode({**query, "$skiptoken": start + size}, quote_via=quote)
            body["@odata.nextLink"] = f"{self.url}{asked.path}?{following}"
        return answer_json(body)
