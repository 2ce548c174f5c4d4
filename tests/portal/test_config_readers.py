"""Reading typed values."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.config import Config, load_config
from portal.config.coercion import to_web_address
from portal.config.durations import format_duration, to_duration
from portal.errors import ConfigError


def config_of(tree) -> Config:
    return Config.of(tree, "test.yaml")


@pytest.mark.parametrize("value", ["https://a.example", "http://[::1]:7007/base/", "http://localhost:3000"])
def test_what_counts_as_a_web_address(value: str) -> None:
    assert config_of({"a": value}).read("a", "", to_web_address) == value.rstrip("/")


@pytest.mark.parametrize(
    "value",
    ["portal.example", "ftp://a.example", "https://", "http://a:99999", "http://[::1", "/base", 7],
)
def test_what_counts_as_none(value: object) -> None:
    with pytest.raises(ConfigError, match=r"a: must be (an address such as|a string)"):
        config_of({"a": value}).read("a", "", to_web_address)


@pytest.mark.parametrize("value", [True, "y", "Yes", "TRUE", " on ", "1", 1])
def test_what_counts_as_true(value) -> None:
    assert config_of({"a": value}).get_bool("a") is True


@pytest.mark.parametrize("value", [False, "n", "No", "false", "OFF", "0", 0])
def test_what_counts_as_false(value) -> None:
    assert config_of({"a": value}).get_bool("a") is False


@pytest.mark.parametrize(
    ("value", "expected"),
    [(5432, 5432), ("5432", 5432), (" -7 ", -7), ("1e3", 1000), (2.0, 2), ("0x10", 16), ("010", 10)],
)
def test_what_counts_as_a_whole_number(value, expected: int) -> None:
    number = config_of({"a": value}).get_int("a")
    assert number == expected
    assert type(number) is int


@pytest.mark.parametrize(("value", "expected"), [(1, 1.0), (0.5, 0.5), ("0.5", 0.5), (".5", 0.5), ("-1e-3", -0.001)])
def test_what_counts_as_a_number(value, expected: float) -> None:
    number = config_of({"a": value}).get_float("a")
    assert number == expected
    assert type(number) is float


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ({"hours": 1}, timedelta(hours=1)),
        ({"days": 1, "minutes": "90", "milliseconds": 5}, timedelta(days=1, minutes=90, milliseconds=5)),
        ({"seconds": 0}, timedelta(0)),
        ({"years": 1, "months": 1}, timedelta(days=395)),
        ("1h", timedelta(hours=1)),
        ("90 minutes", timedelta(minutes=90)),
        ("1.5 hrs", timedelta(minutes=90)),
        (".5s", timedelta(milliseconds=500)),
        ("25 ms", timedelta(milliseconds=25)),
        ("2 Weeks", timedelta(weeks=2)),
        ("1y", timedelta(days=365)),
        ("PT1H", timedelta(hours=1)),
        ("P2DT6H", timedelta(days=2, hours=6)),
        ("P1Y2M3W4DT5H6M7.8S", timedelta(days=365 + 60 + 21 + 4, hours=5, minutes=6, seconds=7.8)),
        ("PT0,5S", timedelta(milliseconds=500)),
        ("PT0S", timedelta(0)),
    ],
)
def test_what_counts_as_a_duration(value, expected: timedelta) -> None:
    assert config_of({"a": value}).get_duration("a") == expected


def test_a_plain_number_is_a_duration_only_where_its_unit_is_known() -> None:
    config = config_of({"a": 1500})
    assert config.get_duration("a", bare_numbers="milliseconds") == timedelta(seconds=1.5)
    with pytest.raises(ConfigError, match="must be a duration, not a number"):
        config.get_duration("a")


@given(st.timedeltas(min_value=timedelta(0), max_value=timedelta(days=10**6)))
def test_a_duration_survives_being_written(duration: timedelta) -> None:
    assert abs(to_duration(format_duration(duration)) - duration) <= timedelta(microseconds=1)


def test_strings_and_lists_of_strings_are_read() -> None:
    config = config_of({"a": "x", "b": ["x", "y"], "c": []})
    assert config.get_str("a") == "x"
    assert config.get_strings("b") == ["x", "y"]
    assert config.get_strings("c") == []


GETTERS = ["get_str", "get_int", "get_float", "get_bool", "get_duration", "get_strings"]


@pytest.mark.parametrize("getter", GETTERS)
def test_a_default_stands_for_what_is_absent_or_null(getter: str) -> None:
    config = config_of({"a": None, "b": {}})
    default = object()
    assert getattr(config, getter)("a", default) is default
    assert getattr(config, getter)("a.b", default=default) is default
    assert getattr(config, getter)("b.c", None) is None


@pytest.mark.parametrize("getter", GETTERS)
def test_without_a_default_an_absent_key_is_an_error_that_says_what_to_do(getter: str) -> None:
    with pytest.raises(ConfigError, match=r"^a\.b: is missing, and has no default\. Set it in test\.yaml\.$"):
        getattr(config_of({"a": {}}), getter)("a.b")


def test_a_key_that_is_absent_for_want_of_a_variable_says_so(tmp_path: Path) -> None:
    (tmp_path / "app-config.yaml").write_text("backend:\n  database:\n    password: ${PW}\n")
    config = load_config(root=tmp_path, environ={})
    with pytest.raises(ConfigError) as caught:
        config.child("backend.database").get_str("password")
    where, rule = (
        "app-config.yaml:3: backend.database.password",
        "is missing because the environment variable PW is not set.",
    )
    assert str(caught.value) == f"{where}: {rule} Set it."


@pytest.mark.parametrize(
    ("getter", "value", "rule"),
    [
        ("get_str", "", "must not be an empty string. Give it a value, or leave the key out."),
        ("get_str", 5, "must be a string, not a number. Put it into quotes."),
        ("get_str", True, "must be a string, not a boolean. Put it into quotes."),
        ("get_str", ["x"], "must be a string, not a list."),
        ("get_int", "many", "must be a number, not 'many'. Write it in digits."),
        ("get_int", "", "must be a number, not an empty string. Write it in digits."),
        ("get_int", True, "must be a number, not a boolean. Write it in digits."),
        ("get_int", 1.5, "must be a whole number. Leave out the fraction."),
        ("get_float", "1_000", "must be a number, not '1_000'. Write it in digits."),
        ("get_float", float("nan"), "must be a finite number."),
        ("get_float", "1e999", "must be a finite number."),
        ("get_int", float("inf"), "must be a whole number. Leave out the fraction."),
        ("get_bool", "maybe", "must be a boolean, not 'maybe'. Write true or false."),
        ("get_bool", 2, "must be a boolean, not a number. Write true or false."),
        ("get_bool", {}, "must be a boolean, not an object. Write true or false."),
        ("get_strings", "x", "must be a list of strings, not a string. Write [one, two]."),
        ("get_strings", ["x", 1], "must be a list of strings, but item 1 is a number. Correct or remove it."),
        ("get_strings", ["x", ""], "must be a list of strings, but item 1 is an empty string. Correct or remove it."),
        ("get_duration", "", "must be a duration, not an empty string. Write {hours: 1}, '1h' or 'PT1H'."),
        (
            "get_duration",
            "60",
            "must be a duration, not '60'. A plain number needs a unit, as in '30s', '2 hours' or '1d'.",
        ),
        ("get_duration", "1m 3s", "must be a duration, not '1m 3s'. Write a number and one unit, as in"),
        ("get_duration", "3 parsecs", "must be a duration, not '3 parsecs'. Write a number and one unit, as in"),
        ("get_duration", "-3s", "must be a duration, not '-3s'."),
        ("get_duration", "P", "must be a duration, not 'P'. Write ISO 8601's form"),
        ("get_duration", "PT", "must be a duration, not 'PT'. Write ISO 8601's form"),
        ("get_duration", {}, "is a duration without a unit. Use one or more of years,"),
        ("get_duration", {"hour": 1}, "is a duration with the unknown unit hour. Use one or more of years,"),
        ("get_duration", {"hours": "x"}, "is a duration whose hours must be a number, not 'x'."),
        ("get_duration", {"hours": -1}, "must not be a negative duration."),
        ("get_duration", {"years": 10**9}, "is a longer duration than can be counted."),
    ],
)
def test_a_value_of_the_wrong_type_names_file_key_and_rule(getter: str, value, rule: str) -> None:
    with pytest.raises(ConfigError) as caught:
        getattr(config_of({"x": {"key": value}}), getter)("x.key", default=None)
    assert str(caught.value).startswith(f"test.yaml: x.key: {rule}")


def test_a_message_does_not_show_a_text_that_may_be_a_secret(tmp_path: Path) -> None:
    (tmp_path / "app-config.yaml").write_text("a: {token: [s3cret]}\nb: s3cret\n")
    config = load_config(root=tmp_path, environ={})
    for read in (lambda: config.get_str("a.token"), lambda: config.get("b.c"), lambda: config.children("a.token")):
        with pytest.raises(ConfigError) as caught:
            read()
        assert "s3cret" not in str(caught.value)


def test_reading_below_something_that_is_no_object_is_an_error() -> None:
    config = config_of({"app": "Portal", "list": [1], "tree": {"a": 1}})
    with pytest.raises(
        ConfigError, match=r"^test\.yaml: app: must be an object, not a string: app\.title is read from it"
    ):
        config.get_str("app.title", default="x")
    with pytest.raises(ConfigError, match=r"list: must be an object, not a list: list\.a is read"):
        config.has("list.a")
    with pytest.raises(ConfigError, match=r"tree: must be a list, not an object: tree\[0\] is read"):
        config.get("tree[0]")
    assert config.get("list[1]") is None


def test_what_get_returns_may_be_changed_without_harm() -> None:
    config = config_of({"a": {"b": [1]}})
    config.get("a")["b"].append(2)
    config.get()["a"] = None
    assert config.get("a") == {"b": [1]}


# Parts


def test_a_child_reads_below_its_path_and_names_keys_in_full() -> None:
    child = config_of({"backend": {"database": {"client": "pg", "plugin": {"catalog": {"client": 1}}}}}).child(
        "backend.database"
    )
    assert child.get_str("client") == "pg"
    assert child.keys() == ["client", "plugin"]
    with pytest.raises(ConfigError, match=r"^test\.yaml: backend\.database\.plugin\.catalog\.client: must be a string"):
        child.child("plugin.catalog").get_str("client")


def test_an_absent_child_is_empty() -> None:
    child = config_of({}).child("nothing.here")
    assert child.get() is None
    assert child.keys() == []
    assert child.get_str("x", default="d") == "d"
    assert child.children("list") == []
    with pytest.raises(ConfigError, match=r"^nothing\.here\.x: is missing"):
        child.get_str("x")


def test_a_child_must_be_an_object() -> None:
    with pytest.raises(ConfigError, match=r"^test\.yaml: a: must be an object \(lines of 'key: value'\), not a list"):
        config_of({"a": []}).child("a")


def test_children_are_the_objects_of_a_list() -> None:
    config = config_of({"catalog": {"locations": [{"type": "file"}, {"type": "url", "target": 5}]}})
    first, second = config.children("catalog.locations")
    assert first.get_str("type") == "file"
    with pytest.raises(ConfigError, match=r"^test\.yaml: catalog\.locations\[1\]\.target: must be a string"):
        second.get_str("target")


@pytest.mark.parametrize(
    ("value", "rule"),
    [
        ({"a": 1}, "must be a list of objects, not an object"),
        ([{}, "x"], "must be a list of objects, but item 1 is a string"),
    ],
)
def test_children_must_be_objects(value, rule: str) -> None:
    with pytest.raises(ConfigError, match=rf"^test\.yaml: x: {rule}"):
        config_of({"x": value}).children("x")


def test_names_with_dots_and_slashes_are_reached_in_quotes() -> None:
    config = config_of({"proxy": {"endpoints": {"/a.b": {"target": 1}}}})
    assert config.get("proxy.endpoints['/a.b'].target") == 1
    with pytest.raises(ConfigError, match=r"^test\.yaml: proxy\.endpoints\['/a\.b'\]\.target: must be a string"):
        config.get_str("proxy.endpoints['/a.b'].target")


def test_a_config_shows_where_it_is_from_and_no_values() -> None:
    assert repr(config_of({"app": {"token": "s3cret"}}).child("app")) == "<Config 'app' from test.yaml>"
