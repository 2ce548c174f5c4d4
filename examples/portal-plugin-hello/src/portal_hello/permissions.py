"""What may be allowed or denied."""

from __future__ import annotations

from portal.permissions import Permission

NOTE_READ = Permission("hello.note.read", "read")
NOTE_CREATE = Permission("hello.note.create", "create")
