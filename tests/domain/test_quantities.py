"""Numbers as people read and type them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vmplanner.domain.quantities import (
    BYTES,
    BYTES_PER_S,
    GIB,
    PAGES_PER_S,
    SECONDS,
    SHARE,
    Quantity,
    format_duration,
    grouped,
)


@pytest.mark.parametrize(
    ("quantity", "value", "text"),
    [
        (BYTES, 0, "0 GiB"),
        (BYTES, 1536, "1.5 KiB"),
        (BYTES, 10 * GIB, "10 GiB"),
        (BYTES_PER_S, 1.25e9, "10 Gbit/s"),
        (BYTES_PER_S, 125e6, "1 Gbit/s"),
        (BYTES_PER_S, 1000 * 125e6, "1 Tbit/s"),
        (SECONDS, 0.0104, "10.4 ms"),
        (SHARE, 0.125, "12.5 %"),
    ],
)
def test_a_value_is_shown_with_the_unit_that_fits(quantity: Quantity, value: float, text: str) -> None:
    assert quantity.format(value) == text


@pytest.mark.parametrize(
    ("quantity", "text", "value"),
    [
        (BYTES, "32", 32 * GIB),
        (BYTES, "1.5 gib", 1.5 * GIB),
        (BYTES, "800 MB", 800e6),
        (BYTES_PER_S, "25 Gbit/s", 3.125e9),
        (BYTES_PER_S, "32 MiB/s", 32 * 2**20),
        (BYTES, "16G", 16 * GIB),
        (BYTES_PER_S, "10 Gbps", 1.25e9),
        (BYTES_PER_S, "100Mbps", 12.5e6),
        (BYTES_PER_S, "64 kbps", 8e3),
        (BYTES_PER_S, "1G", 125e6),
        (BYTES_PER_S, "10M", 1.25e6),
        (BYTES_PER_S, "10 Gb/s", 1.25e9),
        (BYTES_PER_S, "800 MB/s", 800e6),
        (BYTES_PER_S, "1 GB", 1e9),
        (BYTES_PER_S, "10 gbit/s", 1.25e9),
        (PAGES_PER_S, "4.096 MB/s", 1000),
        (SECONDS, "300ms", 0.3),
        (SECONDS, "2 min", 120),
        (SECONDS, "2 hours", 7200),
        (SECONDS, "1 hour", 3600),
        (SECONDS, "90 Minutes", 5400),
        (SECONDS, "10 seconds", 10),
        (SECONDS, "1 day", 86_400),
    ],
)
def test_a_typed_value_is_read_with_its_unit(quantity: Quantity, text: str, value: float) -> None:
    assert quantity.parse(text) == pytest.approx(value)


def test_thousands_are_never_taken_for_decimals() -> None:
    assert PAGES_PER_S.parse(PAGES_PER_S.format(12_346)) == 12_346
    assert PAGES_PER_S.parse("12,5") == 12.5


@pytest.mark.parametrize("text", ["", "much", "3 parsecs", "1e999", "--4", "4 4 GiB"])
def test_what_is_no_quantity_is_refused_in_words(text: str) -> None:
    with pytest.raises(ValueError, match=r"not a|too large"):
        BYTES.parse(text)


@given(st.floats(1, 1e15))
def test_what_is_shown_with_all_digits_reads_back_as_the_same(value: float) -> None:
    assert BYTES_PER_S.parse(BYTES_PER_S.format(value, digits=6)) == pytest.approx(value, rel=1e-4)


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0.23, "230 ms"), (4.5211, "4.52 s"), (200, "3 min 20 s"), (9000, "2 h 30 min"), (float("inf"), "never")],
)
def test_durations_read_like_speech(seconds: float, text: str) -> None:
    assert format_duration(seconds) == text


@pytest.mark.parametrize("text", ["10 gb/s", "10 mb"])
def test_bits_are_not_taken_for_bytes(text: str) -> None:
    with pytest.raises(ValueError, match="may be bits or bytes"):
        BYTES_PER_S.parse(text)


def test_thousands_are_set_apart_by_one_sign() -> None:
    assert grouped(1_234_567) == "1\N{NARROW NO-BREAK SPACE}234\N{NARROW NO-BREAK SPACE}567"
    assert grouped(1234.5, 2) == "1\N{NARROW NO-BREAK SPACE}234.50"
