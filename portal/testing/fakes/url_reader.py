"""Files of other hosts, without other hosts."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import datetime
from fnmatch import fnmatchcase

from portal.errors import InputError, NotFoundError, NotModifiedError
from portal.services.url_reader.base import SearchFile, SearchResponse, UrlReaderService, UrlResponse
from portal.services.url_reader.trees import Tree, TreeFilter


class FakeUrlReader(UrlReaderService):
    """Serves ``files``, text or bytes by URL; an exception in the place of a file is raised.

    ``read`` are the URLs that were asked for.
    """

    def __init__(self, files: Mapping[str, str | bytes | Exception] | None = None) -> None:
        self.files: dict[str, str | bytes | Exception] = dict(files or {})
        self.read: list[str] = []

    def read_url(
        self,
        url: str,
        *,
        etag: str | None = None,
        last_modified_after: datetime | None = None,
        max_bytes: int | None = None,
        token: str | None = None,
    ) -> UrlResponse:
        """Return a file; its etag follows from its content. Raises as a real reader does."""
        self.read.append(url)
        content = self._content(url)
        if max_bytes is not None and len(content) > max_bytes:
            raise InputError(f"The file at {url} is larger than {max_bytes} bytes.")
        current = _etag(content)
        if etag == current:
            raise NotModifiedError(f"The file at {url} hasn't changed.")
        return UrlResponse(content, current)

    def search(self, url: str, *, etag: str | None = None) -> SearchResponse:
        """Return the files whose URL a pattern matches; ``*`` stands for anything. Raises ``NotModifiedError``."""
        self.read.append(url)
        found = tuple(
            SearchFile(known, self._content(known)) for known in sorted(self.files) if fnmatchcase(known, url)
        )
        current = _etag(b"".join(file.url.encode() + file.content for file in found))
        if etag == current:
            raise NotModifiedError(f"What {url} finds hasn't changed.")
        return SearchResponse(found, current)

    def read_tree(
        self, url: str, *, etag: str | None = None, filter: TreeFilter | None = None, token: str | None = None
    ) -> Tree:
        """Return the files whose URL begins with a folder's. Raises ``NotFoundError`` where there is none."""
        self.read.append(url)
        folder = f"{url.rstrip('/')}/"
        contents = {
            known.removeprefix(folder): self._content(known) for known in sorted(self.files) if known.startswith(folder)
        }
        if not contents:
            raise NotFoundError(f"There is no folder at {url}.")
        current = _etag(b"".join(path.encode() + content for path, content in contents.items()))
        if etag == current:
            raise NotModifiedError(f"The folder at {url} hasn't changed.")
        tree = Tree(url)
        tree.etag = current
        for path, content in contents.items():
            if filter is None or filter(path, len(content)):
                tree.add(path, [content])
        return tree

    def _content(self, url: str) -> bytes:
        file = self.files.get(url)
        if file is None:
            raise NotFoundError(f"There is no file at {url}.")
        if isinstance(file, Exception):
            raise file
        return file.encode() if isinstance(file, str) else file


def _etag(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
