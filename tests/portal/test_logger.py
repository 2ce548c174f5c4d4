"""The logger: fields for machines, words for people, and no secrets for anybody."""

from __future__ import annotations

import io
import logging
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import orjson
import pytest
from django.db import OperationalError, ProgrammingError

from portal.config import override_config
from portal.errors import ConfigError
from portal.services import logger
from portal.services.logger import failure_fields
from portal.services.logger.structured import level_from, logging_config

PASSWORD = "correct-horse-battery"


class Output:
    """What has been logged below ``portal`` and ``django``, in the form of production or of development."""

    def __init__(self, *, as_json: bool) -> None:
        self.stream = io.StringIO()
        options: dict[str, Any] = logging_config("DEBUG", as_json=as_json)["formatters"]["structured"]
        self.handler = logging.StreamHandler(self.stream)
        self.handler.setFormatter(options.pop("()")(**options))

    @property
    def text(self) -> str:
        """All lines."""
        return self.stream.getvalue()

    @property
    def line(self) -> dict[str, Any]:
        """The only line, read as JSON."""
        found: dict[str, Any] = orjson.loads(self.text)
        return found


@pytest.fixture(params=[True, False], ids=["json", "text"])
def output(request: pytest.FixtureRequest) -> Iterator[Output]:
    """The output in both forms."""
    yield from _listening(Output(as_json=request.param))


@pytest.fixture
def json_output() -> Iterator[Output]:
    """The output as production has it."""
    yield from _listening(Output(as_json=True))


def _listening(output: Output) -> Iterator[Output]:
    loggers = [logging.getLogger("portal"), logging.getLogger("django.request")]
    before = [one.level for one in loggers]
    for one in loggers:
        one.addHandler(output.handler)
        one.setLevel("DEBUG")
    yield output
    for one, level in zip(loggers, before, strict=True):
        one.removeHandler(output.handler)
        one.setLevel(level)


def test_a_line_says_whose_it_is_how_grave_and_when(json_output: Output):
    logger.for_plugin("hello").bind(task="sync").warning("Slow answer", seconds=3)
    line = json_output.line
    assert line.pop("timestamp").endswith("Z")
    assert line == {"plugin": "hello", "level": "warning", "event": "Slow answer", "task": "sync", "seconds": 3}


def test_the_service_itself_logs_for_the_core(json_output: Output):
    logger.info("Started")
    assert (json_output.line["plugin"], json_output.line["level"]) == ("app", "info")


def test_a_line_is_readable_in_development():
    [output] = [Output(as_json=False)]
    for _ in _listening(output):
        logger.for_plugin("hello").error("It broke", path="/x")
    assert "It broke" in output.text
    assert "path=/x" in output.text
    assert "plugin=hello" in output.text


def test_what_is_logged_neither_steers_a_terminal_nor_forges_a_line(output: Output):
    try:
        raise ValueError("red \x1b[31m")
    except ValueError as error:
        logger.for_plugin("hello").error(
            "No\nentity \x1b[2J", name="a\u202eb\x00", place="in\n\x1b here", exc_info=error
        )
    assert not set("\x1b\x00\u202e") & set(output.text)
    assert "No\\nentity" in output.text
    assert "in\\n" in output.text
    assert "in\\\\n" not in output.text
    assert "Traceback" in output.text


def test_outages_and_mistakes_are_told_in_their_words_and_faults_with_their_place(output: Output):
    try:
        raise OperationalError("connection refused\n\tIs the server running?")
    except OperationalError as error:
        logger.for_plugin("hello").error("It broke", **failure_fields(error))
    assert "connection refused Is the server running?" in output.text
    assert "Traceback" not in output.text
    try:
        raise ConfigError("app-config.yaml:7: title: must be a string.")
    except ConfigError as error:
        logger.for_plugin("hello").error("It broke", **failure_fields(error))
    assert "app-config.yaml:7: title: must be a string." in output.text
    assert "Traceback" not in output.text
    try:
        raise ProgrammingError("no such thing")
    except ProgrammingError as error:
        logger.for_plugin("hello").error("It broke", **failure_fields(error))
    assert "Traceback" in output.text


def test_no_secret_of_the_configuration_gets_out(output: Output):
    with override_config({"backend": {"database": {"connection": {"password": PASSWORD}}}}):
        try:
            raise ValueError(f"can't log in with {PASSWORD}")
        except ValueError as error:
            logger.for_plugin("hello").error(
                f"Using {PASSWORD}",
                url=f"postgresql://me:{PASSWORD}@db",
                nested={"list": [PASSWORD, (PASSWORD,)]},
                folder=Path(f"/srv/{PASSWORD}"),
                exc_info=error,
            )
    assert "can't log in with ***" in output.text
    assert "postgresql://me:***@db" in output.text
    assert PASSWORD not in output.text


def test_djangos_own_lines_take_the_same_form(json_output: Output):
    logging.getLogger("django.request").warning(
        "Not Found: %s", "/x", extra={"status_code": 404, "request": object(), "server_time": "now"}
    )
    line = json_output.line
    assert (line["event"], line["level"], line["status_code"]) == ("Not Found: /x", "warning", 404)
    assert not {"request", "server_time"} & set(line)


@pytest.mark.parametrize(
    ("of_environment", "of_configuration", "level"),
    [("", "", "INFO"), ("", "warn", "WARNING"), ("DEBUG", "error", "DEBUG"), ("", "error", "ERROR")],
)
def test_the_environments_level_comes_first(of_environment, of_configuration, level):
    assert level_from(of_environment, of_configuration) == level


@pytest.mark.parametrize(("given", "where"), [(("loud", ""), "LOG_LEVEL"), (("", "loud"), "backend.logger.level")])
def test_an_unknown_level_is_refused_with_those_that_there_are(given, where):
    with pytest.raises(ConfigError, match=f"{where} is 'loud'; it must be one of debug, info, warn"):
        level_from(*given)
