"""Where the source of an entity is seen and changed."""

from __future__ import annotations

from django.urls import reverse

from portal.entities import ANNOTATION_EDIT_URL, ANNOTATION_LOCATION, ANNOTATION_VIEW_URL, Entity


def annotated_url(entity: Entity, annotation: str) -> str | None:
    """Return the URL in an annotation, if it has one that leads somewhere."""
    url = (entity["metadata"].get("annotations") or {}).get(annotation)
    return url if isinstance(url, str) and url.startswith(("https://", "http://")) else None


def edit_url(entity: Entity) -> str | None:
    """Return where an entity can be edited: its form in the admin, if it was written there, else its file."""
    location = str((entity["metadata"].get("annotations") or {}).get(ANNOTATION_LOCATION, ""))
    form = location.removeprefix("admin:")
    # Whatever host the portal is reached by.
    is_form = form != location and form.startswith(reverse("admin:index"))
    return form if is_form else annotated_url(entity, ANNOTATION_EDIT_URL)


def file_url(entity: Entity) -> str | None:
    """Return where its file is looked at."""
    return annotated_url(entity, ANNOTATION_VIEW_URL)
