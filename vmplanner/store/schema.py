"""The tables of a project file, and how the file says what it is.

A project file is an SQLite database that anyone may query: names are readable, units are in the columns' names,
enumerations are text and times are ISO 8601. `position` keeps the order that things have in the program. The comments
in it are kept inside the file, so that its `.schema` explains itself.

A new major version is a file that an older program can't read; a new minor version only adds tables and columns that it
may leave out, and keeps views and tables with computed columns as they are. Each version but the first has its step in
migrations.py, and each released one a file in tests/store/fixtures.
"""

from vmplanner.store.schema_planned import PLANNED
from vmplanner.store.schema_results import RESULTS

APPLICATION_ID = int.from_bytes(b"VMPL")
FORMAT_MAJOR = 1
FORMAT_MINOR = 2
USER_VERSION = FORMAT_MAJOR << 16 | FORMAT_MINOR

SCHEMA = PLANNED + RESULTS
