"""The rules about a package's files find what they are for, and nothing else."""

from __future__ import annotations

from pathlib import Path

import pytest

from portal.testing.layout import deep_modules, long_modules, misplaced_files, readme_of, unknown_rooms
from portal.testing.source import foreign_imports, foreign_references, unguarded_calls


@pytest.fixture
def package(tmp_path: Path) -> Path:
    """The folder of a package, empty but for itself."""
    folder = tmp_path / "repository" / "src" / "portal_faulty"
    folder.mkdir(parents=True)
    (folder / "__init__.py").touch()
    return folder


def write(package: Path, name: str, text: str = "") -> None:
    target = package / name
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(text)


# --- Rooms ---


def test_rooms_are_known_by_their_names(package: Path):
    for name in ("models.py", "api/__init__.py", "api/urls.py", "helpers.py", "engine/__init__.py", "notes.txt"):
        write(package, name)
    assert [fault.partition(" ")[0] for fault in unknown_rooms(package)] == ["engine", "helpers"]
    assert len(unknown_rooms(package, ["engine"])) == 1


def test_rooms_are_one_folder_deep(package: Path):
    for name in (
        "operations/write.py",
        "operations/deep/write.py",
        "modules/github/operations/write.py",
        "management/commands/do.py",
    ):
        write(package, name)
    assert [fault.partition(" ")[0] for fault in deep_modules(package)] == ["operations/deep/write.py"]


def test_modules_have_an_end(package: Path):
    write(package, "views.py", "x = 1\n" * 400)
    write(package, "forms.py", "x = 1\n" * 401)
    assert long_modules(package) == ["forms.py has 401 lines; split it, 400 is the limit."]


def test_templates_and_static_files_are_below_the_label(package: Path):
    for name in ("templates/faulty/a.html", "templates/base.html", "static/portal/a.css", "static/faulty/a.css"):
        write(package, name)
    faults = misplaced_files(package, "faulty")
    assert [fault.partition(" ")[0] for fault in faults] == ["templates/base.html", "static/portal/a.css"]


def test_a_readme_is_in_the_package_or_beside_its_project_file(package: Path):
    repository = package.parents[1]
    assert readme_of(package, Path("/elsewhere")) is None
    write(repository, "README.md", "beside")
    assert readme_of(package, Path("/elsewhere")) is None
    write(repository, "pyproject.toml")
    assert readme_of(package, Path("/elsewhere")) == "beside"
    assert readme_of(package, repository) is None
    write(package, "README.md", "inside")
    assert readme_of(package, repository) == "inside"


def test_the_readme_of_an_installed_package_is_its_description():
    found = readme_of(Path("/somewhere/site-packages/orjson"), Path("/elsewhere"))
    assert found is not None
    assert "orjson" in found


# --- Imports ---


@pytest.mark.parametrize(
    "statement",
    [
        "import apps.catalog.models",
        "import apps.catalog",
        "from apps import catalog",
        "from apps.catalog.models import FinalEntity",
        "import portal_other",
        "from portal_other.models import Thing",
        "from tests.testplugin import views",
        "def late():\n    from portal_other import models",
        "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    import portal_other.models",
    ],
)
def test_other_plugins_are_out_of_reach(package: Path, statement: str):
    write(package, "operations.py", statement)
    [fault] = foreign_imports(package, "portal_faulty", ["apps", "tests.testplugin"])
    assert fault.startswith("operations.py:")
    assert "talk to another one through its API" in fault


@pytest.mark.parametrize(
    "statement",
    [
        "import portal_faulty.models",
        "from portal_faulty import models",
        "from . import models",
        "from .models import Thing",
        "from portal.services import cache",
        "import django.apps",
        "from django.apps import apps",
        "import portalocker",
        "from tests.testplugins import nothing",
    ],
)
def test_the_portal_itself_and_libraries_are_not(package: Path, statement: str):
    write(package, "operations.py", statement)
    assert foreign_imports(package, "portal_faulty", ["apps", "tests.testplugin"]) == []


def test_a_relative_import_may_not_lead_out(package: Path):
    write(package, "api/views.py", "from ...portal_other import models\nfrom .. import models")
    write(package, "views.py", "from ..apps import catalog")
    faults = foreign_imports(package, "plugins.portal_faulty", ["plugins.apps", "plugins.portal_other"])
    assert [fault.partition(" ")[0] for fault in faults] == ["api/views.py:1", "views.py:1"]


# --- Transactions ---


@pytest.mark.parametrize(
    "text",
    [
        "with transaction.atomic():\n    pass",
        "@transaction.atomic\ndef write(): ...",
        "from django.db.transaction import atomic\nwith atomic():\n    pass",
        "with transaction.atomic(savepoint=False):\n    pass",
        "transaction.on_commit(tell)",
        "apps.get_model('catalog', 'FinalEntity')",
    ],
)
def test_what_names_no_database_is_found(package: Path, text: str):
    write(package, "operations.py", text)
    assert len(unguarded_calls(package)) == 1


@pytest.mark.parametrize(
    "text",
    [
        "with transaction.atomic(using='faulty'):\n    pass",
        "with transaction.atomic('faulty'):\n    pass",
        "with atomic_for(Note):\n    pass",
        "transaction.on_commit(tell, using='faulty')",
        "on_commit_for(Note, tell)",
        "# transaction.atomic() would guard another database",
    ],
)
def test_what_names_its_database_is_as_it_should_be(package: Path, text: str):
    write(package, "operations.py", text)
    assert unguarded_calls(package) == []


def test_migrations_look_models_up_by_name(package: Path):
    write(package, "migrations/0001_initial.py", "apps.get_model('faulty', 'Note')")
    assert unguarded_calls(package) == []


# --- Templates ---


@pytest.mark.parametrize(
    ("tag", "fault"),
    [
        ('{% include "catalog/_ref.html" %}', "{% include %} of catalog/"),
        ("{%- extends 'catalog/page.html' %}", "{% extends %} of catalog/"),
        ('{% static "catalog/a.css" %}', "{% static %} of catalog/"),
        ('{% url "catalog-api:entity-list" %}', "{% url %} of 'catalog-api'"),
        ('{% include "faulty/_note.html" %}', None),
        ('{% include "portal/extensions/link.html" %}', None),
        ('{% extends "page.html" %}', None),
        ('{% url "faulty-api:note-list" %}', None),
        ('{% url "sign-in" %}', None),
    ],
)
def test_templates_use_their_own_and_the_portals(package: Path, tag: str, fault: str | None):
    write(package, "templates/faulty/page.html", f"<p>{tag}</p>")
    found = foreign_references(package, "faulty", ["faulty-api"])
    assert len(found) == (0 if fault is None else 1)
    assert fault is None or fault in found[0]


# --- Modules ---


def test_a_module_may_use_the_doors_of_its_plugin(package: Path):
    write(package, "a.py", "from apps.catalog.extension_points import Processor\nfrom apps.catalog import models\n")
    (fault,) = foreign_imports(package, "portal_faulty", ["apps"], doors=["apps.catalog.extension_points"])
    assert "a.py:2 imports apps.catalog.models" in fault
