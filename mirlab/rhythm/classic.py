"""Beats without learning: how suddenly the spectrum grows, and the pulse that fits it best."""

from __future__ import annotations

import numpy as np

from ..core import Audio, Segments
from ..core.chunks import chunks

WORKING_RATE = 22050  # Hz
HOP_LENGTH = 512
N_FFT = 2048
N_MELS = 64
FMAX = 2000.0  # Hz: bass drum, bass and harmony carry the beat; cymbals between beats lie above
CHUNK = HOP_LENGTH * 1280  # 30 s
TEMPO_FRAMES = 344  # 8 s
MARGIN = HOP_LENGTH * 4  # more than half a window: frames of the pieces equal the whole's


def onset_strength(audio: Audio) -> np.ndarray:
    """How much louder the mel bands grow from frame to frame (spectral flux).

    Parameters
    ----------
    audio
        Any sound; it is mixed to mono and brought to 22,050 Hz.

    Returns
    -------
    ndarray
        Shape `(frames,)`, at least 0, a frame every 512 samples (23.2 ms), the first at 0 s.
        Equals `librosa.onset.onset_strength` on 64 mel bands up to 2 kHz, but in flat memory.
    """
    import librosa

    y = audio.mono().resample(WORKING_RATE).y[0]
    if y.size < N_FFT:
        y = np.pad(y, (0, N_FFT - y.size))
    bands = []
    for chunk in chunks(y.size, size=CHUNK, margin=MARGIN):
        mel = librosa.feature.melspectrogram(
            y=y[chunk.first : chunk.last],
            sr=WORKING_RATE,
            n_fft=N_FFT,
            hop_length=HOP_LENGTH,
            n_mels=N_MELS,
            fmax=FMAX,
        )
        skip = (chunk.start - chunk.first) // HOP_LENGTH
        last = chunk.end == y.size
        count = None if last else (chunk.end - chunk.start) // HOP_LENGTH
        bands.append(mel[:, skip:][:, :count])
    level = librosa.power_to_db(np.concatenate(bands, axis=1))
    return librosa.onset.onset_strength(
        S=level, sr=WORKING_RATE, n_fft=N_FFT, hop_length=HOP_LENGTH
    )


def estimate_tempo(strength: np.ndarray) -> float:
    """The tempo whose period the onset strength repeats with most (Grosche & Mueller 2011).

    Autocorrelations of eight seconds around each frame are averaged over the piece and weighted
    by how usual a tempo is (log-normal around 120). Equals `librosa.feature.tempo`, but in flat
    memory.

    Parameters
    ----------
    strength
        From `onset_strength`.

    Returns
    -------
    float
        Beats a minute.
    """
    import librosa

    total = np.zeros(TEMPO_FRAMES)
    for chunk in chunks(strength.size, size=8 * TEMPO_FRAMES, margin=TEMPO_FRAMES):
        pieces = librosa.feature.tempogram(
            onset_envelope=strength[chunk.first : chunk.last],
            sr=WORKING_RATE,
            hop_length=HOP_LENGTH,
            win_length=TEMPO_FRAMES,
        )
        inner = slice(chunk.start - chunk.first, chunk.end - chunk.first)
        total += pieces[:, inner].sum(axis=1)
    mean = total[:, None] / strength.size
    return float(librosa.feature.tempo(tg=mean, sr=WORKING_RATE, hop_length=HOP_LENGTH)[0])


def track_beats(sound: Audio | np.ndarray) -> np.ndarray:
    """Beat times by dynamic programming (Ellis, J. New Music Research 2007; librosa's).

    A tempo is read from the autocorrelation of the onset strength; then the sequence of beats is
    found that falls on strong onsets and keeps to the tempo.

    Parameters
    ----------
    sound
        Any sound, or its `onset_strength`.

    Returns
    -------
    ndarray
        Rising times in seconds, shape `(beats,)`; none when nothing ever starts.
    """
    import librosa

    strength = onset_strength(sound) if isinstance(sound, Audio) else sound
    if not np.any(strength):
        return np.zeros(0)
    _, frames = librosa.beat.beat_track(
        onset_envelope=strength,
        bpm=estimate_tempo(strength),
        sr=WORKING_RATE,
        hop_length=HOP_LENGTH,
        trim=False,
    )
    return librosa.frames_to_time(frames, sr=WORKING_RATE, hop_length=HOP_LENGTH)


def number_beats(
    times: np.ndarray, strength: np.ndarray, changes: np.ndarray, *, per_bar: int
) -> Segments:
    """Count beats in bars: the downbeat is where chords change and strokes are strong.

    One count is kept through the whole piece; of the `per_bar` ways to begin it, that one wins
    under which most chord changes, then the strongest onsets, fall on the ones.

    Parameters
    ----------
    times
        Of the beats, in seconds, rising, shape `(beats,)`.
    strength
        From `onset_strength`.
    changes
        When the chord changes, in seconds, shape `(chords,)`.
    per_bar
        Beats in a bar.

    Returns
    -------
    Segments
        From beat to beat, labelled `"1"` to `str(per_bar)`; none for fewer than two beats. The
        last beat lasts as long as the one before it.
    """
    if times.size < 2:
        return Segments([], [])
    frames = np.clip(np.round(times * WORKING_RATE / HOP_LENGTH).astype(int), 0, strength.size - 1)
    accent = strength[frames] / max(float(strength[frames].max()), 1e-9)
    nearest = np.abs(changes[:, None] - times).argmin(axis=1) if changes.size else np.zeros(0, int)
    accent = accent + 2 * np.bincount(nearest, minlength=times.size)
    phase = int(np.argmax([accent[p::per_bar].mean() for p in range(min(per_bar, times.size))]))
    numbers = (np.arange(times.size) - phase) % per_bar + 1
    ends = np.r_[times[1:], 2 * times[-1] - times[-2]]
    return Segments(np.column_stack([times, ends]), [str(n) for n in numbers])
