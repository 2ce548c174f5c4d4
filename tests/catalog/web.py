"""A web made of a dictionary, as the URL reader of a whole test, whatever configuration the test overrides."""

from __future__ import annotations

from textwrap import dedent

from tests.catalog.processing_kit import FakeUrlReader

_files: dict[str, bytes | str] = {}


class WebReader(FakeUrlReader):
    """Serves what ``CatalogWeb`` holds."""

    def __init__(self) -> None:
        super().__init__()
        self.files = _files


class CatalogWeb:
    """Files with URLs, of which any may be read."""

    def write(self, url: str, text: str) -> None:
        """Put a file there; the text may be indented as the test is."""
        _files[url] = dedent(text)

    def remove(self, url: str) -> None:
        """Take a file away."""
        del _files[url]

    def clear(self) -> None:
        """Take all files away."""
        _files.clear()
