"""The room's own errors."""

from ..core.errors import MirlabError


class LearningError(MirlabError, ValueError):
    """A training, a model or its export makes no sense; the message names the argument."""


class WeightsError(MirlabError, ValueError):
    """Weights, a card or a checkpoint cannot be used; the message names the file and says why."""
