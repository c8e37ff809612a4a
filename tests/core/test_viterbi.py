"""The Viterbi algorithm against all possible paths, and its rule for ties."""

from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from mirlab.core.viterbi import cheapest_path, viterbi

WHOLE = st.integers(-9, 9)  # sums of integers are exact


def total(path, costs, change):
    path = np.array(path)
    return costs[np.arange(len(costs)), path].sum() + change[path[:-1], path[1:]].sum()


@given(arrays(float, (5, 3), elements=WHOLE), arrays(float, (3, 3), elements=WHOLE))
def test_no_path_is_cheaper(costs, change):
    found = total(cheapest_path(costs, change), costs, change)
    assert found == min(total(path, costs, change) for path in product(range(3), repeat=5))


@given(arrays(float, (4, 5), elements=st.floats(-5, 5)), st.floats(0.3, 0.97))
def test_no_sequence_of_states_is_likelier(scores, stay):
    change = np.full((4, 4), -np.log((1 - stay) / 3))
    np.fill_diagonal(change, -np.log(stay))
    found = total(viterbi(scores, stay=stay), -scores.T, change)
    best = min(total(path, -scores.T, change) for path in product(range(4), repeat=5))
    assert found == pytest.approx(best, abs=1e-9)


def test_of_equally_cheap_paths_one_stays():
    costs = np.array([[0, 0], [0, 0], [1, 0]], float)
    assert cheapest_path(costs, np.zeros((2, 2))).tolist() == [1, 1, 1]


def test_one_time_has_a_path_too():
    assert viterbi(np.array([[0.0], [1.0]]), stay=0.9).tolist() == [1]
