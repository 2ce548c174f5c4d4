"""Keeping lists under a name. Only their owner changes them."""

from __future__ import annotations

from uuid import UUID

from django.db import IntegrityError

from apps.catalog.models import SavedView
from portal.databases import atomic_for
from portal.errors import ConflictError, InputError, NotFoundError

MAX_VIEWS = 100
LONGEST_NAME = 100
LONGEST_QUERY = 10_000


def save_view(
    *, owner_ref: str, name: str, query: str, is_shared: bool, is_default: bool, view_id: UUID | None = None
) -> SavedView:
    """Keep a list under a name: a new view, or ``view_id`` with all of it changed.

    A default view takes the place of the one before. Raises ``InputError`` for a name that is empty, too long or taken,
    or too many views, ``NotFoundError`` if there is no such view of theirs, and ``ConflictError`` if they save another
    one of that name, or another default, at this moment.
    """
    name = " ".join(name.split())
    if not name or len(name) > LONGEST_NAME:
        raise InputError(f"A view needs a name of 1 to {LONGEST_NAME} characters.")
    if len(query) > LONGEST_QUERY:
        raise InputError(f"A view keeps an address of up to {LONGEST_QUERY:,} characters; this list's is longer.")
    try:
        with atomic_for(SavedView):
            own = SavedView.objects.filter(owner_ref=owner_ref)
            others = own.exclude(id=view_id) if view_id is not None else own
            if others.filter(name=name).exists():
                raise InputError(
                    f"You have a view named '{name}' already. Choose another name, or open that one and update it."
                )
            if view_id is None and own.count() >= MAX_VIEWS:
                raise InputError(f"You have {MAX_VIEWS} views, and no more are kept. Delete one first.")
            view = SavedView(owner_ref=owner_ref) if view_id is None else _own_view(owner_ref, view_id)
            if is_default:
                others.filter(is_default=True).update(is_default=False)
            view.name, view.query, view.is_shared, view.is_default = name, query, is_shared, is_default
            view.save()
    except IntegrityError as error:
        raise ConflictError(
            "A view of yours was saved at the same moment, in another window or by a second click. Open the list anew."
        ) from error
    return view


def delete_view(*, owner_ref: str, view_id: UUID) -> None:
    """Forget a view. Raises ``NotFoundError`` if there is no such view of theirs."""
    _own_view(owner_ref, view_id).delete()


def _own_view(owner_ref: str, view_id: UUID) -> SavedView:
    view = SavedView.objects.filter(owner_ref=owner_ref, id=view_id).first()
    if view is None:
        raise NotFoundError("You have no such view. It may have been deleted in another window.")
    return view
