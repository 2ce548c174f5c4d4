#!/usr/bin/env python
"""Greenroom's command line: runserver, migrate (every database), worker, plugins, extensions, doctor and more."""

import argparse
import os
import sys


def main() -> None:
    """Run a management command. Commands are for people at work, so the environment defaults to development."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")
    os.environ.setdefault("PORTAL_ENV", "development")
    arguments = take_config(sys.argv)
    from django.core.exceptions import ImproperlyConfigured
    from django.core.management import execute_from_command_line

    from portal.errors import ConfigError

    try:
        execute_from_command_line(arguments)
    except (ConfigError, ImproperlyConfigured) as error:
        # What somebody wrote is wrong, not the program: the message is all that helps.
        sys.exit(f"The configuration is wrong: {error}")


def take_config(arguments: list[str]) -> list[str]:
    """Move Backstage's ``--config FILE`` (repeatable, later ones win) to ``PORTAL_CONFIG``; return the other arguments.

    Settings read the configuration before any command could parse its options.
    """
    parser = argparse.ArgumentParser(add_help=False, allow_abbrev=False)
    parser.add_argument("--config", action="append", default=[])
    found, rest = parser.parse_known_args(arguments)
    if found.config:
        os.environ["PORTAL_CONFIG"] = ":".join(found.config)
    return rest


if __name__ == "__main__":
    main()
