"""What people have visited, and how they arranged their home page. People are named by the refs of their entities."""

from __future__ import annotations

from django.db import models

LONGEST_REF = 512
LONGEST_PATH = 1000
LONGEST_TITLE = 300


class Visit(models.Model):
    """A page that somebody opened, however often."""

    user_ref = models.CharField(max_length=LONGEST_REF)
    path = models.CharField(max_length=LONGEST_PATH)
    title = models.CharField(max_length=LONGEST_TITLE)
    #: The entity whose page it is; empty for other pages.
    entity_ref = models.CharField(max_length=LONGEST_REF, blank=True, default="")
    hits = models.PositiveIntegerField(default=1)
    last_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user_ref", "path"], name="visit_of_person")]
        indexes = [
            models.Index(fields=["user_ref", "-last_at"], name="visit_recent"),
            models.Index(fields=["user_ref", "-hits"], name="visit_most"),
            models.Index(fields=["last_at"], name="visit_age"),
        ]

    def __str__(self) -> str:
        return f"{self.user_ref} at {self.path}"


class Arrangement(models.Model):
    """How somebody arranged their home page; without a row it is as it is configured."""

    user_ref = models.CharField(max_length=LONGEST_REF, primary_key=True)
    #: ``[{"widget": id, "visible": true, "width": 6, "height": 0, "settings": {}}]`` in order.
    widgets = models.JSONField(default=list)
    changed_at = models.DateTimeField(auto_now=True)

    def __str__(self) -> str:
        return f"the home page of {self.user_ref}"
