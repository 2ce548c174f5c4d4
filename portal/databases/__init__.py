"""One database for each plugin: where they are, which model goes where, and transactions that guard the right one."""

from portal.databases.bulk import Lock, append_rows, delete_rows, select_rows, update_rows, upsert_rows
from portal.databases.configured import databases_from
from portal.databases.ensure import ensure_databases
from portal.databases.fetching import fetch_rows
from portal.databases.ids import time_ordered_uuid
from portal.databases.router import PluginRouter, alias_for
from portal.databases.streaming import stream_texts
from portal.databases.transactions import atomic_for, on_commit_for, retried_for

__all__ = [
    "Lock",
    "PluginRouter",
    "alias_for",
    "append_rows",
    "atomic_for",
    "databases_from",
    "delete_rows",
    "ensure_databases",
    "fetch_rows",
    "on_commit_for",
    "retried_for",
    "select_rows",
    "stream_texts",
    "time_ordered_uuid",
    "update_rows",
    "upsert_rows",
]
