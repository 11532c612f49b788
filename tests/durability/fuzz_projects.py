"""Opens corrupted project files: each gives a project or one sentence that says what is wrong.

    python tests/durability/fuzz_projects.py [FILES] [SEED]     20,000 files by default

Bytes are changed, cut out, doubled and swapped, mostly where it hurts (the headers of the file and of its pages), and
tables are rewritten with wrong values, by SQLite's own rules.
"""

import random
import resource
import sqlite3
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

from tests.store.projects import example_project
from vmplanner.domain.errors import PlannerError
from vmplanner.domain.project import Project
from vmplanner.store import schema_tables
from vmplanner.store.project_file import load, save

LONGEST_S = 5.0
MOST_BYTES = 500 * 2**20

_SPITEFUL = (b"\0", b"\xff", b"\x7f\xff\xff\xff", b"\xff\xff\xff\xff", b"\0\0\0\1", b"\x80", b"SQLite format 3\0")
_VALUES = (
    "NULL",
    "-1",
    "0",
    "9e999",
    "9223372036854775807",
    "''",
    "'x'",
    "x'00ff'",
    "'[1, null]'",
    "hex(zeroblob(500))",
)


def corrupted(original: bytes, chance: random.Random) -> bytes:
    """A copy of a project file with something wrong in it."""
    content = bytearray(original)
    for _ in range(chance.choice((1, 1, 2, 4, 16, 64))):
        place = chance.randrange(len(content)) if chance.random() < 0.6 else chance.choice(_places(content))
        match chance.randrange(7):
            case 0:
                content[place] = chance.randrange(256)
            case 1:
                content[place] ^= 1 << chance.randrange(8)
            case 2:
                spite = chance.choice(_SPITEFUL)
                content[place : place + len(spite)] = spite
            case 3:
                del content[place : place + chance.choice((1, 7, 512, 4096))]
            case 4:
                length = chance.choice((1, 64, 4096))
                other = chance.randrange(len(content))
                content[place : place + length] = content[other : other + length]
            case 5:
                content[place:place] = content[place : place + chance.choice((1, 4096))]
            case 6:
                del content[chance.randrange(len(content)) :]
        if len(content) < 200:
            return bytes(content)
    return bytes(content)


def _places(content: bytearray) -> list[int]:
    """Where a byte weighs most: the file's header, and the headers of its pages."""
    return [*range(100), *(page + offset for page in range(0, len(content) - 12, 4096) for offset in range(12))]


def rewritten(path: Path, chance: random.Random) -> None:
    """Change values, columns or tables of the file at `path`, as somebody could who means harm."""
    table = chance.choice(schema_tables.tables())
    column = chance.choice(table.columns)
    value = chance.choice(_VALUES)
    statement = chance.choice(
        (
            f"UPDATE {table.name} SET {column} = {value}",
            f"UPDATE {table.name} SET {column} = {value} WHERE rowid = 1",
            f"DELETE FROM {table.name}",
            f"INSERT OR REPLACE INTO {table.name} SELECT * FROM {table.name}",
            f"DROP TABLE {table.name}",
            f"ALTER TABLE {table.name} RENAME COLUMN {column} TO other",
            f"CREATE TRIGGER spy AFTER INSERT ON {table.name} BEGIN SELECT {value}; END",
            f"CREATE VIEW spy AS SELECT {value}",
            f"CREATE INDEX spy ON {table.name} ({column}, hex({column}))",
            f"PRAGMA user_version = {chance.randrange(-(2**31), 2**31)}",
            "PRAGMA journal_mode = WAL",
        )
    )
    database = sqlite3.connect(path)
    database.execute("PRAGMA ignore_check_constraints = ON")
    try:
        database.execute(statement)
        database.commit()
    except sqlite3.Error:
        pass  # STRICT tables refuse some of it: then the file is as it was
    finally:
        database.close()


def fuzz(files: int, seed: int, folder: Path) -> Counter[str]:
    """Open that many corrupted files. Returns how often what came of it. Raises whatever is no clear error."""
    chance = random.Random(seed)
    path = folder / "fuzzed.vmplan"
    save(example_project(), path)
    original = path.read_bytes()
    outcomes: Counter[str] = Counter()
    for number in range(files):
        if number % 4 == 3:
            path.write_bytes(original)
            rewritten(path, chance)
        else:
            path.write_bytes(corrupted(original, chance))
        started = time.monotonic()
        try:
            project = load(path)
            assert isinstance(project, Project)
            outcomes["opened, as it was" if project == example_project() else "opened, with other values"] += 1
        except PlannerError as error:
            sentence = str(error)
            assert sentence.startswith(f"Can't open '{path}': "), sentence
            assert "\n" not in sentence
            assert len(sentence) < 1000, sentence
            outcomes["refused with a sentence"] += 1
        except BaseException:
            (folder / "culprit.vmplan").write_bytes(path.read_bytes())
            print(f"file {number} of seed {seed}: see {folder / 'culprit.vmplan'}", file=sys.stderr)
            raise
        took_s = time.monotonic() - started
        assert took_s < LONGEST_S, f"file {number} of seed {seed} took {took_s:.1f} s"
        assert [each.name for each in folder.iterdir()] == [path.name], "opening must not leave files behind"
    return outcomes


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
