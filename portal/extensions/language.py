"""Languages: which there are, who reads which, and whose words win."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass

from django.http import HttpRequest
from django.utils.translation import gettext

from portal.extensions.apis import ApiRef


@dataclass(frozen=True, slots=True)
class Language:
    """A language: its code, and its name in itself."""

    code: str
    name: str


class AppLanguageApi(ABC):
    """Knows the languages of the interface. Provided by ``api:app/app-language``."""

    @abstractmethod
    def available(self) -> list[Language]:
        """Return the languages that people can choose from, in order."""

    @abstractmethod
    def chosen(self, request: HttpRequest) -> str:
        """Return the code of the language that somebody reads: what they chose, else what suits them."""


class TranslationsApi(ABC):
    """Knows the words that extensions bring. Provided by ``api:app/translations``, into which they are attached."""

    @abstractmethod
    def messages(self, language: str) -> Mapping[str, str]:
        """Return message to translation for a language, without those of apps' catalogues."""


app_language_api: ApiRef[AppLanguageApi] = ApiRef("core.applanguage", AppLanguageApi)
translations_api: ApiRef[TranslationsApi] = ApiRef("core.translation", TranslationsApi)


def translated(text: str) -> str:
    """Return a stated title in the reader's language. Classes state it in English, by ``gettext_noop``."""
    return gettext(text) if text else ""
