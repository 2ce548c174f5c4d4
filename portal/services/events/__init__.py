"""The events service: news that plugins tell each other."""

from portal.services.events.base import Event, EventsService, OnEvent, PluginEvents
from portal.services.events.immediate import ImmediateEvents
from portal.services.events.shared import SharedEvents

__all__ = ["Event", "EventsService", "ImmediateEvents", "OnEvent", "PluginEvents", "SharedEvents"]
