"""Errors of `mirlab.learning`."""

from ..core.errors import MirlabError


class LearningError(MirlabError, ValueError):
    """An argument of a training, a model or an export is invalid; the message names it."""


class WeightsError(MirlabError, ValueError):
    """Weights, a card or a checkpoint cannot be used; the message gives the file and the reason."""
