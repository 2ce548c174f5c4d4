"""Static files once they are collected, and before."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.conf import settings as django_settings
from django.core.management import call_command
from django.http import FileResponse, HttpResponse
from django.templatetags.static import static
from whitenoise.middleware import WhiteNoiseMiddleware

COLLECTED = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "portal.http.static_files.CollectedStaticFiles"},
}
MODULE = (
    'import { open } from "./drawer.js";\n// import x from "./example.js";\nopen();\n//# sourceMappingURL=menu.js.map\n'
)


@pytest.fixture
def folder(tmp_path: Path, settings) -> Path:
    """A folder of static files that are collected to another one."""
    source = tmp_path / "source" / "lamp"
    source.mkdir(parents=True)
    (source / "menu.js").write_text(MODULE)
    (source / "drawer.js").write_text("export function open() {}\n" * 20)
    (source / "lamp.css").write_text(".lamp { background: url(lamp.svg); }\n" * 20)
    (source / "lamp.svg").write_text("<svg/>")
    settings.STORAGES = COLLECTED
    settings.STATIC_ROOT = tmp_path / "collected"
    settings.STATICFILES_DIRS = [source.parent]
    settings.STATICFILES_FINDERS = ["django.contrib.staticfiles.finders.FileSystemFinder"]
    return source


def collect() -> None:
    call_command("collectstatic", interactive=False, verbosity=0)


def collected(name: str) -> str:
    """Give what a file has become."""
    return (Path(django_settings.STATIC_ROOT) / static(name).removeprefix("/static/")).read_text()


def served(rf, path: str, **headers: str) -> FileResponse:
    """Give what WhiteNoise answers with, as in production, but for the file itself."""
    answer = WhiteNoiseMiddleware(lambda request: HttpResponse(status=404))(rf.get(path, headers=headers))
    if answer.status_code == 200:
        answer.file_to_stream.close()
    return answer


def test_a_collected_file_is_named_by_its_content(folder: Path):
    collect()
    assert re.fullmatch(r"/static/lamp/lamp\.[0-9a-f]{12}\.css", static("lamp/lamp.css"))


def test_it_is_served_compressed_and_for_good(folder: Path, rf):
    collect()
    answer = served(rf, static("lamp/drawer.js"), accept_encoding="gzip")
    assert answer.status_code == 200
    assert answer["Content-Encoding"] == "gzip"
    assert "immutable" in answer["Cache-Control"]


def test_references_in_it_are_to_the_names_that_pages_use(folder: Path):
    collect()
    module = collected("lamp/menu.js")
    assert f'from "./{static("lamp/drawer.js").rpartition("/")[2]}"' in module
    style = collected("lamp/lamp.css")
    assert static("lamp/lamp.svg").rpartition("/")[2] in style


def test_a_reference_that_leads_nowhere_stays_as_it_is(folder: Path):
    collect()
    module = collected("lamp/menu.js")
    assert '// import x from "./example.js";' in module
    assert "sourceMappingURL=menu.js.map" in module


def test_before_it_is_collected_a_file_is_served_under_its_own_name(folder: Path, rf):
    assert static("lamp/lamp.css") == "/static/lamp/lamp.css"
    answer = served(rf, "/static/lamp/lamp.css")
    assert answer.status_code == 200
    assert "immutable" not in answer["Cache-Control"]


def test_a_file_that_came_later_is_too(folder: Path, rf):
    collect()
    (folder / "new.css").write_text(".new {}")
    assert static("lamp/new.css") == "/static/lamp/new.css"
    answer = served(rf, static("lamp/new.css"))
    assert answer.status_code == 200
