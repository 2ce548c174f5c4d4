"""The plugin's table. It lives in a database of its own, so it refers to entities and people by their refs."""

from __future__ import annotations

from django.db import models
from portal.entities import EntityRef, parse_ref

TEXT_LENGTH = 280


class Note(models.Model):
    """What somebody has to say about an entity."""

    entity_ref = models.CharField(max_length=512, help_text="Canonical ref, such as component:default/web")
    text = models.CharField(max_length=TEXT_LENGTH)
    author = models.CharField(max_length=512, help_text="Ref of a user, or name of a program")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-created_at", "-id"]
        indexes = [models.Index(fields=["entity_ref", "-created_at"], name="note_by_entity")]

    def __str__(self) -> str:
        return f"{self.entity_ref}: {self.text}"

    @property
    def about(self) -> EntityRef:
        """The entity's ref in its three parts."""
        return parse_ref(self.entity_ref)
