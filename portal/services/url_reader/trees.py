"""Trees: the files of a folder, or of a whole repository, read at once."""

from __future__ import annotations

import io
import os
import tempfile
import threading
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path, PurePosixPath
from types import TracebackType
from typing import IO, Self

from portal.errors import InputError

#: Says of a file's path and size in bytes whether it is wanted.
TreeFilter = Callable[[str, int], bool]

#: What a tree may hold in all, kept on disk beyond the first of these.
IN_MEMORY_BYTES = 4 * 1024 * 1024
MAX_BYTES = 1024 * 1024 * 1024
MAX_FILES = 100_000
BLOCK = 64 * 1024


@dataclass(frozen=True)
class TreeFile:
    """A file of a tree."""

    #: Below the folder that was asked for, with slashes.
    path: str
    size: int
    last_modified: datetime | None
    is_executable: bool
    _position: int = field(repr=False)
    _tree: Tree = field(repr=False)

    def read(self) -> bytes:
        """Return its content. The tree must still be open."""
        return b"".join(self._tree.blocks(self))


class Tree:
    """The files of a folder, as they were at one moment. Close it, or use it in a ``with`` statement.

    ``etag`` stands for all of it: given back the next time, an unchanged tree isn't read again. Threads may share it.
    """

    def __init__(self, about: str, *, max_bytes: int = MAX_BYTES, max_files: int = MAX_FILES) -> None:
        """Make an empty tree; ``about`` is what messages call it."""
        self.about = about
        self.etag = ""
        self.files: list[TreeFile] = []
        #: Symbolic links: path, and what stands in the link.
        self.links: list[tuple[str, str]] = []
        self._max_bytes = max_bytes
        self._max_files = max_files
        self._size = 0
        self._lock = threading.Lock()
        self._content = tempfile.SpooledTemporaryFile(max_size=IN_MEMORY_BYTES)  # noqa: SIM115 (closed by close)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the content."""
        self._content.close()

    def add(
        self,
        path: str,
        pieces: Iterable[bytes],
        *,
        last_modified: datetime | None = None,
        is_executable: bool = False,
    ) -> None:
        """Add a file. Raises ``InputError`` if the tree becomes too large."""
        if len(self.files) >= self._max_files:
            raise InputError(f"{self.about} holds more than {self._max_files} files, and was not read.")
        start = self._size
        for piece in pieces:
            self._size += len(piece)
            if self._size > self._max_bytes:
                size = f"{self._max_bytes / 1024 / 1024:g} MiB"
                raise InputError(f"{self.about} holds more than {size}, and was not read.")
            self._content.write(piece)
        self.files.append(TreeFile(path, self._size - start, last_modified, is_executable, start, self))

    def blocks(self, file: TreeFile) -> Iterator[bytes]:
        """Yield the content of a file in pieces."""
        for start in range(0, file.size, BLOCK):
            with self._lock:
                self._content.seek(file._position + start)
                block = self._content.read(min(BLOCK, file.size - start))
            yield block

    def extract(self, folder: Path) -> None:
        """Write the files into a folder, which must be empty. Links that lead out of it are left out."""
        for file in self.files:
            target = folder / file.path
            target.parent.mkdir(parents=True, exist_ok=True)
            with target.open("wb") as opened:
                opened.writelines(self.blocks(file))
            if file.is_executable:
                target.chmod(target.stat().st_mode | 0o111)
        # Last, so that no file is written through one.
        for path, leads_to in self.links:
            if not _leads_out(path, leads_to):
                link = folder / path
                link.parent.mkdir(parents=True, exist_ok=True)
                link.symlink_to(leads_to)


def is_plain(path: str) -> bool:
    """Tell whether a path from an archive leads to a place below its folder, and can be written."""
    try:
        path.encode()
    except UnicodeEncodeError:
        return False
    return "\\" not in path and not {"", ".", ".."} & set(path.split("/"))


def _leads_out(path: str, leads_to: str) -> bool:
    if leads_to.startswith("/"):
        return True
    return os.path.normpath(PurePosixPath(path).parent / leads_to).split("/", 1)[0] == ".."


class Pieces(io.RawIOBase):
    """Makes a file that can be read once, from the pieces of a body."""

    def __init__(self, pieces: Iterator[bytes]) -> None:
        self._pieces = pieces
        self._rest = b""

    def readable(self) -> bool:
        """Say yes."""
        return True

    def read(self, size: int = -1) -> bytes:
        """Return so many bytes, fewer only at the end."""
        found = [self._rest]
        length = len(self._rest)
        while size < 0 or length < size:
            piece = next(self._pieces, None)
            if piece is None:
                break
            found.append(piece)
            length += len(piece)
        whole = b"".join(found)
        end = length if size < 0 else size
        self._rest = whole[end:]
        return whole[:end]


def blocks_of(file: IO[bytes] | None) -> Iterator[bytes]:
    """Yield the content of a file in pieces."""
    while file is not None and (block := file.read(BLOCK)):
        yield block
