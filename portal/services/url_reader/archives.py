"""Unpacking what hosts send for a tree: tar and zip archives."""

from __future__ import annotations

import stat
import tarfile
import tempfile
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import IO

from portal.errors import InputError, ServiceUnavailableError
from portal.services.url_reader.trees import IN_MEMORY_BYTES, Pieces, Tree, TreeFilter, blocks_of, is_plain

#: The largest archive that is downloaded, and what it may unpack to, wanted or not.
MAX_ARCHIVE_BYTES = 512 * 1024 * 1024
MAX_UNPACKED_BYTES = 4 * 1024 * 1024 * 1024


@dataclass(frozen=True)
class Archive:
    """What an archive holds, and which part of it is wanted."""

    #: Whether everything lies in one folder, named after repository and commit.
    has_top_folder: bool = True
    #: The wanted folder below that; empty for all.
    folder: str = ""

    def path_of(self, name: str) -> str | None:
        """Return the path below the wanted folder, None for what lies elsewhere or has a path that leads out."""
        path = name.removeprefix("./")
        if not is_plain(path):
            return None
        if self.has_top_folder:
            path = path.partition("/")[2]
        if not self.folder:
            return path or None
        return path.removeprefix(f"{self.folder}/") if path.startswith(f"{self.folder}/") else None


def unpack_tar(pieces: Iterator[bytes], tree: Tree, archive: Archive, wanted: TreeFilter | None) -> None:
    """Add the wanted files of a tar archive, packed or not, to a tree while it arrives.

    Raises ``InputError`` if it unpacks to too much, ``ServiceUnavailableError`` if it is none or breaks off.
    """
    unpacked = 0
    try:
        with tarfile.open(fileobj=Pieces(pieces), mode="r|*") as tar:
            for member in tar:
                unpacked += member.size
                if unpacked > MAX_UNPACKED_BYTES:
                    raise _too_much(tree)
                path = archive.path_of(member.name)
                if path is None:
                    continue
                if member.issym():
                    tree.links.append((path, member.linkname))
                elif member.isreg() and (wanted is None or wanted(path, member.size)):
                    tree.add(
                        path,
                        blocks_of(tar.extractfile(member)),
                        last_modified=_moment(member.mtime),
                        is_executable=bool(member.mode & stat.S_IXUSR),
                    )
    except (tarfile.TarError, EOFError) as error:
        raise _no_archive(tree, error) from error


def unpack_zip(pieces: Iterator[bytes], tree: Tree, archive: Archive, wanted: TreeFilter | None) -> None:
    """Add the wanted files of a zip archive to a tree. It is kept on disk meanwhile. Raises like ``unpack_tar``."""
    with tempfile.SpooledTemporaryFile(max_size=IN_MEMORY_BYTES) as file:
        file.writelines(pieces)
        file.seek(0)
        try:
            with zipfile.ZipFile(file) as unzipped:
                _add_members(unzipped, tree, archive, wanted)
        except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError, zlib.error) as error:
            raise _no_archive(tree, error) from error


def _add_members(unzipped: zipfile.ZipFile, tree: Tree, archive: Archive, wanted: TreeFilter | None) -> None:
    for member in unzipped.infolist():
        path = archive.path_of(member.filename)
        if path is None or member.is_dir():
            continue
        mode = member.external_attr >> 16
        if stat.S_ISLNK(mode):
            with unzipped.open(member) as link:
                tree.links.append((path, link.read(4096).decode(errors="replace")))
        elif wanted is None or wanted(path, member.file_size):
            with unzipped.open(member) as content:
                tree.add(
                    path,
                    _no_more_than(content, member.file_size),
                    last_modified=_moment(member.date_time),
                    is_executable=bool(mode & stat.S_IXUSR),
                )


def _moment(written: float | tuple[int, int, int, int, int, int]) -> datetime | None:
    """Return a member's date; None if what the archive says is no date."""
    try:
        return datetime(*written, tzinfo=UTC) if isinstance(written, tuple) else datetime.fromtimestamp(written, UTC)
    except (ValueError, OverflowError, OSError):
        return None


def _no_more_than(content: IO[bytes], size: int) -> Iterator[bytes]:
    """Yield a member's content; the size that the archive states is the one that the filter was asked about."""
    left = size
    for block in blocks_of(content):
        left -= len(block)
        if left < 0:
            raise zipfile.BadZipFile("a file is larger than the archive says")
        yield block


def _too_much(tree: Tree) -> InputError:
    return InputError(f"{tree.about} unpacks to more than {MAX_UNPACKED_BYTES >> 30} GiB, and was not read.")


def _no_archive(tree: Tree, error: Exception) -> ServiceUnavailableError:
    return ServiceUnavailableError(
        f"{tree.about} can't be read: what was sent is no sound archive ({error}). It may be a page for signing in."
    )
