"""Bytes as text: UTF-8 with or without a mark, UTF-16, and what Windows programs write where they know neither."""

import codecs

from vmplanner.domain.errors import PlannerError

_MARKS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))


def decoded(content: bytes) -> tuple[str, str]:
    """The text and the name of its encoding. Raises PlannerError for what is no text."""
    encoding = next((name for mark, name in _MARKS if content.startswith(mark)), "") or _without_mark(content)
    try:
        text = content.decode(encoding)
    except UnicodeDecodeError:
        if encoding != "utf-8":
            raise PlannerError(f"it is not {encoding.upper()} text as it says; save it again as UTF-8") from None
        encoding = "cp1252"
        # Five bytes have no meaning there; a letter that is lost is better than a file that is.
        text = content.decode(encoding, "replace")
    if "\0" in text:
        raise PlannerError("it is not text but something binary; choose another file")
    return text, encoding


def _without_mark(content: bytes) -> str:
    """UTF-16 of mostly western text has a zero in every other byte."""
    start = content[:400]
    if start[1::2].count(0) > len(start) // 3:
        return "utf-16-le"
    return "utf-16-be" if start[::2].count(0) > len(start) // 3 else "utf-8"
