"""What people keep in the catalog: entities that they starred, and lists under a name."""

from __future__ import annotations

import uuid

from django.db import models


class Star(models.Model):
    """An entity that somebody marked to find it again. The entity may be gone meanwhile, and come back."""

    user_ref = models.CharField(max_length=512, help_text="Canonical ref of the person")
    entity_ref = models.CharField(max_length=512, help_text="Canonical ref of the entity")
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = "star"
        constraints = [models.UniqueConstraint(fields=["user_ref", "entity_ref"], name="catalog_star_once")]

    def __str__(self) -> str:
        return f"{self.user_ref} ★ {self.entity_ref}"


class SavedView(models.Model):
    """A list of the catalog that somebody keeps under a name: its filters, columns and order."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    owner_ref = models.CharField(max_length=512, help_text="Canonical ref of the person whose it is")
    name = models.CharField(max_length=100)
    query = models.TextField(blank=True, default="", help_text="What follows the question mark in the list's address")
    is_shared = models.BooleanField(default=False, help_text="Everybody may open it")
    is_default = models.BooleanField(default=False, help_text="The list opens with it for its owner")
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        verbose_name = "saved view"
        ordering = ["name", "id"]
        indexes = [models.Index(fields=["name"], condition=models.Q(is_shared=True), name="catalog_view_shared")]
        constraints = [
            models.UniqueConstraint(fields=["owner_ref", "name"], name="catalog_view_name"),
            models.UniqueConstraint(
                fields=["owner_ref"], condition=models.Q(is_default=True), name="catalog_view_one_default"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} ({self.owner_ref})"
