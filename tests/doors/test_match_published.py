"""`nawzajem match FILE.npz`: published assignment data, sparse or as a table."""

from __future__ import annotations

import csv
import json

import numpy as np
import pytest
from django.core.management import CommandError, call_command

SPARSE = {"indptr": [0, 2, 4], "idx": [0, 1, 0, 1], "sc": [10, 9, 9, 2], "dem": [1, 1], "cap": [1, 1]}
TABLE = {
    "scores": [[1.0, 0.9], [0.9, 0.2]],
    "allowed": [[True, True], [True, True]],
    "paper_loads": [1, 1],
    "reviewer_loads": [1, 1],
}


@pytest.fixture
def match(tmp_path, capsys):
    """`match(arrays, "--strategy", "best")` gives the figures of the last line."""

    def run(arrays, *words):
        path = tmp_path / "data.npz"
        np.savez(path, **{name: np.array(values) for name, values in arrays.items()})
        call_command("match", str(path), "--json", "--language", "en", *map(str, words))
        return json.loads(capsys.readouterr().out.splitlines()[-1])

    return run


@pytest.mark.parametrize(("strategy", "total", "gap"), [("best", 18, 0), ("quick", 12, None)])
def test_the_best_total_is_found_and_proved_and_the_quick_one_stands_beside_it(match, strategy, total, gap):
    told = match(SPARSE, "--strategy", strategy)
    assert (told["total"], told["gap"], told["paired"], told["pairs"]) == (total, gap, 2, 2)
    assert told["min"] == (9 if strategy == "best" else 2)


def test_a_table_of_broken_numbers_is_told_in_its_own_scores(match):
    told = match(TABLE)
    assert told["total"] == pytest.approx(1.8)
    assert told["bound"] == pytest.approx(1.8)
    assert told["min"] == pytest.approx(0.9)


def test_a_list_of_pairs_is_read_too(match):
    pairs = {"task": [2, 1, 2, 1], "worker": [1, 1, 2, 2], "score": [0.5, 1.0, 0.0, 0.75]}
    told = match(pairs)
    assert (told["total"], told["asks"], told["offers"], told["edges"]) == (pytest.approx(1.25), 2, 2, 3)


def test_broken_scores_of_a_sparse_file_are_not_cut_to_whole_ones(match):
    told = match(SPARSE | {"sc": [0.9, 0.2, 1.0, -0.5]})
    assert (told["total"], told["edges"]) == (pytest.approx(1.2), 3)


@pytest.mark.parametrize("arrays", [SPARSE | {"back": [1, 5, 9, 2]}, TABLE | {"back": [[0.1, 0.5], [0.9, 0.2]]}])
def test_the_other_side_may_rank_by_scores_of_its_own(match, tmp_path, arrays):
    """The first offer would rather have the second ask, which would rather have no other."""
    out = tmp_path / "pairs.csv"
    told = match(arrays, "--strategy", "stable", "--out", out)
    assert (told["blocking"], told["pairs"]) == (0, 2)
    assert [(row["ask"], row["offer"]) for row in csv.DictReader(out.read_text().splitlines())] == [
        ("0", "1"),
        ("1", "0"),
    ]


def test_how_many_pairs_would_rather_have_each_other_is_told_of_every_strategy(match):
    assert match(SPARSE, "--strategy", "best")["blocking"] == 1
    assert match(SPARSE, "--strategy", "stable")["blocking"] == match(SPARSE, "--strategy", "quick")["blocking"] == 0


def test_who_may_not_meet_does_not(match, tmp_path):
    out = tmp_path / "pairs.csv"
    told = match(TABLE | {"allowed": [[True, False], [True, False]]}, "--out", out)
    assert (told["paired"], told["min"], told["edges"]) == (1, 0, 2)
    rows = list(csv.DictReader(out.read_text().splitlines()))
    assert [(row["ask"], row["offer"], float(row["score"])) for row in rows] == [("0", "0", 1.0)]


def test_an_empty_file_has_an_empty_answer(match):
    told = match({"indptr": [0], "idx": [], "sc": [], "dem": [], "cap": []})
    assert (told["total"], told["min"], told["pairs"], told["bound"]) == (0, None, 0, 0)


@pytest.mark.parametrize(
    "wrong",
    [
        {},
        {"other": [1]},
        SPARSE | {"idx": [0, 1, 0, 7]},
        SPARSE | {"indptr": [0, 2, 3]},
        SPARSE | {"dem": [1, 1, 1]},
        SPARSE | {"back": [1]},
        TABLE | {"back": [[1.0]]},
        TABLE | {"allowed": [[True]] * 5},
        TABLE | {"paper_loads": [1]},
        {"task": [0, 1], "worker": [1, 1], "score": [1, 1]},
        {"task": [1, 1], "worker": [1, 1], "score": [1]},
    ],
)
def test_a_file_of_other_arrays_is_refused_in_a_sentence(match, wrong):
    with pytest.raises(CommandError, match="should hold"):
        match(wrong)


@pytest.mark.parametrize(("content", "said"), [(b"not numpy", "NumPy"), (None, "Cannot read")])
def test_a_file_that_is_none_is_refused_in_a_sentence(tmp_path, content, said):
    path = tmp_path / "x.npz"
    if content:
        path.write_bytes(content)
    with pytest.raises(CommandError, match=said):
        call_command("match", str(path), "--language", "en")


def test_a_page_to_read_needs_people(match, tmp_path):
    with pytest.raises(CommandError, match="needs people"):
        match(SPARSE, "--explain", tmp_path / "report.html")


def test_a_floor_is_in_the_scores_of_the_file_and_who_waited_is_not_known(match):
    lifted = TABLE | {"scores": [[0.5, 0.2], [1.0, 0.25]]}
    assert match(lifted, "--strategy", "fair")["min"] == pytest.approx(0.25)
    assert match(lifted, "--strategy", "fair", "--floor", 0.2)["total"] == pytest.approx(1.2)
    with pytest.raises(CommandError, match="how long"):
        match(lifted, "--strategy", "fair", "--waiting-first")
