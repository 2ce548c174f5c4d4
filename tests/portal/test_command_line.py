"""``manage.py``, as people call it."""

from __future__ import annotations

from pathlib import Path

from tests.journeys.portal import environment_for, manage


def test_config_files_are_named_as_in_backstage_and_later_ones_win(tmp_path: Path) -> None:
    one, two = tmp_path / "one.yaml", tmp_path / "two.yaml"
    one.write_text("app: {title: One}\nbackend: {database: {prefix: one_}}\n")
    two.write_text("app: {title: Two}\n")
    shell = (
        "from portal.config import current; print(current().get('app.title'), current().get('backend.database.prefix'))"
    )
    environment = environment_for(tmp_path)
    arguments = ["shell", "--no-imports", "--command", shell]
    output = manage([*arguments, "--config", str(one), f"--config={two}"], environment)
    assert output.strip().splitlines()[-1] == "Two one_"


def test_a_mistake_in_the_configuration_is_told_without_a_traceback(tmp_path: Path) -> None:
    broken = tmp_path / "broken.yaml"
    broken.write_text("app: [unclosed\n")
    output = manage(["check", "--config", str(broken)], environment_for(tmp_path), status=1)
    assert "broken.yaml" in output
    assert "Traceback" not in output
