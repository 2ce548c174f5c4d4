"""What ``devTools`` in ``app-config.yaml`` says."""

from __future__ import annotations

from portal.config import Key, Section


class DevToolsConf(Section):
    """What the pages and the API for operators show. They are off unless ``app.extensions`` mentions
    ``page:devtools``.
    """

    prefix = "devTools"

    package_prefixes = Key.strings(
        "info.packagePrefixes",
        default=[],
        help="Show the installed packages whose names begin so, and those of the portal; without it all of them.",
    )
    endpoints = Key.json(
        "externalDependencies.endpoints",
        default=[],
        help="What the portal's neighbours are, and how to see whether they are well: a list of "
        "`{name, type, target}`. The type is `fetch`, of a URL that answers 200, or `ping`, of a host.",
    )
    scheduled_plugins = Key.strings(
        "scheduledTasks.plugins",
        default=[],
        visibility="frontend",
        help="The plugins whose scheduled tasks are shown; without it those that are installed here.",
    )


conf = DevToolsConf()
