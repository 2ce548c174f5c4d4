"""Every command says what it does, is documented, and is tested."""

from __future__ import annotations

import re
from argparse import SUPPRESS, Action
from pathlib import Path

import pytest
from django.core.management import load_command_class
from django.core.management.base import BaseCommand

from portal.plugins import installed_plugins

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs" / "reference" / "commands.md").read_text()
COMMANDS = sorted(
    (plugin.name, path.stem)
    for plugin in installed_plugins()
    for path in Path(plugin.path, "management", "commands").glob("[!_]*.py")
)


@pytest.fixture(params=COMMANDS, ids=lambda command: command[1])
def command(request: pytest.FixtureRequest) -> BaseCommand:
    """One of the commands of the core and the plugins."""
    app, name = request.param
    return load_command_class(app, name)


@pytest.fixture
def name(command: BaseCommand) -> str:
    """Its name."""
    return command.__module__.rpartition(".")[2]


def own_options(command: BaseCommand) -> list[Action]:
    """Return the options that a command has beyond those of what it is made from, Django's mostly."""
    made_from = next(base for base in type(command).__mro__[1:] if not base.__module__.startswith(("portal.", "apps.")))
    known = {action.dest for action in made_from().create_parser("", "")._actions}
    return [action for action in command.create_parser("", "")._actions if action.dest not in known]


def row_of(name: str) -> str:
    """Return the command's row in the reference."""
    rows = [line for line in PAGE.splitlines() if re.match(rf"\| `{name}[ `]", line)]
    assert rows, f"{name} is missing from docs/reference/commands.md."
    return rows[-1]


def test_there_are_commands():
    assert ("portal", "doctor") in COMMANDS


def test_a_command_says_what_it_does(command):
    assert command.help.strip()
    assert [action.dest for action in own_options(command) if not action.help or action.help == SUPPRESS] == []


def test_a_command_is_documented_with_its_options(command, name):
    row = row_of(name)
    flags = [flag for action in own_options(command) for flag in action.option_strings]
    assert [flag for flag in flags if f"`{flag}" not in row] == []


def test_a_command_is_tested(name):
    call = re.compile(rf"""["']{name}["']""")
    tests = [path for path in (ROOT / "tests").rglob("*.py") if path != Path(__file__)]
    assert any(call.search(path.read_text()) for path in tests), f"No test runs {name}."
