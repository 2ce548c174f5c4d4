"""Configuration of the lifecycle service."""

from __future__ import annotations

from datetime import timedelta

from portal.config import Key, Section


class LifecycleConf(Section):
    """How a process starts and stops."""

    prefix = "backend.lifecycle"

    startup_request_pause_timeout = Key.ignored(
        "startupRequestPauseTimeout", help="Nothing has to wait: a process has started before it takes requests."
    )
    server_shutdown_delay = Key.duration(
        "serverShutdownDelay",
        default=timedelta(0),
        help="How long a stopping process goes on serving while readiness is red, so that load balancers notice.",
    )


class StartupConf(Section):
    """What a plugin that fails to start does to the process."""

    prefix = "backend.startup"
    restart = True

    default = Key.json(
        "default",
        default={},
        help="For all plugins: onPluginBootFailure, 'abort' (the default) or 'continue'.",
    )
    plugins = Key.json("plugins", default={}, help="The same for a plugin by its id, over the default.")


conf = LifecycleConf()
startup_conf = StartupConf()
