"""The commands as the keeper of a house gives them: in a data folder, or a database, of their own."""

from __future__ import annotations

import json
import os
import secrets
import shutil
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg

from tests.doors.processes import HOUSE, environment

SAY = """
from nawzajem.conversations import acts
from nawzajem.conversations.models import Conversation
from nawzajem.programmes import reads
talk = Conversation.objects.get()
person = talk.participants.first().person
actor = reads.actor(person, talk.programme, reads.membership(person, talk.programme), via="web")
acts.send(actor, talk, text={words!r}, client_key="known")
"""
HEAR = """
from nawzajem.conversations import reads
from nawzajem.conversations.models import Conversation
from nawzajem.ground.actor import Actor
talk = Conversation.objects.get()
listener = Actor(person=talk.participants.last().person_id, programme=talk.programme_id)
told = [line.text for line in reads.lines(listener, talk)]
"""


@dataclass
class Keeper:
    """Somebody who runs a house. `address` is of a PostgreSQL of the test run, where that is what is tested."""

    data: Path
    address: str = ""
    more: dict[str, str] = field(default_factory=dict)

    def run(self, *words: object, fails: bool = False, **popen: Any) -> str:
        """What the command said; of one that fails, its complaint."""
        done = self._do("-m", "nawzajem", *map(str, words), **popen)
        assert (done.returncode != 0) is fails, done.stderr + done.stdout
        return done.stderr.strip() if fails else done.stdout

    def json(self, *words: object) -> Any:
        return json.loads(self._do("-m", "nawzajem", *map(str, words), "--json").stdout.splitlines()[-1])

    def say(self, words: str) -> None:
        self._python(SAY.format(words=words))

    def hear(self) -> list[str]:
        """What stands in the one conversation, as its other side reads it."""
        return json.loads(self._python(HEAR + "\nimport json; print(json.dumps(told))"))

    def move_in(self) -> None:
        self._do("-m", "tests.doors.town").check_returncode()

    def without_data(self, data: Path, *, same_key: bool = True) -> Keeper:
        """A place elsewhere where nothing is yet, or only the key."""
        data.mkdir(mode=0o700)
        if same_key:
            shutil.copy(self.data / "key", data)
        return Keeper(data, new_database() if self.address else "", self.more)

    def _python(self, code: str) -> str:
        done = self._do("-c", f"import django; django.setup()\n{code}")
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()

    def _do(self, *words: str, **popen: Any) -> subprocess.CompletedProcess[str]:
        variables = environment(
            self.data, DJANGO_SETTINGS_MODULE="config.settings", NAWZAJEM_LANGUAGE="en", **self.more
        )
        if self.address:
            variables["DATABASE_URL"] = self.address
        return subprocess.run(
            [sys.executable, *words], env=variables, cwd=HOUSE, capture_output=True, text=True, check=False, **popen
        )


def new_database() -> str:
    """Its address, on the server of the test run; empty where the run is on SQLite."""
    server = os.environ.get("DATABASE_URL", "")
    if not server:
        return ""
    name = f"keeper_{secrets.token_hex(4)}"
    with psycopg.connect(server, autocommit=True) as here:
        here.execute(f"CREATE DATABASE {name}")
    address, _mark, query = server.partition("?")
    return f"{address.rpartition('/')[0]}/{name}" + (f"?{query}" if query else "")
