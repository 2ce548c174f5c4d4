"""Declared keys, the process's configuration, and what nobody declares."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from portal.config import (
    Config,
    Key,
    Section,
    all_sections,
    config_errors,
    current,
    on_change,
    override_config,
    set_current,
    unserved_keys,
)
from portal.config import sections as core
from portal.errors import ConfigError

ROOT = Path(__file__).parents[2]


class GardenConf(Section, listed=False):
    """A garden."""

    prefix = "garden"

    name = Key.string("name", default="Eden", visibility="frontend", help="What it is called.")
    gardener = Key.string("gardener", help="Who looks after it.")
    open = Key.boolean("open", default=False)
    beds = Key.integer("beds", default=None)
    area = Key.number("size.area", default=1.5)
    watering = Key.duration("watering", default=timedelta(hours=1), bare_numbers="minutes")
    plants = Key.strings("plants", default=["rose"])
    soil = Key.choice("soil", choices=("clay", "sand"), default="clay")
    rules = Key.json("rules", default=[{"allow": "all"}])
    paths = Key.json("paths", default=[], schema={"items": {"type": "object", "required": ["to"]}})
    extra = Key.json("extra", secrets=["gate.code"])
    fence = Key.ignored("fence", help="Has no meaning here.")


def garden(tree) -> GardenConf:
    return GardenConf(Config.of({"garden": tree}, "test.yaml"))


@pytest.fixture(autouse=True)
def restore() -> Iterator[None]:
    """Put the process's configuration back after a test that sets it."""
    with override_config({}):
        yield


# Keys


def test_absent_keys_have_their_defaults() -> None:
    conf = garden({})
    assert (conf.name, conf.open, conf.beds, conf.area, conf.soil) == ("Eden", False, None, 1.5, "clay")
    assert conf.watering == timedelta(hours=1)
    assert conf.plants == ["rose"]
    assert conf.rules == [{"allow": "all"}]
    assert conf.extra is None


def test_values_are_converted() -> None:
    conf = garden(
        {
            "name": "Kew",
            "open": "yes",
            "beds": "3",
            "size": {"area": "2"},
            "watering": 5,
            "plants": ["fern"],
            "soil": "sand",
            "rules": [],
            "extra": {"any": ["thing"]},
        }
    )
    assert (conf.name, conf.open, conf.beds, conf.area, conf.soil) == ("Kew", True, 3, 2.0, "sand")
    assert conf.watering == timedelta(minutes=5)
    assert conf.plants == ["fern"]
    assert conf.rules == []
    assert conf.extra == {"any": ["thing"]}


def test_a_default_may_be_changed_without_harm() -> None:
    conf = garden({})
    conf.rules.append("x")
    conf.plants.append("y")
    assert conf.rules == [{"allow": "all"}]
    assert conf.plants == ["rose"]


def test_a_key_without_default_is_required() -> None:
    with pytest.raises(ConfigError, match=r"^garden\.gardener: is missing, and has no default"):
        _ = garden({}).gardener


@pytest.mark.parametrize(
    ("tree", "message"),
    [
        ({"soil": "peat"}, "test.yaml: garden.soil: must be clay or sand, not 'peat'."),
        ({"soil": 1}, "test.yaml: garden.soil: must be clay or sand, not a number."),
        ({"rules": {}}, "test.yaml: garden.rules: must be a list, not an object."),
        ({"paths": [{"to": "x"}, 5]}, 'test.yaml: garden.paths: has a mistake at 1: 5 is not of type "object".'),
        ({"size": {"area": "big"}}, "test.yaml: garden.size.area: must be a number, not 'big'. Write it in digits."),
        ({"watering": "5 drops"}, "test.yaml: garden.watering: must be a duration, not '5 drops'."),
    ],
)
def test_a_bad_value_names_file_key_and_rule(tree, message: str) -> None:
    (missing, wrong) = config_errors(Config.of({"garden": tree}, "test.yaml"), [GardenConf])
    assert "garden.gardener: is missing" in str(missing)
    assert str(wrong).startswith(message)


def test_an_ignored_key_can_hold_anything_but_is_not_read() -> None:
    conf = garden({"gardener": "Ada", "fence": {"colour": ["any"]}})
    assert conf.errors() == []
    with pytest.raises(TypeError, match=r"garden\.fence is accepted but not used"):
        _ = conf.fence


def test_a_key_cannot_be_assigned_to() -> None:
    with pytest.raises(AttributeError, match=r"garden\.name is configuration.*override_config"):
        garden({}).name = "Other"  # type: ignore[assignment]


def test_a_key_of_the_class_describes_itself() -> None:
    assert GardenConf.area.full_path(GardenConf) == "garden.size.area"
    assert GardenConf.name.visibility == "frontend"
    assert GardenConf.gardener.is_required
    assert not GardenConf.name.is_required


def test_a_section_says_whether_anything_is_set() -> None:
    assert garden({"size": {}}).has()
    assert garden({"size": {"area": 1}}).has("size.area")
    assert not garden({}).has("size")
    assert not GardenConf(Config()).has()


def test_a_section_without_a_config_reads_the_process_s() -> None:
    conf = GardenConf()
    assert conf.name == "Eden"
    with override_config({"garden": {"name": "Kew"}}):
        assert conf.name == "Kew"
    assert conf.name == "Eden"


def test_two_attributes_may_not_declare_one_key() -> None:
    with pytest.raises(TypeError, match="Twice: one and two declare the same key 'x'"):

        class Twice(Section, listed=False):
            one = Key.string("x")
            two = Key.string("x")


def test_a_key_may_not_hide_what_a_section_has() -> None:
    with pytest.raises(TypeError, match=r"Hiding\.prefix: a key may not hide"):

        class Hiding(Section, listed=False):
            prefix = Key.string("prefix")


def test_keys_are_inherited() -> None:
    class Orchard(GardenConf, listed=False):
        prefix = "orchard"
        trees = Key.integer("trees", default=0)

    orchard = Orchard(Config.of({"orchard": {"name": "Avalon", "trees": 7}}, "test.yaml"))
    assert (orchard.name, orchard.trees) == ("Avalon", 7)
    assert [key.path for key in Orchard.declared_keys()][-1] == "trees"
    assert len(Orchard.declared_keys()) == len(GardenConf.declared_keys()) + 1


def test_only_listed_sections_are_listed() -> None:
    assert GardenConf not in all_sections()
    assert core.CacheConf in all_sections()
    assert [section.prefix for section in all_sections()] == sorted(section.prefix for section in all_sections())


def test_no_key_is_declared_twice() -> None:
    paths = [key.full_path(section) for section in all_sections() for key in section.declared_keys()]
    assert len(paths) == len(set(paths))


def test_every_declared_key_has_a_help_text_and_a_fitting_default() -> None:
    for section in all_sections():
        for key in section.declared_keys():
            assert key.help.endswith("."), key.full_path(section)
    assert config_errors(Config(), all_sections()) == []


# The process's configuration


def test_override_lays_over_and_is_undone() -> None:
    set_current(Config.of({"a": {"b": 1, "c": [1]}, "d": 1}, "test.yaml"))
    with override_config({"a": {"b": 2, "c": []}, "d": None}) as config:
        assert current() is config
        assert current().get() == {"a": {"b": 2, "c": []}}
        assert current().source_of("a.b") == "override_config()"
        with override_config({"e": 1}):
            assert current().get() == {"a": {"b": 2, "c": []}, "e": 1}
    assert current().get() == {"a": {"b": 1, "c": [1]}, "d": 1}


def test_override_is_undone_after_an_exception() -> None:
    before = current()
    with pytest.raises(ZeroDivisionError), override_config({"a": 1}):
        _ = 1 / 0
    assert current() is before


@override_config({"garden": {"name": "Decorated"}})
def test_override_is_a_decorator_too() -> None:
    assert GardenConf().name == "Decorated"


def test_listeners_are_told_of_every_change_until_they_forget() -> None:
    seen: list[object] = []
    forget = on_change(lambda: seen.append(current().get("a")))
    set_current(Config.of({"a": 1}, "test.yaml"))
    with override_config({"a": 2}):
        pass
    forget()
    forget()
    set_current(Config())
    assert seen == [1, 2, 1]


def test_a_listener_that_fails_does_not_keep_the_others_from_being_told() -> None:
    seen: list[str] = []

    def fail() -> None:
        raise RuntimeError("no")

    undo = [on_change(fail), on_change(lambda: seen.append("told"))]
    try:
        with pytest.raises(ExceptionGroup, match="Not everything could follow the change"):
            set_current(Config())
    finally:
        for forget in undo:
            forget()
    assert seen == ["told"]


def test_override_is_undone_even_if_a_listener_fails() -> None:
    before = current()
    forget = on_change(lambda: 1 // (not current().has("broken")))
    try:
        with pytest.raises(ExceptionGroup), override_config({"broken": True}):
            pytest.fail("The block must not run on a change that failed.")
    finally:
        forget()
    assert current() is before


def test_the_configuration_needs_no_django_and_is_not_read_before_it_is_loaded() -> None:
    program = (
        "import sys, portal.config, portal.config.reference\n"
        "assert not [name for name in sys.modules if name.split('.')[0] == 'django']\n"
        "try: portal.config.current()\n"
        "except portal.config.config.ConfigError as error: print(error)\n"
    )
    result = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True)
    assert result.stdout.startswith("The configuration was read before it was loaded.")


# Keys that nobody declares


def test_unserved_keys_are_named_as_briefly_as_possible() -> None:
    config = Config.of(
        {
            "garden": {
                "name": "x",
                "size": {"area": 1, "unit": "m²"},
                "extra": {"x": 1},
                "fence": {"y": 1},
                "pond": {"a": 1},
            },
            "kubernetes": {"clusters": [{"url": "u"}], "other": 1},
            "proxy": {},
        },
        "test.yaml",
    )
    assert unserved_keys(config, [GardenConf]) == ["garden.size.unit", "garden.pond", "kubernetes", "proxy"]


def test_null_keys_are_not_unserved() -> None:
    assert unserved_keys(Config.of({"kubernetes": None}, "test.yaml"), [GardenConf]) == []


def test_the_usual_sections_are_served_and_later_ones_are_not() -> None:
    tree = {
        "app": {"title": "Portal", "baseUrl": "http://x", "support": {"url": "u"}},
        "organization": {"name": "Acme"},
        "backend": {
            "baseUrl": "http://x",
            "listen": ":7007",
            "csp": {"connect-src": ["'self'"]},
            "cors": {"origin": "http://x", "methods": ["GET"], "credentials": True},
            "auth": {"externalAccess": [{"type": "static"}], "pluginKeyStore": {"type": "database"}},
            "database": {
                "client": "pg",
                "connection": {"host": "h"},
                "plugin": {"catalog": {"client": "pg"}},
                "knexConfig": {},
            },
            "cache": {"store": "redis", "redis": {"client": {"namespace": "x"}}},
            "reading": {"allow": [{"host": "x"}]},
            "rateLimit": True,
        },
        "auth": {
            "environment": "development",
            "providers": {"guest": {}, "github": {"development": {"clientId": "x"}}},
        },
        "permission": {"enabled": True},
        "scaffolder": {"defaultAuthor": {"name": "x"}},
    }
    core_sections = [section for section in all_sections() if section.__module__ == core.__name__]
    assert unserved_keys(Config.of(tree, "test.yaml"), core_sections) == [
        "backend.auth.pluginKeyStore",
        "backend.rateLimit",
        "auth.providers.github",
        "scaffolder",
    ]
