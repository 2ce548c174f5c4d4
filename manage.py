#!/usr/bin/env python
"""Greenroom's command line: runserver, migrate (every database), worker, startplugin, plugins, extensions, doctor."""

import os
import sys


def main() -> None:
    """Run a management command. Commands are for people at work, so the environment defaults to development."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")
    os.environ.setdefault("PORTAL_ENV", "development")
    from django.core.management import execute_from_command_line

    from portal.errors import ConfigError

    try:
        execute_from_command_line(sys.argv)
    except ConfigError as error:
        # What somebody wrote is wrong, not the program: the message is all that helps.
        sys.exit(f"The configuration is wrong: {error}")


if __name__ == "__main__":
    main()
