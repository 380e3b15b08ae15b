"""Every vault there is, whichever room it belongs to: counted by the master key it needs, and wrapped anew while people write."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterator
from itertools import islice
from typing import Any

from django.apps import apps
from django.conf import settings
from django.db import models, transaction

from nawzajem.ground.actor import Actor
from nawzajem.ground.events import emit
from nawzajem.ground.models import Lasting
from nawzajem.ground.seal import FINGERPRINTS, name_of, rewrapped, vault_of_fingerprints, wrapped_by

FIELD = "vault"
TOGETHER = 200  # in one transaction: some milliseconds, in which nobody else writes on SQLite
BREATH = 0.01  # seconds in between, for those who wait to write


def tables() -> Iterator[type[models.Model]]:
    for model in apps.get_models():
        if any(field.name == FIELD and isinstance(field, models.BinaryField) for field in model._meta.concrete_fields):
            yield model


def counted() -> Counter[str]:
    """How many vaults need each master key, by its name."""
    return Counter(wrapped_by(vault) for model in tables() for _pk, vault in _there(model))


def rewrap() -> int:
    """All that need an older key than the newest; how many. Broken off, it goes on from where it was when done again."""
    newest, done = name_of(settings.KEYS.newest), 0
    for model in tables():
        old = ((pk, vault) for pk, vault in _there(model) if wrapped_by(vault) != newest)
        while some := list(islice(old, TOGETHER)):
            done += _some(model, some)
            time.sleep(BREATH)
    return done


def keep_fingerprints() -> None:
    """Before the first change: their key must outlast the one it was made from."""
    Lasting.objects.get_or_create(name=FINGERPRINTS, defaults={"vault": vault_of_fingerprints()})


def tell(*, vaults: int) -> None:
    emit(Actor(via="command"), "keys.changed", Lasting.objects.get(), vaults=vaults)


def _there(model: type[models.Model]) -> Iterator[tuple[Any, bytes]]:
    """In pages, each a short read: no transaction stays open while people write."""
    after: Any = None
    rows = model._default_manager.exclude(**{FIELD: None}).exclude(**{FIELD: b""}).order_by("pk")
    while page := list((rows.filter(pk__gt=after) if after is not None else rows).values_list("pk", FIELD)[:1000]):
        yield from ((pk, bytes(vault)) for pk, vault in page)
        after = page[-1][0]


def _some(model: type[models.Model], old: list[tuple[Any, bytes]]) -> int:
    """By compare-and-set: a vault that was destroyed meanwhile stays destroyed."""
    with transaction.atomic():
        return sum(
            model._default_manager.filter(pk=pk, **{FIELD: vault}).update(**{FIELD: rewrapped(vault)})
            for pk, vault in old
        )
