"""The page of an own ask, where nobody fits."""

from __future__ import annotations

import html

import pytest

from nawzajem.core.matching import hours

pytestmark = pytest.mark.django_db

HINT = "Co by pomogło: jeszcze 1 godzina w tygodniu"


def text(browser, ask):
    return html.unescape(browser.get(f"/p/here/asks/{ask.pk}/").content.decode())


def test_the_asker_reads_which_small_change_would_find_somebody(world, enter):
    world.offer("bartek", hours=hours.every_day(18, 20, [1]))
    ask = world.ask("ania", hours=hours.every_day(9, 11, [1]))
    page = text(enter("ania"), ask)
    assert "Nikt z wolnym miejscem nie ma czasu w tych godzinach." in page
    assert f"{HINT} wieczorem w dni powszednie, na przykład wtorek 18:00–19:00." in page


def test_where_somebody_fits_or_nothing_helps_there_is_no_hint(world, enter):
    ask = world.ask("ania", hours=hours.every_day(9, 11, [1]))
    assert "Co by pomogło" not in text(enter("ania"), ask)
    world.offer("bartek")
    assert "Co by pomogło" not in text(enter("ania"), ask)
