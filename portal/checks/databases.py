"""Relations that no database could keep true."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import chain
from typing import Any

from django.apps import AppConfig, apps
from django.core.checks import CheckMessage, Error, Tags, register
from django.db import models, router

HINT = "Store what identifies it instead, such as the ref of an entity or a person: 'user:default/jane'."


@register(Tags.models)
def check_relations(app_configs: Sequence[AppConfig] | None = None, **kwargs: Any) -> list[CheckMessage]:
    """Find relations between models of two databases: each plugin has one of its own."""
    configs = apps.get_app_configs() if app_configs is None else app_configs
    return list(cross_database_relations(chain.from_iterable(config.get_models() for config in configs)))


def cross_database_relations(found: Iterator[type[models.Model]]) -> Iterator[CheckMessage]:
    """Yield ``portal.E101`` for each foreign key, many-to-many field, parent and proxy that leads to another database.

    Django's own checks, ``makemigrations`` and ``migrate`` let these pass; the first insert fails.
    """
    for model in found:
        meta = model._meta
        if meta.proxy and meta.concrete_model is not None:
            yield from _compare(model, "it", "a proxy of", meta.concrete_model)
            continue
        # What the other end of a relation adds to a model is reported there. Generic foreign keys name no model; the
        # foreign key to ContentType that they need is a field like any other.
        for field in meta.get_fields(include_parents=False):
            target = field.related_model
            if isinstance(field, models.ForeignObjectRel) or not isinstance(target, type):
                continue
            yield from _compare(model, f"its field '{field.name}'", f"a {type(field).__name__} to", target)


def _compare(
    model: type[models.Model], subject: str, relation: str, target: type[models.Model]
) -> Iterator[CheckMessage]:
    here, there = router.db_for_write(model), router.db_for_write(target)
    if here != there:
        yield Error(
            f"{model._meta.label} is kept in the database '{here}', but {subject} is {relation} {target._meta.label}, "
            f"which is kept in '{there}'.",
            hint=HINT,
            obj=model,
            id="portal.E101",
        )
