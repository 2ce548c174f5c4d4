"""Clients that are somebody: a person with a session, a program with a token, a guest."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module

from django.conf import settings
from django.http import HttpRequest
from django.test import Client

from portal.config import current, override_config
from portal.credentials import UserPrincipal
from portal.services import http_auth

ACCESS_KEY = "backend.auth.externalAccess"


def signed_in_client(user: UserPrincipal, client: Client | None = None) -> Client:
    """Return a client whose browser session is a person's, with the cookies that a page would have given it."""
    client = client or Client()
    engine = import_module(settings.SESSION_ENGINE)
    request = HttpRequest()
    request.session = engine.SessionStore()
    http_auth.sign_in(request, user)
    request.session.save()
    client.cookies[settings.SESSION_COOKIE_NAME] = str(request.session.session_key)
    client.cookies[settings.CSRF_COOKIE_NAME] = str(request.META["CSRF_COOKIE"])
    return client


def client_of(token: str) -> Client:
    """Return a client that bears a token."""
    return Client(headers={"Authorization": f"Bearer {token}"})


@contextmanager
def external_access(subject: str = "test-service") -> Iterator[str]:
    """Let a program in for as long as the context lasts, and give its token; what is configured stays."""
    token = f"token-of-{subject}"
    access = {"type": "static", "options": {"token": token, "subject": subject}}
    with override_config({"backend": {"auth": {"externalAccess": [*current().get(ACCESS_KEY, []), access]}}}):
        yield token
