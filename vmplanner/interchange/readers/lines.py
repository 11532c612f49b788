"""Lines of "name : value", as command lines print them."""


def values_of_lines(text: str) -> dict[str, str]:
    """The values by their names; of a name that is there more than once the first."""
    values: dict[str, str] = {}
    for line in text.splitlines()[:10_000]:
        name, colon, value = line.partition(":")
        if colon:
            values.setdefault(name.strip(), value.strip())
    return values
