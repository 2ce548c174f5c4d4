"""Reads of the bus."""

from apps.events.queries.subscriptions import get_subscription, tail_position, topics_since
from apps.events.queries.waiting import News, news

__all__ = ["News", "get_subscription", "news", "tail_position", "topics_since"]
