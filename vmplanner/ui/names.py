"""Names of any length on the screen: people may give 200 characters without a space, and no panel is that wide."""

import re

_WORD = re.compile(r"\S{25,}")
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
