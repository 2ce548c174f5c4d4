"""The key that signs cookies, as long as nobody sets ``SECRET_KEY``."""

from __future__ import annotations

import errno
import os
import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from portal.errors import ConfigError
from portal.secret_key import secret_key_in


def test_the_key_is_made_once_and_kept_from_others(tmp_path: Path) -> None:
    key = secret_key_in(tmp_path / "data")
    assert len(key) > 60
    assert secret_key_in(tmp_path / "data") == key
    assert [path.name for path in (tmp_path / "data").iterdir()] == ["secret-key"]
    assert stat.S_IMODE((tmp_path / "data" / "secret-key").stat().st_mode) == 0o600


def test_processes_that_start_together_agree_on_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pids = iter(range(100))
    monkeypatch.setattr(os, "getpid", lambda: next(pids))
    with ThreadPoolExecutor(8) as pool:
        assert len(set(pool.map(secret_key_in, [tmp_path] * 8))) == 1


def test_a_folder_that_cant_be_written_is_named_with_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*args: object) -> None:
        raise OSError(errno.EROFS, "Read-only file system")

    monkeypatch.setattr(os, "link", refuse)
    with pytest.raises(ConfigError, match=r"secret-key: Read-only file system\. .*PORTAL_DATA_DIR.*SECRET_KEY"):
        secret_key_in(tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_so_is_a_folder_that_is_none(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(ConfigError, match="can't be kept in"):
        secret_key_in(tmp_path / "file" / "data")


@pytest.mark.parametrize(("content", "words"), [(b"\n", "is empty"), (b"\xff\xfe", "can't be kept in")])
def test_a_key_that_is_none_is_not_taken_for_one(tmp_path: Path, content: bytes, words: str) -> None:
    (tmp_path / "secret-key").write_bytes(content)
    with pytest.raises(ConfigError, match=words):
        secret_key_in(tmp_path)
