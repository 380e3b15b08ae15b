import pytest

from nawzajem.core.matching import hours
from nawzajem.core.sheets.problems import Unreadable
from nawzajem.core.sheets.week import read_week

MON, TUE, WED, THU, FRI, SAT, SUN = range(0, 168, 24)
EVENINGS = [day + hour for day in range(0, 120, 24) for hour in (18, 19, 20)]


def days(*starts, first=8, last=22):
    return {start + hour for start in starts for hour in range(first, last)}


@pytest.mark.parametrize(
    ("text", "free"),
    [
        ("Mon-Fri 18-21", set(EVENINGS)),
        ("Mon-Fri 18-21; Sat", {*EVENINGS, *days(SAT)}),
        ("pn-pt 18-21; sob", {*EVENINGS, *days(SAT)}),
        ("Pon.–Pt. 18:00–21:00, sob. 10-14", {*EVENINGS, *days(SAT, first=10, last=14)}),
        ("od poniedziałku do piątku", None),
        ("poniedziałek do piątek 18 do 21", set(EVENINGS)),
        ("Mon 18-20, Wed 19-21", {18, 19, WED + 19, WED + 20}),
        ("Mon, Wed i Fri 8-9", {8, WED + 8, FRI + 8}),
        ("Sat-Mon 8-9", {SAT + 8, SUN + 8, 8}),
        ("18-20", days(*range(0, 168, 24), first=18, last=20)),
        ("18:30-21", days(*range(0, 168, 24), first=19, last=21)),
        ("18-20 Mon", {18, 19}),
        ("wt 22-2", {TUE + 22, TUE + 23, WED, WED + 1}),
        ("Sun 23-1", {SUN + 23, 0}),
        ("Mon 8-10 18-20", {8, 9, 18, 19}),
        ("Thu 0-24", days(THU, first=0, last=24)),
        ("czwartki", days(THU)),
        ("weekends", days(SAT, SUN)),
        ("w weekendy 10-12", days(SAT, SUN, first=10, last=12)),
        ("weekdays evenings", days(*range(0, 120, 24), first=18)),
        ("wieczorami", days(*range(0, 168, 24), first=18)),
        ("w tygodniu rano; w weekend", days(*range(0, 120, 24), first=7, last=11) | days(SAT, SUN)),
        ("środa cały dzień", days(WED, first=0, last=24)),
    ],
)
def test_hours_are_read_as_people_write_them(text, free):
    if free is None:
        with pytest.raises(Unreadable):
            read_week(text)
    else:
        assert set(hours.hours_in(read_week(text))) == free


@pytest.mark.parametrize("text", ["any", "Any time", "zawsze", "OBOJĘTNIE"])
def test_any_time_is_the_whole_week(text):
    assert read_week(text) == hours.ANY


def test_a_week_in_digits_stays_as_it_is():
    assert read_week(hours.PRESETS["evenings"]) == hours.PRESETS["evenings"]
    assert read_week(hours.PRESETS["weekends"].upper()) == hours.PRESETS["weekends"]


@pytest.mark.parametrize(
    "text", ["", ";", "soon", "Mon-Fri 25-26", "Mon 18:75-20", "Mon-Fry 18-21", "18.30-18.50", "12"]
)
def test_what_are_no_hours_is_told_back(text):
    with pytest.raises(Unreadable) as wrong:
        read_week(text)
    assert (wrong.value.code, wrong.value.facts) == ("hours", {"found": text})
