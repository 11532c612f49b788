"""Names of any length on the screen: people may give 200 characters without a space, and no panel is that wide."""

import re
from collections.abc import Callable

ARROW = "\N{RIGHTWARDS ARROW}"
_DIGITS = re.compile(r"([0-9]+)")
_WORD = re.compile(r"\S{25,}")
_LINK, _GAP = " - ", "  "
_BREAK = "\N{ZERO WIDTH SPACE}"


def breakable(text: str) -> str:
    """`text` that a label can wrap: its very long words may be broken anywhere. Looks the same."""
    return _WORD.sub(lambda word: _BREAK.join(word.group()), text)


def shortened(text: str, most: int = 60) -> str:
    """`text` with its middle left out when it has more than `most` characters: beginnings and ends tell names apart."""
    if len(text) <= most:
        return text
    kept = most - 1
    return f"{text[: kept - kept // 2]}…{text[len(text) - kept // 2 :]}"


def elided(text: str, width_of: Callable[[str], float], room: float) -> str:
    """`text` in so much `room`, both as `width_of` measures. Names that share their head still differ: the middle is
    what is left out. What follows two spaces is left out before that. An arrow between two names and the dash of a link
    stay, and each of the names keeps both its ends.
    """
    if width_of(text) <= room:
        return text
    sign = ARROW if ARROW in text else _LINK
    if sign is _LINK:
        # A figure after the name goes first.
        text = text.rpartition(_GAP)[0] or text
        if width_of(text) <= room:
            return text
    before, sign_found, after = text.partition(sign)
    if sign_found:
        source, target = before.rstrip(), after.lstrip()
        between = f" {sign.strip()} "
        rest = room - width_of(between)
        # The shorter one keeps what it needs.
        needed = width_of(source), width_of(target)
        given = max(rest / 2, rest - needed[1]) if needed[0] > rest / 2 else needed[0]
        parts = _cut(source, width_of, given), _cut(target, width_of, rest - given)
        return between.join(parts)
    return _cut(text, width_of, room)


def _cut(text: str, width_of: Callable[[str], float], room: float) -> str:
    """The longest that fits; one sign at the least."""
    if width_of(text) <= room:
        return text
    least, most = 1, len(text) - 1
    while least < most:
        middle = (least + most + 1) // 2
        if width_of(shortened(text, middle)) <= room:
            least = middle
        else:
            most = middle - 1
    return shortened(text, least)


def natural(name: str) -> list[str | int]:
    """Sorts 'web-2' before 'web-10'."""
    return [int(part) if part.isdecimal() else part.casefold() for part in _DIGITS.split(name)]
