"""What every request passes: the door, the envelope, origins, and strict parameters."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from csp.constants import NONCE
from csp.decorators import csp_exempt, csp_update
from csp.exceptions import CSPNonceError
from csp.utils import build_policy
from django.db import OperationalError
from django.http import Http404, HttpRequest, HttpResponse
from django.test import Client, RequestFactory
from django.urls import path
from django.views.decorators.http import require_GET
from rest_framework.request import Request
from rest_framework.response import Response

from portal import errors
from portal.config import Config, override_config
from portal.http.access import public
from portal.http.json import json_array, stream_json_array
from portal.http.policy import content_security_policy
from portal.http.query import QueryParams
from portal.http.views import ApiView

pytestmark = [pytest.mark.django_db, pytest.mark.urls(__name__)]

RAISED: dict[str, Exception] = {
    "input": errors.InputError("That isn't right."),
    "authentication": errors.AuthenticationError("Who?"),
    "not-allowed": errors.NotAllowedError("Not you."),
    "not-found": errors.NotFoundError("Not here."),
    "conflict": errors.ConflictError("Taken."),
    "not-supported": errors.NotSupportedError("Not done."),
    "unavailable": errors.ServiceUnavailableError("Later."),
    "http404": Http404("Nothing."),
    "database": OperationalError("connection to server at db.example, password hunter2"),
    "unforeseen": RuntimeError("secret detail"),
}


class RaisingView(ApiView):
    """Raises what its path names."""

    def get(self, request: Request, what: str) -> Response:
        raise RAISED[what]


class EchoView(ApiView):
    """Returns the body, and who sent it."""

    def post(self, request: Request) -> Response:
        subject = self.credentials(request).principal.subject
        return Response({"body": self.json_object(request), "subject": subject})


def plain(request: HttpRequest) -> HttpResponse:
    """Be a view that knows nothing of credentials."""
    return HttpResponse("inside")


@public
@require_GET
def opened(request: HttpRequest) -> HttpResponse:
    """Be a view that is open to all."""
    return HttpResponse("outside")


def raising(request: HttpRequest, what: str) -> HttpResponse:
    """Be a page that fails."""
    raise RAISED[what]


@csp_update({"img-src": "pictures.example"})
def pictured(request: HttpRequest) -> HttpResponse:
    """Be a page with a picture from elsewhere."""
    return HttpResponse()


@csp_exempt()
def unguarded(request: HttpRequest) -> HttpResponse:
    """Be a page without a policy."""
    return HttpResponse()


@csp_update({"script-src": [NONCE]})
def scripted(request: HttpRequest) -> HttpResponse:
    """Be a page with a script in it."""
    return HttpResponse(str(request.csp_nonce))  # type: ignore[attr-defined]


urlpatterns = [
    path("api/test/raise/<str:what>", RaisingView.as_view()),
    path("api/test/echo", EchoView.as_view()),
    path("api/test/plain", plain),
    path("plain", plain),
    path("open", opened),
    path("raise/<str:what>", raising),
    path("pictured", pictured),
    path("unguarded", unguarded),
    path("scripted", scripted),
]
handler404 = "portal.http.handlers.not_found"


def test_an_address_that_forms_are_sent_to_says_so_to_who_looks_at_it(guest_client: Client) -> None:
    response = guest_client.post("/open")
    assert response.status_code == 405
    assert response["Allow"] == "GET"
    assert "it takes GET only" in response.content.decode()


class TestDoor:
    """Every view is closed unless it says otherwise."""

    def test_a_view_that_says_nothing_is_closed(self, client: Client) -> None:
        response = client.get("/api/test/plain")
        assert response.status_code == 401
        assert response.json()["error"]["name"] == "AuthenticationError"

    def test_a_token_opens_it(self, service_client: Client) -> None:
        assert service_client.get("/api/test/plain").content == b"inside"

    def test_a_public_view_is_open(self, client: Client) -> None:
        assert client.get("/open").content == b"outside"

    def test_the_configuration_can_take_the_door_off(self, client: Client) -> None:
        with override_config({"backend": {"auth": {"dangerouslyDisableDefaultAuthPolicy": True}}}):
            assert client.get("/api/test/plain").content == b"inside"

    def test_in_development_a_person_who_opens_a_page_is_the_guest(self, client: Client) -> None:
        assert client.get("/plain").content == b"inside"
        assert client.session["portal.user"]["ref"] == "user:default/guest"

    def test_in_production_a_person_is_sent_to_sign_in(self, client: Client, settings: Any) -> None:
        settings.PORTAL_ENV = "production"
        response = client.get("/plain?x=1")
        assert response.status_code == 302
        assert response["Location"] == "/sign-in?next=%2Fplain%3Fx%3D1"

    @pytest.mark.parametrize(
        ("came_from", "page"),
        [
            ("http://testserver/catalog?x=1#y", "%2Fcatalog%3Fx%3D1"),
            ("http://testserver", "%2F"),
            ("https://evil.example/catalog", "%2F"),
            ("", "%2F"),
        ],
    )
    def test_after_signing_in_a_person_is_where_the_form_was_not_where_it_leads(
        self, client: Client, came_from: str, page: str
    ) -> None:
        response = client.post("/plain", headers={"Referer": came_from} if came_from else {})
        assert response.status_code == 302
        assert response["Location"] == f"/sign-in?next={page}"

    def test_production_lets_guests_in_if_the_configuration_insists(self, client: Client, settings: Any) -> None:
        settings.PORTAL_ENV = "production"
        insist = {"auth": {"providers": {"guest": {"dangerouslyAllowOutsideDevelopment": True}}}}
        with override_config(insist):
            assert client.get("/plain").content == b"inside"

    def test_a_session_doesnt_change_anything_without_a_csrf_token(self) -> None:
        client = Client(enforce_csrf_checks=True)
        client.get("/plain")
        refused = client.post("/api/test/echo", {"a": 1}, content_type="application/json")
        assert refused.status_code == 403
        assert "CSRF" in refused.json()["error"]["message"]
        token = client.cookies["greenroom_csrf"].value
        done = client.post("/api/test/echo", {"a": 1}, content_type="application/json", headers={"X-CSRFToken": token})
        assert done.json() == {"body": {"a": 1}, "subject": "user:default/guest"}

    def test_a_program_needs_no_csrf_token(self) -> None:
        client = Client(enforce_csrf_checks=True, headers={"Authorization": "Bearer token-of-a-test-service"})
        done = client.post("/api/test/echo", {}, content_type="application/json")
        assert done.json()["subject"] == "test-service"

    def test_a_token_is_bound_to_the_plugins_that_it_names(self, client: Client) -> None:
        entry = {
            "type": "static",
            "options": {"token": "restricted-token", "subject": "s"},
            "accessRestrictions": [{"plugin": "catalog"}],
        }
        headers = {"Authorization": "Bearer restricted-token"}
        with override_config({"backend": {"auth": {"externalAccess": [entry]}}}):
            refused = client.get("/api/test/plain", headers=headers)
        assert refused.status_code == 403
        assert refused.json()["error"]["name"] == "NotAllowedError"


class TestErrors:
    """One envelope for programs, one page for people."""

    @pytest.mark.parametrize(
        ("what", "status", "name"),
        [
            ("input", 400, "InputError"),
            ("authentication", 401, "AuthenticationError"),
            ("not-allowed", 403, "NotAllowedError"),
            ("not-found", 404, "NotFoundError"),
            ("conflict", 409, "ConflictError"),
            ("not-supported", 501, "NotImplementedError"),
            ("unavailable", 503, "ServiceUnavailableError"),
            ("http404", 404, "NotFoundError"),
            ("database", 503, "ServiceUnavailableError"),
            ("unforeseen", 500, "InternalServerError"),
        ],
    )
    def test_programs_get_the_envelope(self, service_client: Client, what: str, status: int, name: str) -> None:
        response = service_client.get(f"/api/test/raise/{what}?a=b")
        assert response.status_code == status
        body = response.json()
        assert body["error"]["name"] == name
        assert body["error"]["message"]
        assert body["request"] == {"method": "GET", "url": f"/raise/{what}?a=b"}
        assert body["response"] == {"statusCode": status}

    @pytest.mark.parametrize("what", ["database", "unforeseen"])
    def test_what_went_wrong_inside_stays_inside(self, service_client: Client, client: Client, what: str) -> None:
        for answer in (service_client.get(f"/api/test/raise/{what}"), client.get(f"/raise/{what}")):
            assert b"hunter2" not in answer.content
            assert b"secret detail" not in answer.content

    @pytest.mark.parametrize(
        ("what", "status", "words"),
        [("not-found", 404, "Not here."), ("unforeseen", 500, "log"), ("input", 400, "right")],
    )
    def test_people_get_a_page(self, client: Client, what: str, status: int, words: str) -> None:
        response = client.get(f"/raise/{what}")
        assert response.status_code == status
        assert response["Content-Type"].startswith("text/html")
        assert words in response.content.decode()

    def test_a_path_that_no_plugin_has_gets_no_body(self, service_client: Client) -> None:
        response = service_client.get("/api/nosuch/x")
        assert response.status_code == 404
        assert response.content == b""
        assert "Content-Type" not in response

    def test_a_page_that_isnt_there_gets_a_page(self, client: Client) -> None:
        response = client.get("/nosuch")
        assert response.status_code == 404
        assert b"<html" in response.content

    def test_a_wrong_method_and_a_wrong_body_are_the_clients_mistakes(self, service_client: Client) -> None:
        assert service_client.get("/api/test/echo").status_code == 405
        broken = service_client.post("/api/test/echo", "{", content_type="application/json")
        assert broken.status_code == 400
        assert broken.json()["error"]["name"] == "InputError"
        other = service_client.post("/api/test/echo", "a=1", content_type="application/x-www-form-urlencoded")
        assert other.status_code == 415

    @pytest.mark.parametrize("body", ['{"a": "\\u0000"}', '{"a\\u0000": 1}', r'{"a": "\\\u0000"}'])
    def test_a_nul_character_is_refused_since_databases_cant_keep_it(self, service_client: Client, body: str) -> None:
        assert service_client.post("/api/test/echo", body, content_type="application/json").status_code == 400

    @pytest.mark.parametrize("text", [r"[^\u0000]", r"\\u0000", "u0000"])
    def test_a_text_about_a_nul_character_is_a_text_like_others(self, service_client: Client, text: str) -> None:
        echoed = service_client.post("/api/test/echo", json.dumps({"a": text}), content_type="application/json")
        assert echoed.status_code == 200, echoed.content

    def test_a_nul_character_in_an_address_is_refused(self, service_client: Client) -> None:
        assert service_client.get("/api/test/plain?a=%00").status_code == 400


class TestCors:
    """``backend.cors``."""

    CORS = {"origin": "http://one.example", "credentials": True, "methods": ["GET", "POST"]}

    def test_the_configured_origin_may_read(self, service_client: Client) -> None:
        with override_config({"backend": {"cors": self.CORS}}):
            response = service_client.get("/api/test/plain", headers={"Origin": "http://one.example"})
        assert response["Access-Control-Allow-Origin"] == "http://one.example"
        assert response["Access-Control-Allow-Credentials"] == "true"
        assert "Origin" in response["Vary"]

    def test_another_origin_may_not(self, service_client: Client) -> None:
        with override_config({"backend": {"cors": self.CORS}}):
            response = service_client.get("/api/test/plain", headers={"Origin": "http://evil.example"})
        assert "Access-Control-Allow-Origin" not in response

    def test_a_preflight_is_answered_without_credentials(self, client: Client) -> None:
        headers = {"Origin": "http://one.example", "Access-Control-Request-Method": "GET"}
        with override_config({"backend": {"cors": self.CORS}}):
            response = client.options("/api/test/plain", headers=headers)
        assert response.status_code == 204
        assert response["Access-Control-Allow-Methods"] == "GET,POST"

    def test_without_configuration_there_is_none(self, service_client: Client) -> None:
        response = service_client.get("/api/test/plain", headers={"Origin": "http://one.example"})
        assert "Access-Control-Allow-Origin" not in response


class TestQueryParams:
    """Parameters are read strictly."""

    def params(self, query: str) -> QueryParams:
        """Read a query string on a route that knows a few names."""
        return QueryParams(RequestFactory().get(f"/x?{query}"), allowed=("a", "n", "c"))

    def test_brackets_mean_the_same(self) -> None:
        assert self.params("a[]=1&a[0]=2&a=3").list("a") == ["1", "2", "3"]

    def test_commas_part_values_where_asked(self) -> None:
        assert self.params("a=1, 2,&a=3").list("a", split=True) == ["1", "2", "3"]

    @pytest.mark.parametrize("query", ["b=1", "n=x", "n=1&n=2", "n=-1", "n=", "c=z", "c=x&c=y", "a="])
    def test_what_doesnt_fit_is_refused(self, query: str) -> None:
        with pytest.raises(errors.InputError, match="parameter"):
            self.read(query)

    def read(self, query: str) -> None:
        """Read everything."""
        params = self.params(query)
        params.integer("n")
        params.choice("c", ["x", "y"], default="x")
        params.list("a")

    def test_what_wasnt_given_is_none_or_the_default(self) -> None:
        params = self.params("")
        assert params.integer("n") is None
        assert params.text("a") is None
        assert params.list("a") == []
        assert params.choice("c", ["x", "y"], default="y") == "y"


def test_a_streamed_array_is_the_same_as_a_joined_one() -> None:
    for items in ([], ["1"], ['{"a":1}', "2", "null"], ["7"] * 100_000):
        assert b"".join(stream_json_array(items)) == json_array(items)


def test_an_array_that_cant_be_read_is_an_error_before_anything_is_sent() -> None:
    def items() -> Iterator[str]:
        yield from ()
        raise errors.ServiceUnavailableError("The database is away.")

    with pytest.raises(errors.ServiceUnavailableError):
        stream_json_array(items())


class TestContentSecurityPolicy:
    """One header for all answers, unless one asks for something of its own."""

    @pytest.fixture
    def policies(self, service_client: Client) -> Callable[[str], str]:
        """The policy that comes with an address's answer."""
        return lambda address: service_client.get(address).headers.get("Content-Security-Policy", "")

    def test_programs_and_people_get_the_policy_of_the_settings(self, policies: Callable[[str], str]) -> None:
        assert set(policies("/plain").split("; ")) == set(build_policy().split("; "))
        assert policies("/api/test/plain") == policies("/plain") == policies("/api/nowhere")

    def test_an_answer_can_add_to_it_and_leave_it_out(self, policies: Callable[[str], str]) -> None:
        assert "pictures.example" in policies("/pictured")
        assert policies("/unguarded") == ""
        assert "pictures.example" not in policies("/plain")

    def test_a_nonce_that_is_used_is_in_the_header(self, service_client: Client) -> None:
        response = service_client.get("/scripted")
        assert f"'nonce-{response.content.decode()}'" in response["Content-Security-Policy"]
        assert "nonce" not in service_client.get("/plain")["Content-Security-Policy"]

    def test_a_nonce_that_comes_too_late_is_an_error(self, service_client: Client) -> None:
        response = service_client.get("/plain")
        with pytest.raises(CSPNonceError):
            str(response.wsgi_request.csp_nonce)  # type: ignore[attr-defined]


def test_messages_are_for_pages(service_client: Client) -> None:
    assert hasattr(service_client.get("/plain").wsgi_request, "_messages")
    assert not hasattr(service_client.get("/api/test/plain").wsgi_request, "_messages")


def test_a_csp_directive_is_replaced_or_removed() -> None:
    config = Config.of({"backend": {"csp": {"img-src": ["'self'", "cdn.example"], "form-action": False}}})
    directives = content_security_policy(config)["DIRECTIVES"]
    assert directives["img-src"] == ["'self'", "cdn.example"]
    assert "form-action" not in directives
    assert directives["script-src"] == ["'self'"]
    with pytest.raises(errors.ConfigError, match=r"backend\.csp\.img-src"):
        content_security_policy(Config.of({"backend": {"csp": {"img-src": "x"}}}))
