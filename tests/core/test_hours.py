from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nawzajem.core.matching import hours

SUMMER, WINTER = date(2026, 7, 1), date(2026, 1, 15)
MON, TUE, SUN = 0, 24, 144
some_hours = st.frozensets(st.integers(0, 167))
weeks = some_hours.map(hours.week)
whole_zones = st.sampled_from(
    ["Europe/Warsaw", "America/New_York", "Asia/Tokyo", "Pacific/Auckland", "Pacific/Honolulu"]
)
any_zones = st.one_of(whole_zones, st.sampled_from(["Asia/Kolkata", "Asia/Kathmandu", "America/St_Johns"]))
days = st.dates(date(2020, 1, 1), date(2030, 12, 31))


def test_the_first_hour_is_the_highest_bit_of_the_first_digit():
    assert hours.week([0]) == "8" + "0" * 41
    assert hours.week([3]) == "1" + "0" * 41
    assert hours.week([167]) == "0" * 41 + "1"
    assert hours.week(range(168)) == hours.ANY


@given(some_hours)
def test_hours_written_down_and_read_again_are_the_same(chosen):
    assert hours.hours_in(hours.week(chosen)) == tuple(sorted(chosen))


@pytest.mark.parametrize("bad", ["", "f" * 41, "f" * 43, "g" + "0" * 41, " " + "f" * 41, "0x" + "f" * 40])
def test_a_week_that_is_not_forty_two_digits_is_refused(bad):
    for reads in (hours.hours_in, lambda week: hours.pack([week]), lambda week: hours.both(week, hours.ANY)):
        with pytest.raises(ValueError, match="42 hexadecimal"):
            reads(bad)


@pytest.mark.parametrize("hour", [-1, 168])
def test_a_week_has_no_other_hours(hour):
    with pytest.raises(ValueError, match="0 to 167"):
        hours.week([hour])


@given(weeks, weeks)
def test_shared_hours_are_counted_as_one_would_by_hand(one, other):
    count = len(set(hours.hours_in(one)) & set(hours.hours_in(other)))
    assert hours.shared(hours.pack([one, hours.NONE, other]), other).tolist() == [count, 0, len(hours.hours_in(other))]
    assert len(hours.hours_in(hours.both(one, other))) == count


def test_a_whole_week_shared_is_168_hours():
    assert hours.shared(hours.pack([hours.ANY]), hours.ANY).tolist() == [168]


def test_warsaw_in_summer_is_two_hours_ahead_and_in_winter_one():
    tuesday_evening = hours.week([TUE + 18])
    assert hours.hours_in(hours.shift(tuesday_evening, "Europe/Warsaw", SUMMER)) == (TUE + 16,)
    assert hours.hours_in(hours.shift(tuesday_evening, "Europe/Warsaw", WINTER)) == (TUE + 17,)


def test_the_week_is_a_ring():
    assert hours.hours_in(hours.shift(hours.week([MON]), "Europe/Warsaw", WINTER)) == (SUN + 23,)
    assert hours.hours_in(hours.shift(hours.week([SUN + 23]), "America/New_York", WINTER)) == (4,)


def test_on_the_day_the_clocks_change_the_new_time_holds_at_noon():
    evening = hours.week([18])
    assert hours.hours_in(hours.shift(evening, "Europe/Warsaw", date(2026, 3, 28))) == (17,)
    assert hours.hours_in(hours.shift(evening, "Europe/Warsaw", date(2026, 3, 29))) == (16,)
    assert hours.hours_in(hours.shift(evening, "Europe/Warsaw", date(2026, 10, 25))) == (17,)


@given(weeks, whole_zones, days)
def test_there_and_back_again_is_the_same_week(week, zone, day):
    assert hours.shift(hours.shift(week, zone, day), "UTC", day, zone) == week


@given(weeks, any_zones, any_zones, days)
def test_an_hour_counts_elsewhere_only_if_it_is_free_from_beginning_to_end(week, zone, to, day):
    ahead = hours.offset(zone, day) - hours.offset(to, day)
    free = {(hour * 60 + minute) % 10080 for hour in hours.hours_in(week) for minute in range(60)}
    kept = {hour for hour in range(168) if all((hour * 60 + m + ahead) % 10080 in free for m in range(0, 60, 15))}
    assert set(hours.hours_in(hours.shift(week, zone, day, to))) == kept


def test_in_a_half_hour_zone_a_stretch_loses_its_edge():
    evening = hours.every_day(18, 21, [0])
    assert hours.hours_in(hours.shift(evening, "Asia/Kolkata", WINTER)) == (13, 14)
    assert hours.shift(evening, "Asia/Kolkata", WINTER, "Asia/Kolkata") == evening


def test_the_presets_are_what_their_names_say():
    assert len(hours.hours_in(hours.PRESETS["any"])) == 168
    assert hours.hours_in(hours.PRESETS["evenings"])[:4] == (18, 19, 20, 21)
    assert {hour // 24 for hour in hours.hours_in(hours.PRESETS["weekends"])} == {5, 6}
    assert hours.stretches(hours.PRESETS["nights"])[0] == (22, 4)


def test_stretches_are_hours_on_end():
    week = hours.week([TUE + 18, TUE + 19, TUE + 20, TUE + 23])
    assert hours.stretches(week) == [(TUE + 18, 3), (TUE + 23, 1)]
    assert hours.longest(week) == (TUE + 18, 3)


def test_a_stretch_over_sunday_night_is_told_once():
    assert hours.stretches(hours.week([0, 1, 50, 166, 167])) == [(50, 1), (166, 4)]


def test_there_is_no_longest_stretch_where_there_is_no_hour():
    assert hours.longest(hours.NONE) is None
    assert hours.stretches(hours.ANY) == [(0, 168)]


@given(weeks)
def test_stretches_hold_every_hour_once(week):
    told = [(start + hour) % 168 for start, length in hours.stretches(week) for hour in range(length)]
    assert sorted(told) == list(hours.hours_in(week))


@given(st.lists(weeks, max_size=4))
def test_a_table_of_hours_holds_what_the_digits_say(some):
    table = hours.unpack(hours.pack(some))
    assert table.shape == (168, len(some))
    assert [hours.week(table[:, place].nonzero()[0].tolist()) for place in range(len(some))] == some


def test_every_hour_of_the_week_lies_in_one_part():
    told = sorted(hour for week in hours.WEEK_PARTS.values() for hour in hours.hours_in(week))
    assert told == list(range(168))


@given(weeks, weeks, whole_zones, whole_zones, days)
def test_two_share_an_hour_when_both_clocks_on_the_wall_say_so(one, other, here, there, day):
    """Hour by hour through the UTC day, as real moments; where a clock is turned that day, only while it shows what it
    shows at noon."""
    common = set(hours.hours_in(hours.both(hours.shift(one, here, day), hours.shift(other, there, day))))
    noon = datetime.combine(day, time(12), UTC)
    for hour in range(24):
        moment = noon.replace(hour=hour)
        walls = [(moment.astimezone(ZoneInfo(zone)), noon.astimezone(ZoneInfo(zone))) for zone in (here, there)]
        if any(now.utcoffset() != at_noon.utcoffset() for now, at_noon in walls):
            continue
        free = all(
            wall.weekday() * 24 + wall.hour in hours.hours_in(week)
            for (wall, _), week in zip(walls, (one, other), strict=True)
        )
        assert (day.weekday() * 24 + hour in common) == free


@given(whole_zones, st.integers(2020, 2030))
def test_an_evening_stays_an_evening_through_the_whole_year(zone, year):
    evening = hours.every_day(18, 21)
    for week in range(52):
        day = date(year, 1, 1) + timedelta(weeks=week)
        start = datetime.combine(day, time(18), ZoneInfo(zone))
        if start.utcoffset() == start.replace(hour=12).utcoffset() == _at_noon_utc(day, zone):
            in_utc = start.astimezone(UTC)
            assert in_utc.weekday() * 24 + in_utc.hour in hours.hours_in(hours.shift(evening, zone, day))


def _at_noon_utc(day, zone):
    return datetime.combine(day, time(12), UTC).astimezone(ZoneInfo(zone)).utcoffset()
