"""The pages of settings: what the portal knows of somebody, what it looks like to them, and feature flags."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.translation import gettext

from portal.clients.catalog import catalog
from portal.entities import EntityRef, initials_of, parse_ref
from portal.errors import InputError, PortalError
from portal.extensions import get_api
from portal.extensions.failures import tell_failure
from portal.extensions.flags import FeatureFlag, FeatureFlagsApi, feature_flags_api
from portal.extensions.identity import identity_of
from portal.extensions.presentation import present, title_of
from portal.extensions.toasts import show_toast
from portal.http.pages import PageView
from portal.routes.urls import url_for


class GeneralView(PageView):
    """The profile, who one is for the portal, and the appearance."""

    template_name = "portal/pages/settings_general.html"

    def context(self, **parameters: Any) -> dict[str, Any]:
        """Return ``profile`` and ``ownership``, the other refs whose possessions are theirs; both may be empty."""
        identity = identity_of(self.request)
        if identity is None:
            return {"profile": None, "ownership": []}
        others = [ref for ref in dict.fromkeys(identity.ownership_entity_refs) if ref != identity.user_entity_ref]
        owners = [owner for owner in map(_link_to, others) if owner is not None]
        profile = self._profile(identity.user_entity_ref)
        profile["initials"] = initials_of(profile["title"])
        return {"profile": profile, "ownership": owners}

    def _profile(self, ref_text: str) -> dict[str, Any]:
        """Return what the catalog has of the person; their ref alone if it has nothing, or can't be asked."""
        link = _link_to(ref_text)
        profile: dict[str, Any] = {"ref": ref_text, "title": ref_text, "url": "", "email": "", "picture": ""}
        if link is None:
            return profile
        profile |= link
        try:
            entity = catalog.acting_for("app", self.credentials).get_entity(ref_text)
        except PortalError as error:
            tell_failure(self.request, error, hidden=True)
            return profile
        if entity is None:
            return profile
        facts = (entity.get("spec") or {}).get("profile") or {}
        return profile | {
            "title": title_of(entity),
            "email": facts.get("email", ""),
            "picture": _web_address(facts.get("picture")),
        }


class FeatureFlagsView(PageView):
    """The declared flags with their switches; ``?q=`` narrows them."""

    template_name = "portal/pages/settings_flags.html"

    def context(self, **parameters: Any) -> dict[str, Any]:
        """Return ``flags`` with whether each is ``active``, how many there are in ``total``, and ``query``."""
        query = self.request.GET.get("q", "").strip()
        api = _flags_api()
        if api is None:
            return {"flags": [], "total": 0, "query": query}
        active = set(api.active(self.request))
        flags = api.registered()
        shown = [{"flag": flag, "active": flag.name in active} for flag in flags if _suits(flag, query)]
        return {"flags": shown, "total": len(flags), "query": query}

    def post(self, request: HttpRequest, **parameters: Any) -> HttpResponse:
        """Switch the flag that ``flag`` names: on if ``active`` is given, else off."""
        api = _flags_api()
        name = request.POST.get("flag", "")
        if api is None or name not in {flag.name for flag in api.registered()}:
            raise InputError(f"There is no feature flag '{name}'.")
        active = set(api.active(request))
        on = "active" in request.POST
        response = HttpResponseRedirect(request.get_full_path())
        api.save(response, active | {name} if on else active - {name}, secure=request.is_secure())
        text = gettext("“%(flag)s” is on.") if on else gettext("“%(flag)s” is off.")
        show_toast(request, text % {"flag": name}, severity="success")
        return response


def _flags_api() -> FeatureFlagsApi | None:
    """Return the API; None if nobody provides it."""
    try:
        return get_api(feature_flags_api)
    except LookupError:
        return None


def _suits(flag: FeatureFlag, query: str) -> bool:
    return all(word in f"{flag.name} {flag.description} {flag.plugin_id}".lower() for word in query.lower().split())


def _link_to(ref_text: str) -> dict[str, Any] | None:
    """Return a ref with its title and the address of its page (empty if there is none); None if it isn't a ref."""
    try:
        ref: EntityRef = parse_ref(ref_text, default_kind="user")
    except InputError:
        return None
    shown = present(ref, default_kind=ref.kind)
    url = url_for("catalog.catalogEntity", **ref._asdict()) or ""
    return {"ref": str(ref), "title": shown.primary_title, "icon": shown.icon, "url": url}


def _web_address(value: object) -> str:
    return value if isinstance(value, str) and value.startswith("https://") else ""
