"""Nawzajem: peer support between people who have lived through something similar, as equals.

One Django app. Every folder beside this file is a room; `docs/house.md` says what each is for and which may use which.
"""

import sys

__version__ = "0.1.0.dev0"

try:  # SQLite before 3.51.3 can damage a database that two connections share; the wheel brings a newer one.
    import pysqlite3

    sys.modules["sqlite3"] = pysqlite3
    sys.modules["sqlite3.dbapi2"] = pysqlite3.dbapi2
except ImportError:  # another platform: `nawzajem doctor` says which SQLite is in use
    pass
