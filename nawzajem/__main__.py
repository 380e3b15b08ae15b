"""The `nawzajem` command. What somebody got wrong is told in a sentence; a traceback is only for our own mistakes."""

from __future__ import annotations

import ast
import difflib
import errno
import os
import sys
from collections.abc import Sequence
from pathlib import Path

COMMANDS = Path(__file__).parent / "management" / "commands"


def main() -> None:
    """What the package installs as `nawzajem`, and what `python -m nawzajem` does."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    sys.exit(run(sys.argv[1:]))


def run(words: Sequence[str]) -> int:
    if not words or words[0] in {"help", "--help", "-h"}:
        print(_welcome())
        return 0
    if words[0] == "--version":
        from nawzajem import __version__

        print(__version__)
        return 0
    try:
        code = _do(words[0], list(words[1:]))
        sys.stdout.flush()
        return code
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:  # whoever read it has read enough, as `head` does
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 141
    except Exception as mistake:
        sentence = None if "--traceback" in words else _sentence(mistake)
        if sentence is None:
            raise
        print(sentence, file=sys.stderr)
        return getattr(mistake, "returncode", 1)


def _welcome() -> str:
    commands = {path.stem: _purpose(path) for path in _files()}
    widest = max(map(len, commands))
    return "\n".join(
        [
            "Nawzajem: peer support between people who have lived through something similar, as equals.",
            "",
            *(f"  nawzajem {name:<{widest}}  {what}" for name, what in sorted(commands.items())),
            "",
            "`nawzajem COMMAND --help` says more. To begin: nawzajem serve",
        ]
    )


def _files() -> list[Path]:
    return list(COMMANDS.glob("[a-z]*.py"))


def _purpose(path: Path) -> str:
    """What the command's class says as its `help`, read from its file: a list must neither make a data folder nor need one."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Assign) and [ast.unparse(target) for target in node.targets] == ["help"]:
            return str(ast.literal_eval(node.value))
    return ""


def _do(name: str, words: list[str]) -> int:
    import django
    from django.core import management
    from django.core.management.base import BaseCommand
    from django.db import connections

    own = [path.stem for path in _files()]
    if name not in own + management.find_commands(management.__path__[0]):  # known before settings make a data folder
        near = difflib.get_close_matches(name, own, n=1, cutoff=0.5)
        advice = f"Did you mean: nawzajem {near[0]}?" if near else "`nawzajem` alone lists what there is."
        print(f"There is no '{name}'. {advice}", file=sys.stderr)
        return 2
    django.setup()
    found = management.get_commands()[name]
    command = found if isinstance(found, BaseCommand) else management.load_command_class(found, name)
    command._called_from_command_line = True  # type: ignore[attr-defined]
    options = vars(command.create_parser("nawzajem", name).parse_args(words))
    given = options.pop("args", ())
    try:
        command.execute(*given, **options)
    finally:
        connections.close_all()
    return 0


def _sentence(mistake: Exception) -> str | None:
    """For mistakes that are known; None for one that is ours."""
    if isinstance(mistake, OSError):  # perhaps before there are settings, which the rest needs
        return _about_file(mistake)

    from django.core.management.base import CommandError
    from django.db import OperationalError

    from nawzajem.ground.refusals import Refusal
    from nawzajem.ground.seal import CannotUnseal
    from nawzajem.ground.toml import BadFile

    if isinstance(mistake, CommandError | BadFile):
        return str(mistake)
    if isinstance(mistake, Refusal):
        fields = getattr(mistake, "fields", {})
        return " ".join([str(mistake.sentence), *(one for said in fields.values() for one in said)])
    if isinstance(mistake, CannotUnseal):
        return "The key does not open what is kept here. Is NAWZAJEM_KEY, or the file `key` in the data folder, the right one?"
    if isinstance(mistake, OperationalError):
        return _about_database(str(mistake))
    return None


def _about_database(said: str) -> str:
    if "full" in said:
        return "The disk is full. Nothing was half done; make some room and try again."
    if "no such table" in said or "does not exist" in said:
        return "The database is empty or older than this version. `nawzajem serve` prepares it; so does `nawzajem migrate`."
    if "locked" in said:
        return "The database is busy with something long. Please try again in a moment."
    return f"The database does not answer: {said.strip()}"


def _about_file(mistake: OSError) -> str | None:
    if mistake.errno == errno.ENOSPC:
        return "The disk is full. Nothing was half done; make some room and try again."
    if mistake.filename is None:
        return None
    return f"{mistake.filename}: {mistake.strerror}. The folder for all data is chosen with NAWZAJEM_DATA."


if __name__ == "__main__":
    main()
