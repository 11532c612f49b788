"""What travels from the palette to the canvas: which sort of thing to add, as JSON in a drag's mime data."""

import json
from typing import Any

from PySide6.QtCore import QMimeData

PALETTE_MIME = "application/x-vmplanner-palette"
KINDS = ("host", "switch", "storage", "profile")


def to_mime(payload: dict[str, str]) -> QMimeData:
    """`payload` is {"kind": one of KINDS, "name": a profile's name}."""
    mime = QMimeData()
    mime.setData(PALETTE_MIME, json.dumps(payload).encode())
    return mime


def from_mime(mime: QMimeData) -> dict[str, str] | None:
    """The payload of a drag, or None when it is none of ours or not understood: any application may send anything."""
    if not mime.hasFormat(PALETTE_MIME):
        return None
    try:
        payload: Any = json.loads(bytes(mime.data(PALETTE_MIME).data()))
    except ValueError:
        return None
    if not isinstance(payload, dict):
        return None
    kind, name = payload.get("kind"), payload.get("name", "")
    return {"kind": kind, "name": name} if kind in KINDS and isinstance(name, str) else None
