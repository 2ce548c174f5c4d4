"""What the readers of object stores have in common: there are no commits, and objects are read one by one."""

from __future__ import annotations

import hashlib
from abc import abstractmethod
from collections.abc import Iterator
from contextlib import AbstractContextManager
from datetime import datetime
from typing import NamedTuple

from portal.integrations import RepositoryUrl
from portal.integrations.host_api import HostApi
from portal.services.url_reader.scm import S, ScmReader
from portal.services.url_reader.trees import Tree, TreeFilter, is_plain


class StoredObject(NamedTuple):
    """An object as a store lists it."""

    name: str
    size: int
    #: Changes whenever the content does.
    version: str
    last_modified: datetime


class ObjectStoreReader(ScmReader[S]):
    """Reads objects whose names look like paths; ``RepositoryUrl.repo`` is the bucket."""

    @abstractmethod
    def objects(self, api: HostApi, integration: S, at: RepositoryUrl, prefix: str) -> Iterator[StoredObject]:
        """Yield the objects of the bucket whose names begin with ``prefix``, in the order of their names."""

    @abstractmethod
    def open(
        self, api: HostApi, integration: S, at: RepositoryUrl, name: str
    ) -> AbstractContextManager[Iterator[bytes]]:
        """Open an object of the bucket, as long as a tree may be large."""

    def commit_of(self, api: HostApi, integration: S, at: RepositoryUrl) -> str:
        """Return what stands for the state of all objects of a folder together."""
        digest = hashlib.sha256()
        for item in self.objects(api, integration, at, _prefix(at)):
            digest.update(f"{item.name}\0{item.version}\0".encode())
        return digest.hexdigest()

    def load_tree(
        self, api: HostApi, integration: S, at: RepositoryUrl, commit: str, tree: Tree, wanted: TreeFilter | None
    ) -> None:
        """Read the wanted objects of a folder."""
        prefix = _prefix(at)
        for item in self.objects(api, integration, at, prefix):
            path = item.name.removeprefix(prefix)
            if is_plain(path) and (wanted is None or wanted(path, item.size)):
                with self.open(api, integration, at, item.name) as pieces:
                    tree.add(path, pieces, last_modified=item.last_modified)


def _prefix(at: RepositoryUrl) -> str:
    return f"{at.path}/" if at.path else ""
