"""What the pages show, for programs. It is there if the page is: ``app.extensions`` mentions it."""

from __future__ import annotations

from typing import Any, ClassVar

from rest_framework.request import Request
from rest_framework.response import Response

from apps.devtools.permissions import CONFIG_READ, EXTERNAL_DEPENDENCIES_READ, INFO_READ
from apps.devtools.queries import check_dependencies, config_info, information
from portal.errors import NotFoundError
from portal.extensions import get_tree
from portal.http.views import ApiView
from portal.permissions import Permission
from portal.services import permissions

PAGE = "page:devtools"


class HealthView(ApiView):
    """``GET /health``."""

    def get(self, request: Request) -> Response:
        """Say that the plugin answers."""
        return Response({"status": "ok"})


class _DevToolsView(ApiView):
    """What the others have in common: the switch, and a permission."""

    permission: ClassVar[Permission]

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Refuse who may not. Raises ``NotFoundError`` where the tools are off, and ``NotAllowedError``."""
        super().initial(request, *args, **kwargs)
        node = get_tree().nodes.get(PAGE)
        if node is None or not node.is_active:
            raise NotFoundError(f"The DevTools are off. Mention '{PAGE}' under app.extensions to have them.")
        permissions.require(self.permission, self.credentials(request))


class InfoView(_DevToolsView):
    """``GET /info``."""

    permission = INFO_READ

    def get(self, request: Request) -> Response:
        """Return what the portal runs on. There is no Node.js; Python stands beside it."""
        found = information()
        return Response(
            {
                "operatingSystem": found.operating_system,
                "resourceUtilization": found.resources,
                "nodeJsVersion": "N/A",
                "pythonVersion": found.python,
                "backstageVersion": found.version,
                "dependencies": [{"name": one.name, "versions": one.version} for one in found.packages],
            }
        )


class ConfigView(_DevToolsView):
    """``GET /config``."""

    permission = CONFIG_READ

    def get(self, request: Request) -> Response:
        """Return the configuration without its secrets, and what is wrong with it."""
        found = config_info()
        answer: dict[str, Any] = {"config": found.tree}
        if found.errors:
            answer["error"] = {"name": "Error", "message": "; ".join(found.errors), "messages": found.errors}
        return Response(answer)


class ExternalDependenciesView(_DevToolsView):
    """``GET /external-dependencies``."""

    permission = EXTERNAL_DEPENDENCIES_READ

    def get(self, request: Request) -> Response:
        """Ask all of them how they are."""
        return Response(
            [
                {
                    "name": one.endpoint.name,
                    "type": one.endpoint.type,
                    "target": one.endpoint.target,
                    "status": one.status,
                    **({"error": one.error} if one.error else {}),
                }
                for one in check_dependencies()
            ]
        )
