"""The rests of real recordings: where, according to the labels, only room noise is heard."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from benchmarks.recordings import chord_recordings, note_recordings, notes_of_a_part
from mirlab import dsp
from mirlab.core.audio import Audio

RATE = 22050  # Hz
LOWEST = 20.0  # Hz
EXCERPT = 90.0  # s
EDGE = 0.1  # s; the first and last of a file may be faded
LEAD_SECONDS = 0.2  # s; consonants, breaths and bows come before the annotated onset
SHORTEST = 0.2  # s
FADE = 0.05  # s
# How long a sound rings after its annotated end, in seconds. A piano rings too long:
# only what comes before its first note is a rest.
RINGS = {"piano room": math.inf, "string room": 0.3, "voice room": 0.3, "recital hall": 0.3}


@dataclass(frozen=True)
class RecordedRoom:
    """A recording (at most 90 s of it), with its rests and notes.

    `y` has shape (samples,), at 22,050 Hz, high-passed at 20 Hz: lower components are inaudible,
    and in one of the rooms they are half of the power. `rests` and `notes` are masks of the same
    shape; a note that rings, and the moment before a note, are in neither.
    """

    ring: str
    name: str
    y: np.ndarray
    rests: np.ndarray
    notes: np.ndarray

    @property
    def excerpts(self) -> list[np.ndarray]:
        """The samples of each rest, shape (samples,) each."""
        edges = np.flatnonzero(np.diff(np.r_[False, self.rests, False]))
        return [self.y[start:end] for start, end in edges.reshape(-1, 2)]


def rooms(folder: Path) -> list[RecordedRoom]:
    """Read every recording whose rests are known: a piano, two strings, a singer, a recital.

    The violin solo is omitted because its beginning and end are faded.

    Raises
    ------
    MirlabError
        When a set is missing.
    """
    found = []
    rings = {"piano_maps_disklavier": "piano room", "voice_vocadito": "voice room"}
    for recording in note_recordings(folder):
        if ring := rings.get(recording.set):
            truths = [recording.notes, *([recording.second] if recording.second else [])]
            sounding = np.concatenate([notes.intervals for notes in truths])
            found.append(room(ring, recording.name, Audio.load(recording.audio), sounding))
    for part in ("1_vn", "2_vc"):
        audio, notes = notes_of_a_part(folder, part)
        found.append(room("string room", part, Audio.load(audio), notes.intervals))
    for song in chord_recordings(folder):
        if song.set == "lied_winterreise":  # it has no rest between its first and last chord
            found.append(
                room("recital hall", song.name, Audio.load(song.audio), song.chords.intervals)
            )
    return found


def room(ring: str, name: str, audio: Audio, sounding: np.ndarray) -> RecordedRoom:
    """Separate the rests of one recording from its notes.

    Parameters
    ----------
    ring
        Key of `RINGS`, which says how long sounds ring there.
    name
        Name of the recording.
    audio
        The whole recording; any sampling rate and number of channels.
    sounding
        Intervals with sound, in seconds from the start of the file, shape (n, 2).

    Returns
    -------
    Room
        A rest is at least 0.2 s long.
    """
    import scipy.signal

    y = audio.mono().slice(0, EXCERPT).resample(RATE).y[0].astype(np.float64)
    audible = scipy.signal.butter(2, LOWEST, "highpass", fs=RATE, output="sos")
    y = scipy.signal.sosfiltfilt(audible, y)
    rests, notes = np.zeros(y.size, bool), np.zeros(y.size, bool)
    free = EDGE
    last = min(audio.duration - EDGE, EXCERPT)
    for onset, offset in sorted(map(tuple, sounding)):
        notes[round(onset * RATE) : round(offset * RATE)] = True
        _mark(rests, free, min(onset - LEAD_SECONDS, last))
        free = max(free, offset + RINGS[ring])
    _mark(rests, free, last)
    return RecordedRoom(ring, name, y, rests, notes)


def _mark(mask: np.ndarray, start: float, end: float) -> None:
    """Set the mask between two times in seconds, if the interval is long enough."""
    if end - start >= SHORTEST:
        mask[round(start * RATE) : round(end * RATE)] = True


def room_noise(rings: Sequence[RecordedRoom], samples: int, *, seed: int = 0) -> np.ndarray:
    """Concatenate rests in random order until they are long enough.

    They overlap by 50 ms, with a cross-fade of equal power. The rests of one recording keep their
    relative levels; different recordings are normalised to the same level.

    Parameters
    ----------
    rings
        Recordings of one place.
    samples
        Number of samples.
    seed
        Seed of the order.

    Returns
    -------
    ndarray
        Noise of about unit power, shape (samples,).
    """
    excerpts = []
    for ring in rings:
        level = dsp.rms(ring.y[ring.rests])
        excerpts += [excerpt / level for excerpt in ring.excerpts]
    rng = np.random.default_rng(seed)
    fade = round(FADE * RATE)
    ramp = np.sin(np.pi / 2 * (np.arange(fade) + 0.5) / fade)
    y = np.zeros(samples + 2 * max(excerpt.size for excerpt in excerpts))
    start = 0
    while start < samples + fade:
        piece = excerpts[rng.integers(len(excerpts))].copy()
        piece[:fade] *= ramp
        piece[-fade:] *= ramp[::-1]
        y[start : start + piece.size] += piece
        start += piece.size - fade
    return y[fade : fade + samples]  # the first fade-in does not overlap anything
