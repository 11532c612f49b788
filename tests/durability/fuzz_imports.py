"""Imports corrupted files of every format: each gives an inventory and a change that holds, or one clear sentence.

    python tests/durability/fuzz_imports.py [FILES] [SEED]     20,000 files by default

Bytes are changed, cut out, doubled and swapped; cells, values and elements are replaced by spiteful ones. A workbook is
corrupted as a file, and also inside: its parts are changed and packed again.
"""

import io
import random
import resource
import sys
import tempfile
import time
import zipfile
from collections import Counter
from pathlib import Path

from tests.interchange.inventories import ALL_TEXTS, workbook
from tests.interchange.rvtools_tables import RVTOOLS
from vmplanner.domain.errors import PlannerError
from vmplanner.domain.project import Project
from vmplanner.interchange.formats import Format
from vmplanner.interchange.importing import read
from vmplanner.interchange.merge import merge
from vmplanner.store import library

LONGEST_S = 5.0
MOST_BYTES = 500 * 2**20

_SPITEFUL = (
    b"\0",
    b"\xff\xfe",
    b"\xef\xbb\xbf",
    b'"',
    b"'",
    b"=cmd|' /C calc'!A0",
    b"<!DOCTYPE a [<!ENTITY b 'c'>]>",
    b"&lt;",
    b"</",
    b"]]>",
    b"-1",
    b"1e999",
    b"NaN",
    b"9" * 400,
    b"0",
    b"\r",
    b";" * 50,
    b"[" * 5000,
    b"{",
    b"null",
    b"true",
    b'"x": {"y": []}, ',
    b"\xe2\x80\xae",  # from right to left
    b"../../etc/passwd",
    b"A" * 40_000,
    b"\x1b[31m",
)


def corrupted(original: bytes, chance: random.Random) -> bytes:
    """A copy of a file with something wrong in it."""
    content = bytearray(original)
    for _ in range(chance.choice((1, 1, 2, 4, 16))):
        if not content:
            break
        place = chance.randrange(len(content))
        length = chance.choice((1, 2, 8, 64, 512))
        match chance.randrange(7):
            case 0:
                content[place] = chance.randrange(256)
            case 1:
                content[place] ^= 1 << chance.randrange(8)
            case 2:
                content[place:place] = chance.choice(_SPITEFUL)
            case 3:
                content[place : place + length] = chance.choice(_SPITEFUL)
            case 4:
                del content[place : place + length]
            case 5:
                other = chance.randrange(len(content))
                content[place : place + length] = content[other : other + length]
            case 6 if chance.random() < 0.2:
                del content[place:]
    return bytes(content)


def corrupted_inside(original: bytes, chance: random.Random) -> bytes:
    """A workbook of which one part is corrupted, while the ZIP around it is sound."""
    packed = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(original)) as source, zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as target:
        victim = chance.choice(source.namelist())
        for name in source.namelist():
            content = source.read(name)
            target.writestr(name, corrupted(content, chance) if name == victim else content)
    return packed.getvalue()


def fuzz(files: int, seed: int, folder: Path) -> Counter[str]:
    """Import that many corrupted files. Returns how often what came of it. Raises whatever is no clear error."""
    chance = random.Random(seed)
    originals = {name: text.encode() for name, text in ALL_TEXTS.items()}
    originals["site.xlsx"] = workbook(folder / "site.xlsx", RVTOOLS).read_bytes()
    names = [*originals, "site.xlsx", "site.xlsx", "site.xlsx"]
    outcomes: Counter[str] = Counter()
    for number in range(files):
        name = chance.choice(names)
        path = folder / name
        is_inside = name.endswith(".xlsx") and chance.random() < 0.7
        path.write_bytes((corrupted_inside if is_inside else corrupted)(originals[name], chance))
        as_format = chance.choice(tuple(Format)) if chance.random() < 0.2 else None
        started = time.monotonic()
        try:
            outcomes[_outcome(path, as_format)] += 1
        except BaseException:
            print(f"file {number} of seed {seed}: see {path}", file=sys.stderr)
            raise
        took_s = time.monotonic() - started
        assert took_s < LONGEST_S, f"file {number} of seed {seed}, {name}, took {took_s:.1f} s"
        path.unlink()
    return outcomes


def _outcome(path: Path, as_format: Format | None) -> str:
    try:
        inventory = read([path], as_format=as_format)
    except PlannerError as error:
        sentence = str(error)
        assert path.name in sentence, sentence
        assert "\n" not in sentence, sentence
        assert len(sentence) < 1000, sentence
        return "refused with a sentence"
    result = merge(Project(), inventory, library.profiles(), join=True)
    project = Project().applied(result.change)
    again = merge(project, inventory, library.profiles(), join=True)
    assert not again.created, again.created
    for problem in result.problems:
        assert "\n" not in str(problem), str(problem)
        assert len(str(problem)) < 2000, str(problem)
    return "read, with problems told" if result.problems else "read"


if __name__ == "__main__":
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 20_000
    start = int(sys.argv[2]) if len(sys.argv) > 2 else random.randrange(10**6)
    resource.setrlimit(resource.RLIMIT_AS, (2**31, 2**31))
    with tempfile.TemporaryDirectory() as where:
        began = time.monotonic()
        for outcome, times in fuzz(count, start, Path(where)).most_common():
            print(f"{times:7,} {outcome}")
        most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
        print(f"{count:,} files, seed {start}, {time.monotonic() - began:.0f} s, {most / 2**20:.0f} MiB at most")
        assert most < MOST_BYTES
