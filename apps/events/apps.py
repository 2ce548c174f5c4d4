"""The facts of the events plugin."""

from portal.plugins import PluginConfig


class EventsPlugin(PluginConfig):
    """Carries events between processes and takes webhooks in (Backstage's plugin ``events``)."""

    name = "apps.events"
    label = "events"
    plugin_id = "events"
    title = "Events"
    icon = "radio"
