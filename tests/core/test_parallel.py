"""Work shared out over the processor cores."""

import time

import numpy as np
import pytest

from mirlab.core.parallel import parallel_map

CACHE = []


def grown(size):
    """A process that keeps more the longer it lives, as one does that loads a net or a font."""
    CACHE.append(np.ones(size, np.uint8))
    time.sleep(0.6)
    return size


@pytest.mark.parametrize("n_jobs", [1, 2])
def test_results_come_in_their_order(n_jobs):
    assert list(parallel_map(abs, range(-9, 0), n_jobs=n_jobs)) == list(range(9, 0, -1))


def test_unordered_results_are_all_there():
    found = parallel_map(abs, range(-9, 0), n_jobs=2, ordered=False)
    assert sorted(found) == list(range(1, 10))


@pytest.mark.slow
@pytest.mark.timeout(60)
def test_what_a_process_keeps_is_not_taken_for_a_leak():
    sizes = [1] * 2 + [200_000_000] * 8
    assert list(parallel_map(grown, sizes, n_jobs=2)) == sizes


def test_an_error_is_raised_here():
    with pytest.raises(TypeError, match="bad operand"):
        list(parallel_map(abs, [1, "two"], n_jobs=2))
