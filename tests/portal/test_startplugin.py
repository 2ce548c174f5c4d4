"""``manage.py startplugin`` and ``startmodule``: names that do, names that don't, and what is written."""

import os
import re
import subprocess
import sys
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from portal.management.commands.startplugin import Names

ROOT = Path(__file__).resolve().parents[2]
LEFTOVER = re.compile(r"_cache$|__pycache__|\.egg-info$|^build$")
EXAMPLE = ROOT / "examples" / "portal-plugin-hello"


def make(name: str, folder: Path, command: str = "startplugin") -> str:
    output = StringIO()
    call_command(command, name, str(folder), stdout=output)
    return output.getvalue()


def files_of(folder: Path) -> dict[str, str]:
    """Read what belongs to a package: no caches of tools, and nothing that a build leaves."""
    paths = [path.relative_to(folder) for path in folder.rglob("*") if path.is_file()]
    kept = [path for path in paths if not any(LEFTOVER.search(part) for part in path.parts)]
    return {str(path): (folder / path).read_text() for path in kept}


@pytest.mark.parametrize("name", ["tech-notes", "tech_notes"])
def test_a_name_is_spelled_as_each_place_wants_it(name):
    names = Names.of(name)
    assert names.spellings == ("tech-notes", "tech_notes", "TechNotes", "techNotes", "Tech notes")
    assert (names.package, names.distribution) == ("portal_tech_notes", "portal-plugin-tech-notes")


def test_the_name_is_all_through_the_package_and_the_placeholder_nowhere(tmp_path):
    output = make("tech-notes", tmp_path)
    files = files_of(tmp_path / "portal-plugin-tech-notes")
    text = "\n".join([*files, *files.values()])
    assert "blank" not in text.lower().replace("blank=", "")
    assert "src/portal_tech_notes/apps.py" in files
    assert "src/portal_tech_notes/templates/tech_notes/pages/notes.html" in files
    assert "PORTAL_PLUGINS=portal_tech_notes" in output


def test_the_example_is_what_the_command_writes(tmp_path):
    make("hello", tmp_path)
    assert files_of(EXAMPLE) == files_of(tmp_path / EXAMPLE.name)


@pytest.mark.parametrize("kind", ["startplugin", "startmodule"])
@pytest.mark.parametrize("command", [["check"], ["format", "--check"]])
def test_what_is_written_has_nothing_to_be_complained_about(tmp_path, command, kind):
    make("tech-notes", tmp_path, kind)
    ruff = [sys.executable, "-m", "ruff", *command, "--no-cache", str(tmp_path)]
    done = subprocess.run(ruff, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("TechNotes", "lowercase words"),
        ("tech notes", "lowercase words"),
        ("9lives", "lowercase words"),
        ("notes-", "lowercase words"),
        ("../notes", "lowercase words"),
        ("class", "Python's own"),
        ("api", "a part of itself"),
        ("catalog", "taken by the installed app apps.catalog"),
        ("contenttypes", "taken by the installed app django.contrib.contenttypes"),
    ],
)
def test_a_name_that_cannot_be_is_refused_with_the_reason(tmp_path, name, reason):
    with pytest.raises(CommandError, match=reason):
        make(name, tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_nothing_is_overwritten(tmp_path):
    make("tech-notes", tmp_path)
    with pytest.raises(CommandError, match="exists already"):
        make("tech-notes", tmp_path)


def test_the_folder_must_be_there(tmp_path):
    with pytest.raises(CommandError, match="There is no folder"):
        make("tech-notes", tmp_path / "nowhere")


def test_a_module_passes_the_tests_that_it_is_written_with(tmp_path):
    output = make("cost-centres", tmp_path, "startmodule")
    package = tmp_path / "portal-module-cost-centres"
    files = files_of(package)
    assert "blank" not in "\n".join([*files, *files.values()]).lower()
    assert "PORTAL_PLUGINS=portal_cost_centres" in output
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("PORTAL_", "DJANGO_"))}
    tests = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", str(package)]
    done = subprocess.run(
        tests, capture_output=True, text=True, check=False, env={**environment, "PYTHONPATH": str(ROOT)}
    )
    assert done.returncode == 0, done.stdout + done.stderr
