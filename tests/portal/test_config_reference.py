"""The generated reference page."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from portal.config import Key, Section, all_sections
from portal.config import sections as core
from portal.config.reference import render_reference, render_section

PAGE = Path(__file__).parents[2] / "docs" / "reference" / "config.md"


class KioskConf(Section, listed=False):
    """A ``kiosk``.

    It sells newspapers.
    """

    prefix = "kiosk"
    owner = Key.string("owner", help="Who has it: <name>, `<id>`.")
    title = Key.string("title", default="Kiosk", visibility="frontend", help="Its sign.")
    pause = Key.duration("pause", default=timedelta(minutes=90), help="At noon.")
    papers = Key.strings("papers", default=["Times"], help="On offer.")
    till = Key.json("till", visibility="secret", help="The money.")
    safe = Key.json("safe", deep_visibility="secret", help="More of it.")
    stand = Key.string("stand", default="", deprecated="Use `title`.", help="Where it stands.")
    tram = Key.ignored("tram", help="Doesn't stop here.")


def test_a_section_is_rendered_key_by_key() -> None:
    assert render_section(KioskConf) == (
        "A `kiosk`.\n\nIt sells newspapers.\n\n"
        "#### `kiosk.owner`\n\nstring; *required*\n\nWho has it: &lt;name>, `<id>`.\n\n"
        "#### `kiosk.title`\n\nstring; default `Kiosk`; visible to every visitor\n\nIts sign.\n\n"
        "#### `kiosk.pause`\n\nduration; default `PT1H30M`\n\nAt noon.\n\n"
        '#### `kiosk.papers`\n\nlist of strings; default `["Times"]`\n\nOn offer.\n\n'
        "#### `kiosk.till`\n\nJSON; default none; *secret*\n\nThe money.\n\n"
        "#### `kiosk.safe`\n\nJSON; default none; *secret, with all in it*\n\nMore of it.\n\n"
        "#### `kiosk.stand`\n\nstring; default none\n\n**Deprecated**: Use `title`.\n\nWhere it stands.\n\n"
        "Accepted, without effect:\n\n* `kiosk.tram`: Doesn't stop here.\n"
    )


def test_sections_of_one_prefix_share_a_heading() -> None:
    class Second(Section, listed=False):
        """More of it."""

        prefix = "kiosk"

    page = render_reference([KioskConf, Second])
    assert page.count("### kiosk\n") == 1
    assert "More of it." in page


def test_the_page_names_every_key_once_and_is_always_the_same() -> None:
    page = render_reference()
    assert page == render_reference()
    for section in all_sections():
        for key in section.declared_keys():
            path = key.full_path(section)
            assert page.count(f"\n#### `{path}`\n") + page.count(f"\n* `{path}`:") == 1, path


def test_the_page_in_the_repository_is_up_to_date() -> None:
    page = PAGE.read_text()
    assert page.startswith(render_reference([]).partition("## Keys")[0])
    for section in all_sections():
        if section.__module__ == core.__name__:
            assert render_section(section) in page, f"{section.__name__} has changed: run `make docs`"
