"""What standards for the protection of minors have to cover in Poland, as a list to be filled in.

After art. 22c of the act of 13 May 2016 on counteracting threats of sexual crime and on the protection of minors, in force since 15
February 2024; in words of our own. docs/minors.md says where to read the act itself, which alone decides.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise as Sentence

REVIEW_DAYS = 730  # the act asks for a look at them at least every two years


@dataclass(frozen=True, slots=True)
class Item:
    title: Sentence
    about: Sentence
    is_for_all: bool = False  # read by everybody who takes part, and by guardians: the act asks that they know


ITEMS: Mapping[str, Item] = {
    "relations": Item(
        _("Safe relations between staff and minors"),
        _("How adults here behave towards minors, and what is never allowed. Helpers and volunteers are staff too."),
    ),
    "intervention": Item(
        _("What is done when harm is suspected"),
        _("Step by step, from the first word somebody hears. Also when the harm may come from one of you."),
    ),
    "reporting": Item(
        _("Who reports, and to whom"),
        _("Who notifies the police or the prosecutor, who the family court, and who begins the “Blue Card”."),
    ),
    "review": Item(
        _("How the standards are looked at and changed"),
        _("By whom, how often, and where the conclusions are written down. At least every two years."),
    ),
    "training": Item(
        _("Who prepares the staff, and how"),
        _("Who is responsible, what they can do, how staff are prepared, and where that is noted."),
    ),
    "sharing": Item(
        _("How parents and minors come to know them"),
        _("On your site and where you meet, whole; and a short version that minors understand."),
    ),
    "contact": Item(
        _("Who takes a report, and who supports"),
        _("Names and ways of reaching those who take reports of harm and give the minor support."),
        is_for_all=True,
    ),
    "records": Item(
        _("How what came out is written down and kept"),
        _("A log of incidents and reports: who writes it, where it lies, who may read it, how long."),
    ),
    "among_minors": Item(
        _("Safe relations among minors"),
        _("What they may expect of each other, and what is not allowed. In peer support this is the heart of it."),
        is_for_all=True,
    ),
    "internet": Item(
        _("Devices and the internet"),
        _("How they are used here, and how minors are kept from harmful content and contact. Also in this programme."),
        is_for_all=True,
    ),
    "support": Item(
        _("A plan of support after harm"),
        _("How it is made, who makes it, and how the minor has a say in it."),
    ),
    "needs": Item(
        _("Minors with disabilities and special needs"),
        _("What is different for them in each of the points above."),
    ),
    "recruiting": Item(
        _("How people are checked before they begin"),
        _("Registers, criminal records, identity, references: what, when, and who keeps the papers."),
    ),
    "responsible": Item(
        _("Who is responsible for the standards"),
        _("One person by name and duty, and somebody in their place when they are away."),
        is_for_all=True,
    ),
}
