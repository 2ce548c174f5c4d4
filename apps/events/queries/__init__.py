"""Reads of the bus."""

from apps.events.queries.news import News, news
from apps.events.queries.subscriptions import get_subscription, tail_position, topics_since

__all__ = ["News", "get_subscription", "news", "tail_position", "topics_since"]
