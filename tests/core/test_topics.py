import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nawzajem.core.matching import Topics

TREE = {
    "grief": None,
    "grief.partner": "grief",
    "grief.partner.young": "grief.partner",
    "grief.parent": "grief",
    "work": None,
    "work.lost": "work",
}


def near(one, other, tree=None):
    topics = Topics.of(tree or TREE)
    return float(topics.near[topics.place[one], topics.place[other]])


def test_the_same_topic_is_as_near_as_can_be():
    assert near("grief.partner", "grief.partner") == 1


def test_a_topic_and_the_one_that_holds_it_are_nearer_than_two_side_by_side():
    assert near("grief", "grief.partner") == pytest.approx(2 / 3)
    assert near("grief.partner", "grief.parent") == pytest.approx(1 / 2)


def test_deeper_down_topics_share_more():
    assert near("grief.partner", "grief.partner.young") == pytest.approx(4 / 5)
    assert near("grief", "grief.partner.young") == pytest.approx(1 / 2)


def test_topics_under_different_tops_have_nothing_in_common():
    assert near("grief", "work") == near("grief.partner", "work.lost") == 0


def test_a_topic_within_nothing_that_exists_is_refused():
    with pytest.raises(ValueError, match="no topic"):
        Topics.of({"grief.partner": "grief"})


def test_topics_that_lie_within_each_other_are_refused():
    with pytest.raises(ValueError, match="within itself"):
        Topics.of({"a": "b", "b": "a"})


def test_an_unknown_topic_is_refused_by_its_name():
    with pytest.raises(ValueError, match="'love'"):
        Topics.of(TREE).at(["grief", "love"])


def test_a_tree_without_topics_is_a_tree():
    assert Topics.of({}).near.shape == (0, 0)


@st.composite
def trees(draw):
    """Each topic lies within one named before it, or at the top."""
    parents = [draw(st.sampled_from([None, *range(place)])) for place in range(draw(st.integers(1, 12)))]
    return {str(place): None if above is None else str(above) for place, above in enumerate(parents)}


def above(code, tree):
    way = [code]
    while tree[way[-1]] is not None:
        way.append(tree[way[-1]])
    return way


@given(trees())
def test_nearness_is_that_of_wu_and_palmer(tree):
    topics = Topics.of(tree)
    for one in tree:
        for other in tree:
            both = set(above(one, tree)) & set(above(other, tree))
            wanted = 2 * len(both) / (len(above(one, tree)) + len(above(other, tree)))
            assert topics.near[topics.place[one], topics.place[other]] == pytest.approx(wanted)
    assert np.array_equal(topics.near, topics.near.T)
    assert [topics.top[topics.place[code]] for code in tree] == [above(code, tree)[-1] for code in tree]
