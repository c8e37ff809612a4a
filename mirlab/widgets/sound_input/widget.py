"""Sound input: audio from a file or the microphone of the reader."""

from __future__ import annotations

from typing import Any

import numpy as np
import traitlets

from ...core import Audio
from ..shared.base import Instrument, WidgetError, bundle
from ..shared.packing import RATE

LONGEST = 180  # s; 8 MB of samples, since JupyterLab accepts messages of at most 10 MB


class SoundInput(Instrument):
    """Audio that the reader selects, drops or records; cells read it as `audio`.

    The page decodes it (any format of the browser, including a telephone's m4a), mixes it to mono,
    resamples it to 22,050 Hz and sends it as 16-bit samples, at most the first 3 minutes. Without
    a kernel it still shows and plays the audio, but cells cannot use it.

    Parameters
    ----------
    name
        Name of the file, or `"recording"`; empty while there is none.
    samples
        The audio: 16-bit little-endian integers, mono, 22,050 Hz, at most 3 minutes.
    whole
        Duration of the selected audio in seconds, of which `samples` may contain only the first
        part.

    Raises
    ------
    WidgetError
        If a keyword is unknown, or the samples are incomplete or too long.

    Examples
    --------
    >>> import numpy as np
    >>> sound_input = SoundInput()
    >>> silence = Audio(np.zeros(22050), 22050)
    >>> sound_input.audio_or(silence) is silence
    True
    >>> SoundInput(name="click", samples=bytes(441 * 2), whole=0.02).audio
    Audio(1 channel, 0.020 s, 22050 Hz)
    """

    _esm = bundle("sound_input")
    name = traitlets.Unicode("").tag(sync=True)
    # `from_json` copies the view of the message; without the echo 8 MB are not sent back
    samples = traitlets.Bytes(b"").tag(
        sync=True, echo_update=False, from_json=lambda value, widget: bytes(value)
    )
    whole = traitlets.Float(0.0, min=0.0).tag(sync=True)

    @traitlets.validate("samples")
    def _check_samples(self, proposal: dict[str, Any]) -> bytes:
        samples: bytes = proposal["value"]
        if len(samples) % 2:
            raise WidgetError(f"16-bit samples take two bytes each; {len(samples)} is odd")
        if len(samples) > 2 * RATE * LONGEST:
            raise WidgetError(f"a sound input holds {LONGEST} s, not {len(samples) / 2 / RATE} s")
        return samples

    @property
    def audio(self) -> Audio:
        """The audio: mono, 22,050 Hz.

        Raises
        ------
        WidgetError
            If there is none.
        """
        if not self.samples:
            raise WidgetError("no sound yet: choose a file or record one in the widget above")
        return Audio(np.frombuffer(self.samples, "<i2").astype(np.float32) / 32768, RATE)

    def audio_or(self, default: Audio) -> Audio:
        """The audio, or `default` if there is none, so that a cell runs without input."""
        return self.audio if self.samples else default
