"""The repository that the source hosts of tests have."""

from __future__ import annotations

import hashlib
import io
import tarfile
import zipfile
from collections.abc import Mapping

#: One of each: at the root, in folders, hidden, with characters that URLs write otherwise.
FILES: Mapping[str, bytes] = {
    "README.md": b"# Shop\n",
    "catalog-info.yaml": b"kind: System\n",
    "docs/index.md": b"# Docs\n",
    "docs/deep/page.md": b"# Page\n",
    "services/cart/catalog-info.yaml": b"kind: Component # cart\n",
    "services/pay/catalog-info.yaml": b"kind: Component # pay\n",
    ".hidden/catalog-info.yaml": b"kind: Component # hidden\n",
    "a b/100%/ü#1.md": b"odd\n",
    "run.sh": b"#!/bin/sh\n",
}
EXECUTABLE = {"run.sh"}
MTIME = 1_772_452_800  # 2026-03-02T12:00:00Z


class Repository:
    """Files at one commit, on the branch ``main``, which is the default one, and ``feature/x``."""

    def __init__(self, files: Mapping[str, bytes] = FILES) -> None:
        self.files = dict(files)

    @property
    def commit(self) -> str:
        """Forty hexadecimal digits that stand for the files."""
        digest = hashlib.sha1()
        for path, content in sorted(self.files.items()):
            digest.update(path.encode() + b"\0" + content)
        return digest.hexdigest()

    def has(self, ref: str) -> bool:
        """Tell whether there is such a ref."""
        return ref in {"main", "feature/x", "HEAD", self.commit}

    def etag(self, path: str) -> str:
        """Return what stands for a file's content."""
        return f'"{hashlib.sha1(self.files[path]).hexdigest()}"'

    def blob(self, sha: str) -> bytes | None:
        """Return the content that a hash stands for."""
        return next((content for path, content in self.files.items() if self.etag(path).strip('"') == sha), None)

    def below(self, folder: str) -> dict[str, bytes]:
        """Return the files of a folder, by their full paths."""
        before = f"{folder}/" if folder else ""
        return {path: content for path, content in self.files.items() if path.startswith(before)}

    def tarball(self, top: str, folder: str = "", *, relative: bool = False) -> bytes:
        """Return an archive as git makes it: the commit in a header, everything below ``top``."""
        packed = io.BytesIO()
        with tarfile.open(
            fileobj=packed, mode="w:gz", format=tarfile.PAX_FORMAT, pax_headers={"comment": self.commit}
        ) as tar:
            for path, content in self.below(folder).items():
                name = path.removeprefix(f"{folder}/") if relative else path
                member = tarfile.TarInfo(f"{top}{name}")
                member.size, member.mtime = len(content), MTIME
                member.mode = 0o755 if path in EXECUTABLE else 0o644
                tar.addfile(member, io.BytesIO(content))
        return packed.getvalue()

    def zipball(self, folder: str = "") -> bytes:
        """Return a zip archive of a folder, which lies in it under its own name."""
        packed = io.BytesIO()
        own = folder.rpartition("/")[0]
        with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as zipped:
            for path, content in self.below(folder).items():
                member = zipfile.ZipInfo(path.removeprefix(f"{own}/") if own else path, (2026, 3, 2, 12, 0, 0))
                member.external_attr = (0o100755 if path in EXECUTABLE else 0o100644) << 16
                zipped.writestr(member, content)
        return packed.getvalue()
