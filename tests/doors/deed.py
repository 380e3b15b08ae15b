"""A deed of somebody at a form, and the list of all of them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tests.doors.plain import Browser, Form

Deed = tuple[Browser, Form, dict[str, Any]]
DEEDS: dict[str, tuple[str, Callable[..., Deed]]] = {}
PLACE = "/p/here"


def deed(address: str) -> Callable[[Callable[..., Deed]], Callable[..., Deed]]:
    """Of somebody at the form of the page with this name: the form, and what they answer in it."""

    def told(make: Callable[..., Deed]) -> Callable[..., Deed]:
        DEEDS[make.__name__] = (address, make)
        return make

    return told


def at_the_desk(world, comes, page, action="", who="celina", **answers) -> Deed:
    one = comes(who)
    return one, one.open(f"{PLACE}/desk/{page}").form(f"{PLACE}/desk/{action}" if action else ""), answers
