"""How many distinct pages a guest dirties in t seconds.

A piece of N pages with a write rate r is made of one or more classes of pages that are written alike:

    uniform         U(t) = N (1 - exp(-r t / N))        writes fall on pages independently (Poisson)
    sequential      U(t) = min(N, r t)                  a cyclic walk
    hot/cold        two uniform classes, each with its share of the pages and of the writes
    Zipf            sixteen uniform classes of neighbouring ranks
    power law       U(t) = min(N, r t^b)
    measured curve  U(t) = min(N, r C(t) / C(1 s))

The borders of the Zipf classes are N^(j/16), and a class takes H(b) - H(a) of the writes, H(n) = sum of k^-s for the
ranks k up to n. In a piece of a million pages that makes U up to 2 % too high with s up to 1.5, and 4 % with s = 2; in
smaller ones less.
"""

from collections.abc import Sequence
from enum import IntEnum
from functools import lru_cache

import numpy as np
from attrs import frozen
from numpy.typing import NDArray

from vmplanner.domain.machines import HotCold, MeasuredCurve, Pattern, Piece, PowerLaw, Sequential, Uniform, Zipf

Floats = NDArray[np.float64]

ZIPF_CLASSES = 16
# A class counts as pending from end to end when at most this share of it is clean.
WHOLE = 0.999
# Longer than any round; a power law with a small exponent would take longer than numbers go.
LONGEST_S = 1e9
# Ranks whose part of the sum of Zipf's law is not taken from an integral.
_FIRST_RANKS = np.arange(1.0, 9.0)


class Law(IntEnum):
    """How the distinct pages of one class grow: N (1 - exp(-r g(t) / N)), or min(N, r g(t))."""

    SCATTERED = 0  # g(t) = t
    WALK = 1  # g(t) = t
    GROWTH = 2  # g(t) of `Growth`


# Plain numbers: arrays of a few classes compare with these several times faster.
_SCATTERED, _WALK = int(Law.SCATTERED), int(Law.WALK)

LAW_OF: dict[type[Pattern], Law] = {
    Uniform: Law.SCATTERED,
    Sequential: Law.WALK,
    HotCold: Law.SCATTERED,
    Zipf: Law.SCATTERED,
    PowerLaw: Law.GROWTH,
    MeasuredCurve: Law.GROWTH,
}


@frozen(eq=False)
class Growth:
    """g(t) where it is not t itself, with g(1 s) = 1: t^exponent, or that of one of the `curves`.

    `exponent` (1 where it is not a power law) and `curve` (an index, or -1) have the shape (..., classes).
    """

    exponent: Floats
    curve: NDArray[np.intp]
    curves: tuple[MeasuredCurve, ...]

    @classmethod
    def of(cls, patterns: Sequence[Pattern]) -> "Growth | None":
        """What the patterns of some classes need; None where g(t) is t for all."""
        if all(LAW_OF[type(pattern)] is not Law.GROWTH for pattern in patterns):
            return None
        curves = tuple(dict.fromkeys(pattern for pattern in patterns if isinstance(pattern, MeasuredCurve)))
        return cls(
            np.array([pattern.exponent if isinstance(pattern, PowerLaw) else 1.0 for pattern in patterns]),
            np.array([curves.index(p) if isinstance(p, MeasuredCurve) else -1 for p in patterns], dtype=np.intp),
            curves,
        )

    def at(self, seconds: float | Floats) -> Floats:
        """g at `seconds`, which broadcasts with the classes."""
        growth = np.asarray(seconds) ** self.exponent
        for number, curve in enumerate(self.curves):
            growth = np.where(self.curve == number, _measured_growth(curve, seconds), growth)
        return growth

    def seconds_to(self, growth: Floats) -> Floats:
        """When g reaches a value; where a curve never does, the time of its last point. Shape (..., classes)."""
        logarithm = np.log(np.maximum(growth, 1e-30))
        seconds = np.exp(np.minimum(logarithm / self.exponent, np.log(LONGEST_S)))
        for number, curve in enumerate(self.curves):
            seconds = np.where(self.curve == number, _measured_seconds(curve, growth), seconds)
        return seconds


@frozen(eq=False)
class Dirtying:
    """The classes of pages of a VM and how they are written. `pages`, `writes_per_s` (the write rates) and `law` (of
    Law) have the shape (..., classes); `piece` says for each class which piece it is part of, shape (classes,).
    """

    piece: NDArray[np.intp]
    pages: Floats
    writes_per_s: Floats
    law: NDArray[np.int8]
    growth: Growth | None = None

    @classmethod
    def of(cls, pieces: Sequence[Piece]) -> "Dirtying":
        """The classes of the pieces of one VM, in the order of the pieces, the most written first; arrays of shape
        (classes,).
        """
        classes = classes_of(pieces)
        index, pages, writes_per_s = zip(*classes, strict=True) if classes else ((), (), ())
        patterns = [pieces[place].pattern for place in index]
        return cls(
            np.array(index, dtype=np.intp),
            np.array(pages, dtype=float),
            np.array(writes_per_s, dtype=float),
            np.array([LAW_OF[type(pattern)] for pattern in patterns], dtype=np.int8),
            Growth.of(patterns),
        )

    def distinct_pages(self, seconds: float | Floats) -> Floats:
        """Distinct pages of each class written in `seconds` (a number, or an array of shape (..., 1)); shape (...,
        classes).
        """
        steady = self.writes_per_s * (seconds if self.growth is None else self.growth.at(seconds))
        gathered = np.minimum(self.pages, steady)
        pages: Floats = self.pages * -np.expm1(-share_of(steady, self.pages))
        pages += (self.law != _SCATTERED) * (gathered - pages)
        return pages

    def pending_after(
        self, seconds: float | Floats, dirtied: Floats, before: Floats, full_left: Floats, empty_left: Floats
    ) -> tuple[Floats, Floats]:
        """Pages with content, and empty pages, that are pending after a round of so many seconds; pending.py has the
        equations.

        `dirtied` distinct pages were written meanwhile. `before` were pending at its start; of these it did not send
        `full_left` and `empty_left`. A page that was written is not empty. All have the shape (..., classes).
        """
        left = full_left + empty_left
        either = left + dirtied
        written_share = dirtied / np.maximum(self.pages, 1)  # a class without pages has nothing left
        overlap = left * written_share
        goes_away = (self.law == Law.WALK) & (before < WHOLE * self.pages)
        overlap += goes_away * (np.maximum(0, either - self.pages) - overlap)
        if self.growth is not None:
            again = self._share_written_again(self.growth, seconds, dirtied, before)
            overlap = np.where(self.law == Law.GROWTH, left * again, overlap)
        empty = empty_left * (1 - written_share)
        return either - overlap - empty, empty

    def _share_written_again(self, growth: Growth, seconds: float | Floats, dirtied: Floats, before: Floats) -> Floats:
        """The share of the pages pending before a round that are written in it, where U is that of `growth`."""
        since_s = growth.seconds_to(share_of(before, self.writes_per_s))
        recent = np.minimum(before, self.writes_per_s * growth.at(since_s))
        in_both = np.minimum(self.pages, self.writes_per_s * growth.at(since_s + seconds))
        return share_of(np.maximum(0, recent + dirtied - in_both), before)


def classes_of(pieces: Sequence[Piece]) -> list[tuple[int, float, float]]:
    """The classes of some pieces, in their order, the most written first: the place of the piece, the pages of the
    class and its write rate.
    """
    return [
        (place, piece.pages * page_share, piece.write_rate_pages_per_s * write_share)
        for place, piece in enumerate(pieces)
        for page_share, write_share in zip(*_shares(piece), strict=True)
    ]


def share_of(part: Floats, whole: Floats) -> Floats:
    """part / whole, and 0 where there is no whole."""
    return part / (whole + (whole <= 0)) * (whole > 0)


def zipf_shares(exponent: Floats, pages: Floats) -> tuple[Floats, Floats]:
    """The shares of the pages and of the writes that the classes of a Zipf pattern have; shape (classes, ...) with that
    of the arguments.
    """
    fractions = np.arange(1, ZIPF_CLASSES + 1) / ZIPF_CLASSES
    borders = np.power.outer(np.maximum(pages, 1.0), fractions)
    borders = np.moveaxis(borders, -1, 0)
    sums = _sum_of_ranks(borders, exponent)
    return np.diff(borders, axis=0, prepend=0.0) / borders[-1], np.diff(sums, axis=0, prepend=0.0) / sums[-1]


def _shares(piece: Piece) -> tuple[Sequence[float], Sequence[float]]:
    """The shares of the pages and of the writes of a piece that its classes have."""
    match piece.pattern:
        case HotCold(size, writes) if size < 1:
            return (size, 1 - size), (writes, 1 - writes)
        case Zipf(exponent):
            return _zipf_shares(exponent, piece.pages)
    return (1.0,), (1.0,)


@lru_cache(maxsize=1024)
def _zipf_shares(exponent: float, pages: int) -> tuple[Sequence[float], Sequence[float]]:
    of_pages, of_writes = zipf_shares(np.array(exponent), np.array(float(pages)))
    return tuple(of_pages.tolist()), tuple(of_writes.tolist())


def _sum_of_ranks(count: Floats, exponent: Floats) -> Floats:
    """The sum of k^-exponent for k = 1 to `count`, and its smooth continuation between whole numbers:

        sum over k from 1 of k^-s - (k + n)^-s

    by terms for the first ranks, and by the integral from the middle after them for the others.
    """
    first = sum(rank**-exponent - (rank + count) ** -exponent for rank in _FIRST_RANKS)
    begin = _FIRST_RANKS[-1] + 0.5
    rest = 1 - exponent
    rest = np.where(np.abs(rest) < 1e-6, 1e-6, rest)  # the logarithm is its limit
    total: Floats = first + ((begin + count) ** rest - begin**rest) / rest
    return total


def _measured_seconds(curve: MeasuredCurve, growth: Floats) -> Floats:
    """The way back from _measured_growth."""
    times_s, pages = np.array(curve.points).T
    wanted = growth * curve.pages_at(1.0)
    after_first = np.exp(np.interp(np.log(np.maximum(wanted, pages[0])), np.log(pages), np.log(times_s)))
    # A curve that is flat at first has its first pages at several times; before them only the first one counts.
    seconds: Floats = np.where(wanted < pages[0], times_s[0] * wanted / pages[0], after_first)
    return seconds


def _measured_growth(curve: MeasuredCurve, seconds: float | Floats) -> Floats:
    """C(t) / C(1 s), as MeasuredCurve.pages_at has it."""
    times_s, pages = np.array(curve.points).T
    after_first = np.exp(np.interp(np.log(np.maximum(seconds, times_s[0])), np.log(times_s), np.log(pages)))
    growth: Floats = after_first * np.minimum(1.0, seconds / times_s[0]) / curve.pages_at(1.0)
    return growth
