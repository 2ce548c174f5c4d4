"""What is prepared before a server starts, and what is left as it is."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from portal.management.preparation import collect_if_needed


@pytest.fixture
def source(tmp_path: Path, settings: Any) -> Path:
    """A static file that is to be collected."""
    file = tmp_path / "source" / "lamp.css"
    file.parent.mkdir()
    file.write_text(".lamp {}")
    settings.PORTAL_DATA_DIR = tmp_path
    settings.STATIC_ROOT = tmp_path / "collected"
    settings.STATICFILES_DIRS = [file.parent]
    settings.STATICFILES_FINDERS = ["django.contrib.staticfiles.finders.FileSystemFinder"]
    settings.STORAGES = {"staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}}
    return file


@pytest.fixture
def collected(source: Path, tmp_path: Path) -> Path:
    """The file that came of it."""
    collect_if_needed()
    return tmp_path / "collected" / source.name


def test_files_that_are_collected_are_not_collected_again(collected: Path):
    collected.write_text("left alone")
    collect_if_needed()
    assert collected.read_text() == "left alone"


def test_a_changed_file_is_collected(source: Path, collected: Path):
    source.write_text(".lamp { color: red }")
    later = collected.stat().st_mtime + 2
    os.utime(source, (later, later))
    collect_if_needed()
    assert collected.read_text() == ".lamp { color: red }"


def test_a_further_file_is_collected(source: Path, collected: Path):
    (source.parent / "bulb.css").touch()
    collect_if_needed()
    assert collected.with_name("bulb.css").exists()


def test_files_are_collected_again_once_they_are_gone(collected: Path):
    collected.unlink()
    collected.parent.rmdir()
    collect_if_needed()
    assert collected.exists()


def test_another_way_to_keep_them_is_followed(collected: Path, settings: Any):
    settings.STORAGES = {"staticfiles": {"BACKEND": "portal.http.static_files.CollectedStaticFiles"}}
    collect_if_needed()
    assert collected.with_name("staticfiles.json").exists()
