# ruff: noqa: DJ008 (no row of these models is ever shown)
"""Relations between models that lead into another database are errors."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any
from unittest import mock

import pytest
from django.contrib.auth.models import User
from django.contrib.contenttypes.fields import GenericForeignKey, GenericRelation
from django.contrib.contenttypes.models import ContentType
from django.core.checks import CheckMessage
from django.db import models
from django.test.utils import isolate_apps
from pytest_django.fixtures import Settings

from portal.checks import (
    check_relations,
)


def only(messages: list[CheckMessage]) -> CheckMessage:
    [message] = messages
    return message


def relations_of(*found: type[models.Model]) -> list[CheckMessage]:
    """Check models as those of one app."""
    app: Any = SimpleNamespace(get_models=lambda: found)
    return check_relations([app])


class Own(models.Model):
    """What the models below have in common: they are the test plugin's, whose database isn't the default one."""

    class Meta:
        abstract = True
        app_label = "testplugin"


plugin_models = isolate_apps("tests.testplugin", "django.contrib.contenttypes", "django.contrib.auth")


@plugin_models
@pytest.mark.parametrize(
    ("make", "what"),
    [
        (lambda: models.ForeignKey(User, models.CASCADE, related_name="+"), "ForeignKey"),
        (lambda: models.ForeignKey(User, models.SET_NULL, null=True, related_name="+"), "ForeignKey"),
        (lambda: models.OneToOneField(User, models.CASCADE, related_name="+"), "OneToOneField"),
        (lambda: models.ManyToManyField(User, related_name="+"), "ManyToManyField"),
        (lambda: GenericRelation(User), "GenericRelation"),
    ],
)
def test_a_field_that_leads_into_another_database_is_an_error(make, what):
    class Pet(Own):
        owner = make()

    message = only(relations_of(Pet))
    assert (message.id, message.obj) == ("portal.E101", Pet)
    assert message.msg == (
        f"testplugin.Pet is kept in the database 'testplugin', but its field 'owner' is a {what} to auth.User, which "
        f"is kept in 'default'."
    )
    assert "'user:default/jane'" in (message.hint or "")


@plugin_models
def test_a_generic_foreign_key_is_found_by_its_content_type():
    class Tag(Own):
        content_type = models.ForeignKey(ContentType, models.CASCADE, related_name="+")
        object_id = models.PositiveIntegerField()
        target = GenericForeignKey()

    assert "its field 'content_type' is a ForeignKey to contenttypes.ContentType" in only(relations_of(Tag)).msg


@plugin_models
def test_a_parent_in_another_database_is_an_error():
    class Keeper(User):
        class Meta:
            app_label = "testplugin"

    assert "its field 'user_ptr' is a OneToOneField to auth.User" in only(relations_of(Keeper)).msg


@plugin_models
def test_a_proxy_of_a_model_in_another_database_is_an_error():
    class Visitor(User):
        class Meta:
            app_label = "testplugin"
            proxy = True

    assert "but it is a proxy of auth.User, which is kept in 'default'" in only(relations_of(Visitor)).msg


@plugin_models
def test_relations_within_a_database_are_as_they_should_be():
    class Cage(Own):
        pass

    class Pet(Own):
        cage = models.ForeignKey(Cage, models.CASCADE)
        parent = models.ForeignKey("self", models.CASCADE)
        friends = models.ManyToManyField("self")

    class Dog(Pet):
        pass

    class Puppy(Dog):
        class Meta(Own.Meta):
            proxy = True

    assert relations_of(Cage, Pet, Dog, Puppy, User, ContentType) == []


@plugin_models
def test_without_a_database_of_its_own_a_plugin_may_relate_to_what_is_in_the_default_one(settings: Settings):
    class Pet(Own):
        owner = models.ForeignKey(User, models.CASCADE, related_name="+")

    with mock.patch("portal.checks.databases.router.db_for_write", return_value="default"):
        assert relations_of(Pet) == []
