"""Reading pages as somebody does: titles, extensions, links, texts."""

from __future__ import annotations

from html.parser import HTMLParser
from typing import Any

from django.test import Client

#: Elements that have no end tag.
VOID = frozenset({"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"})
#: Elements whose text stands apart from what follows.
BLOCKS = frozenset({"a", "dd", "div", "dt", "h1", "h2", "h3", "li", "p", "summary", "td", "th", "tr"})


class Element:
    """An element of a page, with the text inside it."""

    def __init__(self, tag: str, attributes: dict[str, str]) -> None:
        self.tag = tag
        self.attributes = attributes
        self.pieces: list[str] = []

    @property
    def text(self) -> str:
        """The text, spaces collapsed."""
        return " ".join("".join(self.pieces).split())

    @property
    def classes(self) -> set[str]:
        """The classes."""
        return set(self.attributes.get("class", "").split())


class Page(HTMLParser):
    """A page that was asked for; an answer of another status than expected fails the test."""

    def __init__(self, client: Client, path: str, query: dict[str, Any] | None = None, *, status: int = 200, **headers):
        super().__init__()
        self.response = client.get(path, query or {}, headers=headers)
        assert self.response.status_code == status, self.response.content.decode()
        self.html = self.response.content.decode()
        self.elements: list[Element] = []
        self._open: list[Element] = []
        self.feed(self.html)
        assert self._open == [], f"not closed: {[element.tag for element in self._open]}"

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        element = Element(tag, {name: value or "" for name, value in attrs})
        self.elements.append(element)
        if tag not in VOID:
            self._open.append(element)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append(Element(tag, {name: value or "" for name, value in attrs}))

    def handle_endtag(self, tag: str) -> None:
        assert self._open[-1].tag == tag, f"</{tag}> closes <{self._open[-1].tag}>"
        self._open.pop()
        if tag in BLOCKS:
            # As people see it: what follows stands apart.
            self.handle_data(" ")

    def handle_data(self, data: str) -> None:
        for element in self._open:
            element.pieces.append(data)

    def all(self, tag: str = "", *, css: str = "", **attributes: str) -> list[Element]:
        """Return the elements of a tag, a class and attributes."""
        wanted = {name.replace("_", "-"): value for name, value in attributes.items()}
        return [
            element
            for element in self.elements
            if (not tag or element.tag == tag)
            and (not css or css in element.classes)
            and wanted.items() <= element.attributes.items()
        ]

    @property
    def text(self) -> str:
        """The text of the main part."""
        return next(element.text for element in self.elements if element.tag in {"main", "div"})

    @property
    def names(self) -> list[str]:
        """The names in the tables of entities, in order."""
        return [element.text for element in self.all("a", css="entity-title")]

    @property
    def extensions(self) -> list[str]:
        """The ids of the extensions on the page, in order."""
        return [
            element.attributes["data-extension"] for element in self.elements if "data-extension" in element.attributes
        ]

    @property
    def headings(self) -> list[str]:
        """The texts of the headings of cards."""
        return [element.text for element in self.all("h2")]

    @property
    def links(self) -> dict[str, str]:
        """Where links lead, by their text; the first of each."""
        links: dict[str, str] = {}
        for element in self.all("a"):
            links.setdefault(element.text, element.attributes.get("href", ""))
        return links

    def facts(self) -> dict[str, str]:
        """Return the terms of definition lists with their descriptions."""
        terms = [element for element in self.elements if element.tag in {"dt", "dd"}]
        facts: dict[str, str] = {}
        term = ""
        for element in terms:
            if element.tag == "dt":
                term = element.text
            else:
                facts[term] = f"{facts[term]} {element.text}" if facts.get(term) else element.text
        return facts
