"""Viterbi algorithm: the optimal sequence of states, by dynamic programming."""

from __future__ import annotations

import numpy as np

from .checks import as_floats, require, require_number
from .errors import MirlabError


def cheapest_path(costs: np.ndarray, change: np.ndarray) -> np.ndarray:
    """Find the sequence of states with the lowest total cost (Viterbi 1967).

    Parameters
    ----------
    costs
        Cost of each state at each time, at least one time. Shape `(times, states)`.
    change
        Cost of a transition from one state (row) to another (column). Shape `(states, states)`.

    Returns
    -------
    ndarray
        State at each time, shape `(times,)`; among equal costs, staying is preferred to changing.

    Examples
    --------
    >>> cheapest_path(np.array([[0, 9], [2, 1], [0, 9]]), change=3 * (1 - np.eye(2)))
    array([0, 0, 0])
    """
    times, states = costs.shape
    total = costs[0]
    previous = np.zeros((times, states), np.uint16)
    for t in range(1, times):
        candidates = total[:, None] + change  # (from, to)
        lowest = candidates.min(axis=0)
        stays = candidates.diagonal() == lowest
        previous[t] = np.where(stays, np.arange(states), candidates.argmin(axis=0))
        total = lowest + costs[t]
    path = np.empty(times, int)
    path[-1] = total.argmin()
    for t in range(times - 1, 0, -1):
        path[t - 1] = previous[t, path[t]]
    return path


def viterbi(log_likelihood: np.ndarray, *, stay: float) -> np.ndarray:
    """Find the most likely sequence of states, given the probability of staying in a state.

    All states are equally likely at the start, and after a change. This is `cheapest_path` with
    negative log probabilities as costs.

    Parameters
    ----------
    log_likelihood
        Log likelihood of each state in each frame, shape `(states, frames)`.
    stay
        Probability of staying from one frame to the next, above 0 and below 1.

    Returns
    -------
    ndarray
        The state of each frame, shape `(frames,)`.

    Examples
    --------
    >>> viterbi(np.log([[0.9, 0.4, 0.9], [0.1, 0.6, 0.1]]), stay=0.9)
    array([0, 0, 0])
    """
    log_likelihood = as_floats("log_likelihood", log_likelihood, MirlabError)
    require_number("stay", stay, minimum=1e-300, maximum=1 - 1e-15, error=MirlabError)
    require(
        log_likelihood.ndim == 2 and log_likelihood.shape[0] > 1 and log_likelihood.shape[1] > 0,
        "log_likelihood must have two or more states and one or more frames: (states, frames)",
        MirlabError,
    )
    states = len(log_likelihood)
    transition = np.full((states, states), np.log((1 - stay) / (states - 1)))
    np.fill_diagonal(transition, np.log(stay))
    return cheapest_path(-log_likelihood.T, -transition)
