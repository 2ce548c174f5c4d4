"""What an entity is, told beside a link to it."""

from __future__ import annotations

from portal.extensions import AppRootElement, Media


class EntityPeek(AppRootElement):
    """Tells description, owner and type of an entity beside a link to it, for the pointer and the keyboard.

    Without it, or without scripts, the link's title says the same.
    """

    name = "entity-peek"
    template_name = "catalog/peek.html"
    media = Media(js=["catalog/peek.js"])
