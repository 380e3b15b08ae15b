"""Files that browsers fetch. The style sheets are sent as one: on a slow line each further one would ask for another connection,
and nothing is painted before the last of them has come."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from whitenoise.storage import CompressedManifestStaticFilesStorage

SHEETS = [f"css/{name}.css" for name in ("tokens", "base", "layout", "parts", "rooms")]
ONE = "css/house.css"


class OneSheet(CompressedManifestStaticFilesStorage):
    def post_process(self, paths: dict[str, Any], dry_run: bool = False, **options: Any) -> Iterator[Any]:
        """Before files get their lasting names and are compressed."""
        if not dry_run:
            Path(self.path(ONE)).write_text("\n".join(_read(*paths[name]) for name in SHEETS), encoding="utf-8")
            paths = paths | {ONE: (self, ONE)}
        yield from super().post_process(paths, dry_run=dry_run, **options)


def _read(storage: Any, name: str) -> str:
    with storage.open(name) as file:
        return str(file.read().decode())
