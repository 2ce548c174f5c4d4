"""One database for each plugin: where they are, which model goes where, and transactions that guard the right one."""

from portal.databases.configured import databases_from
from portal.databases.ensure import ensure_databases
from portal.databases.router import PluginRouter, alias_for
from portal.databases.transactions import atomic_for, on_commit_for

__all__ = [
    "PluginRouter",
    "alias_for",
    "atomic_for",
    "databases_from",
    "ensure_databases",
    "on_commit_for",
]
