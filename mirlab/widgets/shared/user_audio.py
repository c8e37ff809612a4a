"""Audio that the reader loads into an instrument: 16-bit samples, one channel."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np
import traitlets

from ...core import Audio
from .base import Instrument, WidgetError
from .packing import RATE

USER_AUDIO = "user_audio"  # value of `clip` for the reader's audio


class UserAudio(Instrument):
    """Base of the instruments into which the reader can load audio.

    A subclass sets `longest_user_audio`, in seconds, and its trait `clip` accepts `USER_AUDIO`.
    """

    user_audio_name = traitlets.Unicode("").tag(sync=True)
    # `from_json` copies the view of the message; without the echo the data are not sent back
    user_audio = traitlets.Bytes(b"").tag(
        sync=True, echo_update=False, from_json=lambda value, widget: bytes(value)
    )
    longest_user_audio: ClassVar[float]

    def _decode_user_audio(self) -> Audio:
        """The reader's audio: mono, 22,050 Hz."""
        return Audio(np.frombuffer(self.user_audio, "<i2").astype(np.float32) / 32768, RATE)

    @traitlets.validate("user_audio")
    def _check_user_audio(self, proposal: dict[str, Any]) -> bytes:
        samples: bytes = proposal["value"]
        if len(samples) % 2 or len(samples) > 2 * RATE * self.longest_user_audio:
            raise WidgetError(
                "user_audio is 16-bit samples, two bytes each, of at most "
                f"{self.longest_user_audio:g} s at {RATE} Hz; not {len(samples)} bytes"
            )
        return samples
