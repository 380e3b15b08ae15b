"""Whether anything that is installed here has a weakness that is publicly known: `python -m tests.audit`, a part of bin/check.

The advisories are asked for name and version of each pinned package, and learn nothing else. What they know fails the check.
Where they cannot be reached, that is said aloud and the check goes on: then nothing was proved. A machine that reaches them, and
what makes a release, sets NAWZAJEM_ADVISORIES=must-answer: then silence fails too.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

LISTS = ("dev", "language")  # between them they hold all that a house may run, and all that checks it
UNANSWERED = ""
PINNED = Path(__file__).parents[1] / "requirements"


def main(*options: str) -> int:
    found = [weakness for name in LISTS for weakness in known_in(name, *options)]
    known = [one for one in found if one is not UNANSWERED]
    for one in known:
        print(one)
    if UNANSWERED not in found:
        print(f"{len(known)} known weaknesses in what is installed.")
        return 1 if known else 0
    print("THE ADVISORIES COULD NOT BE ASKED. Whether what is installed has known weaknesses is not known.")
    if must_answer := os.environ.get("NAWZAJEM_ADVISORIES") == "must-answer":
        print("NAWZAJEM_ADVISORIES says that they must answer, so this fails.")
    return 1 if known or must_answer else 0


def known_in(name: str, *options: str) -> list[str]:
    """A line for each."""
    run = [sys.executable, "-m", "pip_audit", "--vulnerability-service", "osv", "--timeout", "10", *options]
    run += ["--format", "json", "--progress-spinner", "off", "--require-hashes", "--disable-pip"]
    done = subprocess.run([*run, "-r", str(PINNED / f"{name}.txt")], capture_output=True, text=True, check=False)
    try:
        told = json.loads(done.stdout)["dependencies"]
    except ValueError:
        print(done.stderr.strip().rsplit("\n", 1)[-1])
        return [UNANSWERED]
    skipped = [UNANSWERED for one in told if "skip_reason" in one]
    return skipped[:1] + [_line(one, weakness) for one in told for weakness in one.get("vulns", [])]


def _line(one: dict[str, Any], weakness: dict[str, Any]) -> str:
    mended = ", ".join(weakness["fix_versions"]) or "nothing yet"
    return f"{one['name']} {one['version']}: {weakness['id']}, mended in {mended}"


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
