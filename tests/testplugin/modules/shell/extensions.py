from typing import Any

from portal.extensions import AppRootWrapper, Media, NavContent, PageContext, SignInPage, Theme


class OuterFrame(AppRootWrapper):
    name = "outer"
    template_name = "testshell/frame.html"


class InnerFrame(AppRootWrapper):
    name = "inner"
    template_name = "testshell/frame.html"


class BrokenFrame(AppRootWrapper):
    name = "broken"
    disabled = True

    def render(self, page: PageContext) -> Any:
        raise RuntimeError("the frame is broken")


class OwnNav(NavContent):
    template_name = "testshell/nav.html"

    def context(self, page: PageContext) -> dict[str, Any]:
        first = page.nav.take("page:testplugin")
        return {"first": first, "others": page.nav.rest(sort_by=lambda item: item.title)}


class CompanySignIn(SignInPage):
    template_name = "testshell/sign_in.html"


class ContrastTheme(Theme):
    name = "contrast"
    title = "High contrast"
    variant = "dark"
    icon = "contrast"
    media = Media(css=["testplugin/contrast.css"])
