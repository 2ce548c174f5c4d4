"""Widgets: one for a new type, one in place of the plugin's own, one that fails."""

from typing import Any

from portal.extensions import ApiDefinitionWidget, Media, PageContext


class SqlWidget(ApiDefinitionWidget):
    name = "sql"
    title = "SQL"
    types = ("sql",)
    language = "sql"
    template_name = "addon/sql.html"
    media = Media(css=["addon/sql.css"])

    def context(self, page: PageContext) -> dict[str, Any]:
        return {"tables": page.definition.text.count("CREATE TABLE")}


class OtherGraphQlWidget(ApiDefinitionWidget):
    name = "graphql"
    title = "Our GraphQL"
    types = ("graphql",)
    template_name = "addon/graphql.html"


class FailingWidget(ApiDefinitionWidget):
    name = "failing"
    types = ("failing",)

    def render(self, page: PageContext) -> Any:
        raise ZeroDivisionError("it can't")
