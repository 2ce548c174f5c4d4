"""What shell and plugins say can be read in German: all of it is in their catalogues, translated and compiled."""

from __future__ import annotations

import ast
import gettext
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.utils.translation.template import templatize

ROOT = Path(__file__).resolve().parents[2]
#: The core, and every plugin that comes with it. The templates of the shell are the core's.
PLACES = ["portal", *(f"apps/{path.parent.name}" for path in sorted(ROOT.glob("apps/*/apps.py")))]
#: What lies in the core, and isn't said on its pages: skeletons of plugins, and words for terminals.
NOT_PAGES = ("portal/plugins", "portal/management")
MARKS = {"_", "gettext", "gettext_lazy", "gettext_noop", "ngettext", "ngettext_lazy"}
IN_TEMPLATES = re.compile(r"""\b(?:n?gettext|_)\(\s*u?("(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')""")
#: What a translation must have as its message has it: placeholders and elements.
FIXED = re.compile(r"%\(\w+\)[sd]|</?\w+")


def said_in_python(path: Path) -> Iterator[str]:
    """Give the messages that a module marks for translation."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        match node:
            case ast.Call(func=ast.Name(id=name), args=[ast.Constant(value=str(message)), *_]) if name in MARKS:
                yield message


def said_in_template(path: Path) -> Iterator[str]:
    """Give the messages that a template marks for translation."""
    for literal in IN_TEMPLATES.findall(templatize(path.read_text(encoding="utf-8"), origin=str(path))):
        yield ast.literal_eval(literal)


def said(place: str) -> set[str]:
    """Return everything that is marked for translation in the core or a plugin."""
    folders = [ROOT / place, ROOT / "templates"] if place == "portal" else [ROOT / place]
    files = [path for folder in folders for path in folder.rglob("*") if path.suffix in {".py", ".html"}]
    pages = [path for path in files if not path.relative_to(ROOT).as_posix().startswith(NOT_PAGES)]
    return {
        message for path in pages for message in (said_in_python if path.suffix == ".py" else said_in_template)(path)
    }


def written(place: str) -> dict[str, dict[str, str]]:
    """Return the entries of a German catalogue by message: msgid, msgstr and so on, each with its text."""
    path = ROOT / place / "locale/de/LC_MESSAGES/django.po"
    found: dict[str, dict[str, str]] = {}
    for block in path.read_text(encoding="utf-8").split("\n\n") if path.exists() else []:
        entry: dict[str, str] = {}
        field = ""
        for line in block.splitlines():
            if line and not line.startswith("#"):
                name, quote, text = line.partition('"')
                field = name.strip() or field
                entry[field] = entry.get(field, "") + ast.literal_eval(f"{quote}{text}")
        found[entry["msgid"]] = entry
    return found


@pytest.mark.parametrize("place", PLACES)
def test_everything_that_is_said_has_a_german_translation(place: str) -> None:
    entries = written(place)
    assert said(place) - set(entries) == set(), "run: make messages, and translate them"
    empty = [entry["msgid"] for entry in entries.values() if not all(entry[key] for key in entry if "str" in key)]
    assert empty == [], f"translate them in {place}/locale, and run: make messages"


@pytest.mark.parametrize("place", PLACES)
def test_a_translation_keeps_placeholders_and_elements(place: str) -> None:
    for message, entry in written(place).items():
        is_counted = "msgid_plural" in entry
        original = entry["msgid_plural"] if is_counted else message
        german = entry["msgstr[1]"] if is_counted else entry["msgstr"]
        if message:
            assert sorted(FIXED.findall(german)) == sorted(FIXED.findall(original)), message


@pytest.mark.parametrize("place", [place for place in PLACES if (ROOT / place / "locale").exists()])
def test_what_is_compiled_is_what_is_written(place: str) -> None:
    with (ROOT / place / "locale/de/LC_MESSAGES/django.mo").open("rb") as file:
        compiled = gettext.GNUTranslations(file)
    for message, entry in written(place).items():
        if "msgid_plural" in entry:
            forms = [compiled.ngettext(message, entry["msgid_plural"], number) for number in (1, 2)]
            assert forms == [entry["msgstr[0]"], entry["msgstr[1]"]], "run: make messages"
        elif message:
            assert compiled.gettext(message) == entry["msgstr"], "run: make messages"


def test_a_template_and_a_module_are_looked_through(tmp_path: Path) -> None:
    template, module = tmp_path / "page.html", tmp_path / "views.py"
    template.write_text(
        '{% load i18n %}{% translate "One" %}{% icon "x" label=_("It\'s two") %}'
        "{% blocktranslate with name=a.b %}Three {{ name }}{% endblocktranslate %}"
        "{% blocktranslate count n=4 %}{{ n }} four{% plural %}{{ n }} fours{% endblocktranslate %}"
    )
    module.write_text('from django.utils.translation import gettext as _\nx = [_("Five"), _(x), gettext_noop("Six")]\n')
    assert set(said_in_template(template)) == {"One", "It's two", "Three %(name)s", "%(n)s four"}
    assert set(said_in_python(module)) == {"Five", "Six"}
