"""Trees: unpacking what hosts send, within limits, and writing it to disk without leading out."""

from __future__ import annotations

import io
import re
import stat
import tarfile
import threading
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.errors import InputError, ServiceUnavailableError
from portal.services.url_reader import Tree, archives, globs
from portal.services.url_reader.archives import Archive, unpack_tar, unpack_zip
from portal.services.url_reader.trees import Pieces

ABOUT = "https://github.com/acme/shop/tree/main"


@pytest.fixture
def tree() -> Iterator[Tree]:
    """An empty tree."""
    with Tree(ABOUT, max_bytes=1000, max_files=5) as made:
        yield made


def in_pieces(content: bytes, size: int = 100) -> Iterator[bytes]:
    return (content[start : start + size] for start in range(0, len(content), size))


def tar(*members: tuple[str, bytes | str], mode: str = "w:gz") -> bytes:
    """Pack files; a text is where a symbolic link leads."""
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode=mode) as made:  # type: ignore[call-overload]
        for name, content in members:
            member = tarfile.TarInfo(name)
            if isinstance(content, str):
                member.type, member.linkname = tarfile.SYMTYPE, content
            else:
                member.size = len(content)
            made.addfile(member, io.BytesIO(content) if isinstance(content, bytes) else None)
    return packed.getvalue()


def zipped(*members: tuple[str, bytes | str]) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as made:
        for name, content in members:
            member = zipfile.ZipInfo(name)
            member.external_attr = (stat.S_IFLNK | 0o777 if isinstance(content, str) else 0o100644) << 16
            made.writestr(member, content)
    return packed.getvalue()


KINDS = pytest.mark.parametrize(("pack", "unpack"), [(tar, unpack_tar), (zipped, unpack_zip)], ids=["tar", "zip"])
Pack = Callable[..., bytes]
Unpack = Callable[..., None]


def contents(tree: Tree) -> dict[str, bytes]:
    return {file.path: file.read() for file in tree.files}


# Unpacking


@KINDS
def test_an_archive_is_unpacked_without_its_top_folder(pack: Pack, unpack: Unpack, tree: Tree):
    unpack(in_pieces(pack(("shop-1/a.md", b"a"), ("shop-1/docs/b.md", b"b"))), tree, Archive(), None)
    assert contents(tree) == {"a.md": b"a", "docs/b.md": b"b"}


@KINDS
def test_or_with_it_if_there_is_none(pack: Pack, unpack: Unpack, tree: Tree):
    unpack(in_pieces(pack(("a.md", b"a"), ("./docs/b.md", b"b"))), tree, Archive(has_top_folder=False), None)
    assert contents(tree) == {"a.md": b"a", "docs/b.md": b"b"}


@KINDS
def test_a_folder_is_not_one_whose_name_begins_the_same(pack: Pack, unpack: Unpack, tree: Tree):
    packed = pack(("s/docs/a.md", b"a"), ("s/docs-old/b.md", b"b"), ("s/docs.md", b"c"))
    unpack(in_pieces(packed), tree, Archive(folder="docs"), None)
    assert contents(tree) == {"a.md": b"a"}


@pytest.mark.parametrize("mode", ["w:gz", "w", "w:bz2"])
def test_a_tar_may_be_packed_or_not(mode: str, tree: Tree):
    unpack_tar(in_pieces(tar(("s/a.md", b"a"), mode=mode)), tree, Archive(), None)
    assert contents(tree) == {"a.md": b"a"}


@KINDS
@pytest.mark.parametrize(
    "name", ["/etc/passwd", "s/../../etc/passwd", "s/a/../b", "s//b", "s/.", "s/a\\b", "../b", "s/..", "..\\b"]
)
def test_what_would_lead_out_is_left_out(pack: Pack, unpack: Unpack, name: str, tree: Tree):
    unpack(in_pieces(pack((name, b"evil"), ("s/a.md", b"a"))), tree, Archive(), None)
    assert contents(tree) == {"a.md": b"a"}


@KINDS
def test_the_filter_is_asked_before_anything_is_kept(pack: Pack, unpack: Unpack, tree: Tree):
    asked = []

    def wanted(path: str, size: int) -> bool:
        asked.append((path, size))
        return size < 10

    unpack(in_pieces(pack(("s/large", b"x" * 5000), ("s/small", b"x"))), tree, Archive(), wanted)
    assert asked == [("large", 5000), ("small", 1)]
    assert contents(tree) == {"small": b"x"}


@KINDS
def test_a_tree_may_not_become_too_large(pack: Pack, unpack: Unpack, tree: Tree):
    with pytest.raises(InputError, match=rf"{re.escape(ABOUT)} holds more than .* MiB"):
        unpack(in_pieces(pack(("s/a", b"x" * 600), ("s/b", b"x" * 600))), tree, Archive(), None)


@KINDS
def test_nor_hold_too_many_files(pack: Pack, unpack: Unpack, tree: Tree):
    with pytest.raises(InputError, match="holds more than 5 files"):
        unpack(in_pieces(pack(*((f"s/{number}", b"x") for number in range(6)))), tree, Archive(), None)


def test_nor_unpack_to_more_than_is_reasonable_even_if_nothing_is_wanted(tree: Tree, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(archives, "MAX_UNPACKED_BYTES", 10_000)
    packed = tar(("s/a", b"0" * 9_000), ("s/b", b"0" * 9_000))
    assert len(packed) < 500
    with pytest.raises(InputError, match="unpacks to more than"):
        unpack_tar(in_pieces(packed), tree, Archive(), lambda path, size: False)


@pytest.mark.parametrize("unpack", [unpack_tar, unpack_zip])
@pytest.mark.parametrize("content", [b"", b"<html>Sign in</html>", b"\x1f\x8b\x08garbage" * 100, b"PK\x03\x04garbage"])
def test_what_is_no_archive_is_told_as_such(unpack: Unpack, content: bytes, tree: Tree):
    with pytest.raises(ServiceUnavailableError, match=r"is no sound archive .* a page for signing in"):
        unpack(in_pieces(content), tree, Archive(), None)


@KINDS
def test_so_is_one_that_breaks_off(pack: Pack, unpack: Unpack, tree: Tree):
    packed = pack(("s/a", bytes(range(256)) * 3))
    with pytest.raises(ServiceUnavailableError, match="is no sound archive"):
        unpack(in_pieces(packed[: len(packed) // 2]), tree, Archive(), None)


def test_a_file_that_is_larger_than_its_zip_says_is_not_kept(tree: Tree):
    packed = bytearray(zipped(("s/a", b"x" * 900)))
    # The size in the list at the end, which the filter is asked about.
    at = packed.rindex(b"PK\x01\x02") + 24
    packed[at : at + 4] = (5).to_bytes(4, "little")
    with pytest.raises(ServiceUnavailableError, match="is no sound archive"):
        unpack_zip(in_pieces(bytes(packed)), tree, Archive(), lambda path, size: size < 10)


def test_dates_that_are_none_are_left_out(tree: Tree):
    member = tarfile.TarInfo("s/a")
    member.mtime = 1 << 60
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w:gz") as made:
        made.addfile(member)
    unpack_tar(in_pieces(packed.getvalue()), tree, Archive(), None)
    assert [file.last_modified for file in tree.files] == [None]


# Writing


@KINDS
def test_links_are_kept_unless_they_lead_out(pack: Pack, unpack: Unpack, tree: Tree, tmp_path: Path):
    links = {"s/in": "docs/a.md", "s/docs/up": "../b.md", "s/docs/out": "../../b.md", "s/abs": "/etc/passwd"}
    unpack(in_pieces(pack(("s/docs/a.md", b"a"), ("s/b.md", b"b"), *links.items())), tree, Archive(), None)
    tree.extract(tmp_path)
    assert (tmp_path / "in").read_bytes() == b"a"
    assert (tmp_path / "docs/up").read_bytes() == b"b"
    assert sorted(path.name for path in tmp_path.rglob("*") if path.is_symlink()) == ["in", "up"]


def test_no_file_is_written_through_a_link(tree: Tree, tmp_path: Path):
    outside = tmp_path / "outside"
    outside.mkdir()
    inside = tmp_path / "inside"
    inside.mkdir()
    packed = tar(("s/link", "../outside"), ("s/link/evil", b"evil"))
    unpack_tar(in_pieces(packed), tree, Archive(), None)
    tree.extract(inside)
    assert list(outside.iterdir()) == []


def test_many_threads_may_read_a_tree():
    with Tree(ABOUT) as tree:
        for number in range(20):
            tree.add(str(number), [bytes([number]) * 100_000])
        wrong: list[str] = []

        def read() -> None:
            wrong.extend(file.path for file in tree.files if file.read() != bytes([int(file.path)]) * 100_000)

        threads = [threading.Thread(target=read) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert wrong == []


@given(st.lists(st.binary(max_size=50)), st.lists(st.integers(-1, 40)))
def test_pieces_read_like_a_file(parts: list[bytes], sizes: list[int]):
    pieces, file = Pieces(iter(parts)), io.BytesIO(b"".join(parts))
    for size in [*sizes, -1]:
        assert pieces.read(size) == file.read(size)


# Patterns


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("catalog-info.yaml", False),
        ("*.yaml", True),
        ("a?c", True),
        ("{a,b}/c", True),
        ("{1..3}", True),
        ("@(a|b)", True),
        ("app/[id]/page.yaml", False),
        ("a{b}c", False),
        ("", False),
    ],
)
def test_a_pattern_is_told_from_a_name(path: str, expected: bool):
    assert globs.is_pattern(path) is expected


@pytest.mark.parametrize(
    ("pattern", "folder"),
    [
        ("*.yaml", ""),
        ("a/*.yaml", "a"),
        ("a/b/**/c.yaml", "a/b"),
        ("a/b*/c.yaml", "a"),
        ("a/{b,c/d}/e.yaml", "a"),
        ("a/[bc]/*.yaml", "a"),
        ("a/+(b)/c", "a"),
        ("**", ""),
    ],
)
def test_all_matches_of_a_pattern_lie_in_one_folder(pattern: str, folder: str):
    assert globs.folder_of(pattern) == folder


@pytest.mark.parametrize(
    ("pattern", "path", "expected"),
    [
        ("**/catalog-info.yaml", "catalog-info.yaml", True),
        ("**/catalog-info.yaml", "a/b/catalog-info.yaml", True),
        ("**/catalog-info.yaml", ".github/catalog-info.yaml", False),
        ("**/catalog-info.yaml", "a/xcatalog-info.yaml", False),
        ("*.yaml", "a/b.yaml", False),
        ("*.yaml", ".b.yaml", False),
        ("*.yaml", "b.YAML", False),
        ("{a,b}/*.{yaml,yml}", "b/c.yml", True),
        ("[ab]/*", "a/c", True),
        ("a/!(b)", "a/c", True),
        ("a/!(b)", "a/b", False),
    ],
)
def test_a_pattern_matches_as_in_a_shell(pattern: str, path: str, expected: bool):
    assert globs.matcher(pattern)(path) is expected


@pytest.mark.parametrize("pattern", ["*a" * 11, "{1..99}{1..99}/*"])
def test_a_pattern_that_would_take_for_ever_is_refused(pattern: str):
    with pytest.raises(InputError, match="The pattern"):
        globs.matcher(pattern)


@given(st.text(alphabet="ab/*?{},[]!()@.", max_size=20), st.text(alphabet="ab/.", max_size=12))
def test_what_a_pattern_matches_lies_in_its_folder(pattern: str, path: str):
    try:
        matches = globs.matcher(pattern)(path)
    except InputError:
        return
    folder = globs.folder_of(pattern)
    if matches and folder and not pattern.startswith("!"):
        assert path.startswith(f"{folder}/")
