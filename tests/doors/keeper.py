"""The commands as the keeper of a house gives them: in a data folder, or a database, of their own."""

from __future__ import annotations

import json
import resource
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.doors import prepared
from tests.doors.processes import HOUSE, Town, environment
from tests.postgresql import new_database

Done = subprocess.CompletedProcess[str]


@dataclass
class Keeper:
    """Somebody who runs a house. `address` is of a PostgreSQL of the test run, where that is what is tested."""

    data: Path
    address: str = ""
    more: dict[str, str] = field(default_factory=dict)

    @classmethod
    def of_a_town(cls, town: Town, data: Path, **more: str) -> Keeper:
        """Of a house with people in it, in a folder and a database of its own."""
        own = town.copy(data)
        return cls(own.data, own.address, more)

    def run(self, *words: object, fails: bool = False, first: Callable[[], None] = prepared.NOTHING) -> str:
        """What the command said; of one that fails, its complaint. `first` is done in its process before it begins."""
        return _said(self._do("nawzajem", *words, first=first), fails=fails)

    def run_from_the_shell(self, *words: object) -> str:
        """The same, with nothing made ready."""
        command = [sys.executable, "-m", "nawzajem", *map(str, words)]
        shell = {"env": self._variables(), "cwd": HOUSE}
        return _said(subprocess.run(command, capture_output=True, text=True, check=False, **shell))

    def run_python(self, code: str) -> str:
        """A few words in the house's own language, for what no command tells."""
        command = [sys.executable, "-c", f"import django; django.setup(); {code}"]
        done = subprocess.run(command, env=self._variables(), cwd=HOUSE, capture_output=True, text=True, check=False)
        return _said(done)

    def json(self, *words: object) -> Any:
        """Also of a command that ends with an error, such as a doctor who found something."""
        return json.loads(self._do("nawzajem", *words, "--json").stdout.splitlines()[-1])

    def say(self, words: str) -> None:
        _said(self._do("tests.doors.aloud", words))

    def hear(self) -> list[str]:
        """What stands in the one conversation."""
        return json.loads(_said(self._do("tests.doors.aloud")).splitlines()[-1])

    def without_data(self, data: Path, *, same_key: bool = True) -> Keeper:
        """A place elsewhere where nothing is yet, or only the key."""
        data.mkdir(mode=0o700)
        if same_key:
            shutil.copy(self.data / "key", data)
        return Keeper(data, new_database() if self.address else "", self.more)

    def _do(self, module: str, *words: object, first: Callable[[], None] = prepared.NOTHING) -> Done:
        return prepared.run(module, *map(str, words), variables=self._variables(), first=first)

    def _variables(self) -> dict[str, str]:
        own = {"DATABASE_URL": self.address} if self.address else {}
        settings = {"DJANGO_SETTINGS_MODULE": "config.settings", "NAWZAJEM_LANGUAGE": "en"}
        return environment(self.data, **settings, **own, **self.more)


def _said(done: Done, *, fails: bool = False) -> str:
    assert (done.returncode != 0) is fails, done.stderr + done.stdout
    return done.stderr.strip() if fails else done.stdout


def as_on_a_full_disk() -> None:
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))
