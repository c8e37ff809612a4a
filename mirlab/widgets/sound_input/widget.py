"""Sound input: a sound from the reader, out of a file or from the microphone."""

from __future__ import annotations

from typing import Any

import numpy as np
import traitlets

from ...core import Audio
from ..shared.base import Instrument, WidgetError, bundle
from ..shared.packing import RATE

LONGEST = 180  # seconds; 8 MB of samples, for JupyterLab takes messages of at most 10 MB


class SoundInput(Instrument):
    """A sound that the reader chooses, drops or records; cells read it as `audio`.

    The page decodes it (whatever the browser knows, so also a telephone's m4a), mixes it to mono,
    resamples it to 22,050 Hz and sends it as 16-bit samples, the first 3 minutes at most. Without
    a kernel it still shows and plays the sound, but no cell can use it.

    Parameters
    ----------
    name
        Of the file, or `"recording"`; empty while there is none.
    samples
        The sound: 16-bit little-endian integers, mono, 22,050 a second, at most 3 minutes.
    whole
        Seconds of sound that were chosen, of which `samples` may hold only the first ones.

    Raises
    ------
    WidgetError
        For an unknown keyword, or samples that are not whole or last too long.

    Examples
    --------
    >>> import numpy as np
    >>> mine = SoundInput()
    >>> silence = Audio(np.zeros(22050), 22050)
    >>> mine.audio_or(silence) is silence
    True
    >>> SoundInput(name="click", samples=bytes(441 * 2), whole=0.02).audio
    Audio(1 channel, 0.020 s, 22050 Hz)
    """

    _esm = bundle("sound_input")
    name = traitlets.Unicode("").tag(sync=True)
    # what arrives is a view of the message; and without the echo 8 MB do not travel back
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
        """The sound: mono, 22,050 Hz.

        Raises
        ------
        WidgetError
            While there is none.
        """
        if not self.samples:
            raise WidgetError("no sound yet: choose a file or record one in the widget above")
        return Audio(np.frombuffer(self.samples, "<i2").astype(np.float32) / 32768, RATE)

    def audio_or(self, default: Audio) -> Audio:
        """The sound, or `default` while there is none: so a cell also runs without a reader."""
        return self.audio if self.samples else default
