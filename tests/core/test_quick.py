import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from nawzajem.core.matching import (
    AskRow,
    Edges,
    Experience,
    OfferRow,
    Offers,
    Terms,
    Topics,
    candidates,
    figures,
    pairs,
    quick,
    unmatched,
    widened,
)

TOPICS = Topics.of({"grief": None, "grief.partner": "grief", "work": None})
SOMEBODY = {"languages": frozenset({"pl"}), "forms": frozenset({"text"})}


def matrix(scores, demand=None, capacity=None):
    """Edges from a table of scores, asks by offers; 0 where the two may not meet."""
    table = np.array(scores)
    asks, offers = table.shape
    return Edges(
        demand=np.array(demand or [1] * asks, np.int32),
        capacity=np.array(capacity or [1] * offers, np.int32),
        start=np.cumsum([0, *(table > 0).sum(axis=1)]).astype(np.int64),
        offer=np.nonzero(table)[1].astype(np.int32),
        score=table[table > 0].astype(np.int32),
    )


def chosen(edges, seed=0):
    edge = quick(edges, Terms(seed)).edge
    return list(zip(edges.asks()[edge].tolist(), edges.offer[edge].tolist(), strict=True))


def test_the_best_pair_comes_first_even_where_the_whole_would_be_better_otherwise():
    edges = matrix([[9, 8], [8, 1]])
    assert chosen(edges) == [(0, 0), (1, 1)]  # 10 in all, where 16 were to be had: a baseline, not the last word


def test_an_offer_takes_as_many_as_it_has_seats_and_an_ask_as_many_as_it_wants():
    assert chosen(matrix([[5], [4], [3]], capacity=[2])) == [(0, 0), (1, 0)]
    assert chosen(matrix([[5, 4, 3]], demand=[2])) == [(0, 0), (0, 1)]


def test_a_seed_decides_between_equals_and_always_in_the_same_way():
    edges = matrix([[5], [5], [5], [5]])
    assert [chosen(edges, seed) for seed in range(30)] == [chosen(edges, seed) for seed in range(30)]
    assert len({tuple(chosen(edges, seed)) for seed in range(30)}) == 4


def test_nothing_comes_of_nothing():
    for edges in (matrix(np.zeros((2, 2), int)), matrix(np.zeros((0, 3), int)), matrix(np.zeros((3, 0), int))):
        assert chosen(edges) == []
        assert figures(edges, quick(edges)).mean is None


@settings(max_examples=100)
@given(st.data(), st.integers(1, 5), st.integers(1, 5))
def test_no_seat_is_given_twice_none_is_wasted_and_half_of_the_best_is_certain(data, asks, offers):
    row = st.lists(st.integers(0, 9), min_size=offers, max_size=offers)
    table = data.draw(st.lists(row, min_size=asks, max_size=asks))
    demand = data.draw(st.lists(st.integers(1, 2), min_size=asks, max_size=asks))
    capacity = data.draw(st.lists(st.integers(0, 2), min_size=offers, max_size=offers))
    edges = matrix(table, demand, capacity)
    got = chosen(edges, data.draw(st.integers(0, 5)))
    assert len(set(got)) == len(got)
    wants = [demand[ask] - sum(one == ask for one, _ in got) for ask in range(asks)]
    seats = [capacity[offer] - sum(one == offer for _, one in got) for offer in range(offers)]
    assert min(wants) >= 0
    assert min(seats) >= 0
    left = [(a, o) for a in range(asks) for o in range(offers) if table[a][o] and wants[a] and seats[o]]
    assert not set(left) - set(got)
    if asks <= 3 and offers <= 3:
        assert 2 * sum(table[a][o] for a, o in got) >= most(table, demand, capacity)


def most(table, demand, capacity):
    """The best total there is, by trying everything."""
    cells = [(ask, offer) for ask, row in enumerate(table) for offer, worth in enumerate(row) if worth]

    def best(place, wants, seats):
        if place == len(cells):
            return 0
        ask, offer = cells[place]
        without = best(place + 1, wants, seats)
        if not (wants[ask] and seats[offer]):
            return without
        fewer = [want - (one == ask) for one, want in enumerate(wants)]
        rest = [seat - (one == offer) for one, seat in enumerate(seats)]
        return max(without, table[ask][offer] + best(place + 1, fewer, rest))

    return best(0, list(demand), list(capacity))


def people():
    asks = [
        AskRow(id="1 grief", person="1", topics=("grief.partner",), **SOMEBODY),
        AskRow(id="2 grief, waiting", person="2", topics=("grief.partner",), waited_hours=500, **SOMEBODY),
        AskRow(id="3 work", person="3", topics=("work",), **SOMEBODY),
    ]
    says = frozenset({"topic", "stage", "when"})
    offer = OfferRow(id="o", person="o", experiences=(Experience("grief.partner", months=2, says=says),), **SOMEBODY)
    return candidates(asks, Offers.of([offer], TOPICS))


def test_a_round_says_who_with_whom_why_and_why_not():
    round_ = people()
    assignment = quick(round_.edges)
    (place, suggestion), *others = pairs(round_, assignment)
    assert not others
    assert round_.asks[place].id == "2 grief, waiting"
    assert suggestion.offer.id == "o"
    assert suggestion.reasons[0] == ("same_topic", {"topic": "grief.partner"})
    assert unmatched(round_, assignment) == {0: ("others_first", {"fitting": 1}), 2: ("topic", {})}


def test_the_figures_are_those_of_the_pairs():
    round_ = people()
    found = figures(round_.edges, quick(round_.edges))
    score = pairs(round_, quick(round_.edges))[0][1].score
    assert (found.asks, found.offers, found.seats, found.paired, found.pairs) == (3, 1, 1, 1, 1)
    assert found.total == found.mean == found.worst == score


def test_solving_and_widening_leave_no_seat_empty_that_could_be_taken():
    """All want the same few best; a round that keeps only these would leave most people alone beside free seats."""
    months = range(60)
    rows = [
        OfferRow(id=f"{n:02}", person=f"o{n}", experiences=(Experience("work", months=n),), **SOMEBODY) for n in months
    ]
    asks = [AskRow(id=f"{n:02}", person=f"a{n}", topics=("work",), **SOMEBODY) for n in months]
    round_ = candidates(asks, Offers.of(rows, TOPICS), keep=2)
    assignment = quick(round_.edges)
    alone = [len(unmatched(round_, assignment))]
    while wider := widened(round_, assignment.edge):
        full = set(round_.edges.offer[assignment.edge].tolist())
        before, after = edge_set(round_.edges), edge_set(wider.edges)
        assert before < after
        assert not full & {offer for _, offer in after - before}
        assert len(after) == len(wider.edges.score)
        round_, assignment = wider, quick(wider.edges)
        alone.append(len(unmatched(round_, assignment)))
    assert alone[0] > 5
    assert alone[-1] == 0
    whole = candidates(asks, Offers.of(rows, TOPICS))
    assert widened(whole, quick(whole.edges).edge) is None


def edge_set(edges):
    return set(zip(edges.asks().tolist(), edges.offer.tolist(), strict=True))


def test_widening_after_a_worse_assignment_adds_no_edge_twice():
    rows = [OfferRow(id=f"{n}", person=f"o{n}", experiences=(Experience("work"),), **SOMEBODY) for n in range(9)]
    asks = [AskRow(id=f"{n}", person=f"a{n}", topics=("work",), **SOMEBODY) for n in range(2)]
    round_ = candidates(asks, Offers.of(rows, TOPICS), keep=2)
    wider = widened(round_, np.array([], np.int64))  # a strategy that assigned nobody
    assert len(edge_set(wider.edges)) == len(wider.edges.score) == len(round_.edges.score) + 2 * 4


def test_progress_is_told_ask_by_ask():
    heard = []
    asks = [AskRow(id=f"{place}", person=f"{place}", **SOMEBODY) for place in range(3)]
    candidates(asks, Offers.of([], TOPICS), progress=lambda done, of: heard.append((done, of)))
    assert heard == [(1, 3), (2, 3), (3, 3)]
