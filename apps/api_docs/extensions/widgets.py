"""The widgets for definitions, and the utility API that knows them all."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial
from typing import Any
from urllib.parse import urlsplit

from apps.api_docs import routes
from apps.api_docs.definitions import Fact, Reference, read_asyncapi, read_graphql, read_openapi, read_protobuf
from apps.api_docs.extension_points import ApiDocsConfigApi, api_docs_config_api
from portal.entities import ref_of
from portal.errors import InputError
from portal.extensions import Api, ApiDefinition, ApiDefinitionWidget, Input, Node, PageContext, guarded
from portal.http.query import whole_number
from portal.routes.urls import url_for

#: Entries on the card.
ON_CARD = 8
METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace")


class _Widgets(ApiDocsConfigApi):
    def __init__(self, nodes: Callable[[], Iterable[Node]]) -> None:
        self._nodes = nodes

    def widget_for(self, type: str) -> Node | None:
        """Return the first widget that suits the type."""
        for node in self._nodes():
            extension = node.extension
            if not isinstance(extension, ApiDefinitionWidget):
                continue
            if guarded(node, None, partial(extension.suits, type), otherwise=False):
                return node
        return None


class ApiDocsConfig(Api):
    """Knows what shows which definition (Backstage's ``apiDocsConfigRef``)."""

    name = "config"
    ref = api_docs_config_api
    inputs = {"widgets": Input(ApiDefinitionWidget, help="What shows definitions; the first that suits the type.")}

    def create(self) -> ApiDocsConfigApi:
        """Return the API."""
        return _Widgets(lambda: self.node.children("widgets"))


class ReferenceWidget(ApiDefinitionWidget):
    """A widget that reads the definition and shows what it says as a list of entries: operations, types."""

    abstract = True
    template_name = "api_docs/widgets/reference.html"

    def reference(self, definition: ApiDefinition) -> Reference:
        """Return what the definition says. Raises ``InputError``."""
        if not definition.text:
            raise InputError("This API has no definition in spec.definition.")
        return self.read(definition.text)

    def read(self, text: str) -> Reference:
        """Return what a text says. Raises ``InputError`` for what can't be read."""
        raise NotImplementedError

    def context(self, page: PageContext) -> dict[str, Any]:
        """Return the outline, and the page of its entries that the address asks for. Raises ``InputError``."""
        reference = self.reference(page.definition)
        if page.compact:
            return {"reference": reference, "section": reference.section(size=ON_CARD)}
        search = page.request.GET.get("q", "").strip()[:200]
        offset = whole_number(page.request.GET.get("offset"))
        return {
            "reference": reference,
            "section": reference.section(search=search, offset=offset),
            "search": search,
            "title": self.title,
        }


class OpenApiWidget(ReferenceWidget):
    """OpenAPI 3 and Swagger 2: operations and schemas, and Swagger UI in a frame."""

    name = "openapi"
    title = "OpenAPI"
    types = ("openapi",)
    language = "yaml"
    config_schema = {
        "interactive": {"type": "boolean", "default": True},
        "tryItOut": {"type": "boolean", "default": False},
        "supportedSubmitMethods": {"type": "array", "items": {"enum": list(METHODS)}, "default": list(METHODS)},
        "connectTo": {"type": "array", "items": {"type": "string"}, "default": []},
    }

    def read(self, text: str) -> Reference:
        """Return operations and types. Raises ``InputError``."""
        return read_openapi(text)

    def faults(self) -> Iterable[str]:
        """Return what is wrong with the origins that requests may go to."""
        for origin in self.config["connectTo"]:
            url = urlsplit(origin)
            if (
                url.scheme not in {"http", "https"}
                or f"{url.scheme}://{url.netloc}" != origin
                or set(origin) & set(" ;,'")
            ):
                yield f"connectTo names {origin!r}; write origins, such as 'https://api.example.com'"

    def try_it_out(self) -> tuple[list[str], list[str]]:
        """Return the methods that requests may be sent with, and the origins that they may go to."""
        return list(self.config["supportedSubmitMethods"]) if self.config["tryItOut"] else [], self.config["connectTo"]

    def interactive_url(self, definition: ApiDefinition, page: PageContext) -> str | None:
        """Return the address of Swagger UI with this definition; None if it can't be read or configuration says no."""
        if not self.config["interactive"]:
            return None
        try:
            self.read(definition.text)
        except InputError:
            return None
        ref = ref_of(definition.entity)
        return url_for(routes.interactive, namespace=ref.namespace, name=ref.name)


class AsyncApiWidget(ReferenceWidget):
    """AsyncAPI 2 and 3: operations, channels, messages, schemas."""

    name = "asyncapi"
    title = "AsyncAPI"
    types = ("asyncapi",)
    language = "yaml"

    def read(self, text: str) -> Reference:
        """Return operations and types. Raises ``InputError``."""
        return read_asyncapi(text)


class GraphQlWidget(ReferenceWidget):
    """GraphQL: queries, mutations, subscriptions, types."""

    name = "graphql"
    title = "GraphQL"
    types = ("graphql",)
    language = "graphql"

    def read(self, text: str) -> Reference:
        """Return operations and types. Raises ``InputError``."""
        return read_graphql(text)


class GrpcWidget(ReferenceWidget):
    """gRPC: services with their methods, messages, enums."""

    name = "grpc"
    title = "gRPC"
    types = ("grpc",)
    language = "protobuf"

    def read(self, text: str) -> Reference:
        """Return operations and types. Raises ``InputError``."""
        return read_protobuf(text)


class McpServerWidget(ReferenceWidget):
    """Servers of the Model Context Protocol: they have no definition, but addresses."""

    name = "mcp-server"
    title = "MCP server"
    types = ("mcp-server",)

    def reference(self, definition: ApiDefinition) -> Reference:
        """Return where the server is. Raises ``InputError`` if the entity doesn't say."""
        remotes = (definition.entity.get("spec") or {}).get("remotes")
        found = [remote for remote in remotes if isinstance(remote, dict)] if isinstance(remotes, list) else []
        if not found:
            raise InputError("This API names no address in spec.remotes.")
        values = tuple(f"{remote.get('url', '')} ({remote.get('type', '')})" for remote in found)
        return Reference(format=self.title, facts=[Fact("Addresses", values)])
