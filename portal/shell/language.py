"""In which language somebody reads, and the words that extensions put in the place of others."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils import translation
from django.utils.cache import patch_vary_headers
from django.utils.translation import get_language_info, trans_real

from portal.extensions import ask_api
from portal.extensions.language import AppLanguageApi, Language, app_language_api, translations_api
from portal.http.errors import is_api
from portal.shell.cookies import LANGUAGE_COOKIE

#: Where nobody knows better.
FALLBACK = "en"


class ConfiguredLanguages(AppLanguageApi):
    """The languages of the configuration, and who chose which by a cookie."""

    def __init__(self, codes: Sequence[str], default: str | None) -> None:
        self._codes = tuple(codes)
        self._default = default.lower() if default else None

    def available(self) -> list[Language]:
        """Return them in order, each with its name in itself."""
        return [Language(code, get_language_info(code)["name_local"].capitalize()) for code in self._codes]

    def chosen(self, request: HttpRequest) -> str:
        """Return the cookie's, else the default, else the first that the browser asks for, else the first of all."""
        asked = request.COOKIES.get(LANGUAGE_COOKIE, "").lower()
        if asked in self._codes:
            return asked
        return self._default or self._accepted(request) or self._codes[0]

    def _accepted(self, request: HttpRequest) -> str | None:
        header = request.headers.get("Accept-Language", "")
        for code, _ in trans_real.parse_accept_lang_header(header):
            for known in (code.lower(), code.lower().partition("-")[0]):
                if known in self._codes:
                    return known
        return None


def language_of(request: HttpRequest) -> str:
    """Return the code of the language that somebody reads."""
    return ask_api(app_language_api, lambda api: api.chosen(request), FALLBACK)


class LanguageMiddleware:
    """Lets everything that people read be in their language. Programs get English."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if is_api(request):
            return self.get_response(request)
        language = language_of(request)
        with reading(language):
            response = self.get_response(request)
        response.headers.setdefault("Content-Language", language)
        patch_vary_headers(response, ["Accept-Language"])
        return response


@contextmanager
def reading(language: str) -> Iterator[None]:
    """Activate a language, with the words of extensions, for what is done inside."""
    with translation.override(language):
        words = ask_api(translations_api, lambda api: api.messages(language), None)
        if words:
            # Django keeps catalogues for the whole process, and has no other way to add to one for the time being.
            trans_real._active.value = _Words(trans_real.translation(language), words)  # type: ignore[attr-defined]
        yield


class _Words:
    """A language as Django asks for it: extensions' words first, then those of the catalogues."""

    def __init__(self, catalogue: Any, words: Mapping[str, str]) -> None:
        self._catalogue = catalogue
        self._words = words

    def gettext(self, message: str) -> str:
        """Return a message's translation."""
        found: str = self._words.get(message) or self._catalogue.gettext(message)
        return found

    def ngettext(self, singular: str, plural: str, number: int) -> str:
        """Return the translation for a number; words know the two forms of English."""
        found: str = self._words.get(singular if number == 1 else plural) or self._catalogue.ngettext(
            singular, plural, number
        )
        return found

    def __getattr__(self, name: str) -> Any:
        return getattr(self._catalogue, name)
