from typing import Any

from portal.errors import NotFoundError
from portal.http.pages import PageView


class RootView(PageView):
    template_name = "testplugin/root.html"
    fragments = {"panels": "testplugin/_panels.html"}

    def context(self, **parameters: Any) -> dict[str, Any]:
        return {"greeting": "<b>Hello</b>"}


class ThingView(PageView):
    template_name = "testplugin/thing.html"

    def context(self, **parameters: Any) -> dict[str, Any]:
        if parameters["name"] == "missing":
            raise NotFoundError("There is no thing 'missing'.")
        return {"thing": parameters}


class TabView(PageView):
    template_name = "testplugin/tab.html"
