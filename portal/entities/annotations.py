"""The annotations that the portal itself reads or writes; plugins name theirs in their own rooms."""

from __future__ import annotations

from typing import Final

#: The location ref of the file that the entity came from. The catalog sets it.
ANNOTATION_LOCATION: Final = "backstage.io/managed-by-location"
#: The location ref of the registered root that led to that file. The catalog sets it.
ANNOTATION_ORIGIN_LOCATION: Final = "backstage.io/managed-by-origin-location"
#: The location ref of the source tree, where that isn't the folder of the file.
ANNOTATION_SOURCE_LOCATION: Final = "backstage.io/source-location"
#: A page that shows the file.
ANNOTATION_VIEW_URL: Final = "backstage.io/view-url"
#: A page that edits the file.
ANNOTATION_EDIT_URL: Final = "backstage.io/edit-url"
#: ``"true"`` on an entity that nothing refers to any more. The catalog sets it.
ANNOTATION_ORPHAN: Final = "backstage.io/orphan"
