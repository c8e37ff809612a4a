"""Each method against its closed form."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import jv

from mirlab.core import Audio, AudioError
from mirlab.synthesis import (
    FM,
    Additive,
    Breath,
    DrumKit,
    NoteBatch,
    Operator,
    Plucked,
    Sampler,
    Subtractive,
    Wavetable,
    stiff_ratios,
)
from mirlab.synthesis.plucked import interpolator_length, loop_taps

SR = 44100


@pytest.mark.parametrize("index", [0.5, 2.0, 5.0, 9.0])
@pytest.mark.parametrize("ratio", [0.37, 1.61])
def test_fm_has_the_partials_of_the_bessel_functions(index, ratio, lines, steady) -> None:
    fm = FM((Operator(envelope=steady), Operator(ratio, index, 0, steady)))
    voices = NoteBatch([500.0], duration=1.2, velocity=127, sr=SR)
    assert float(fm.indices(voices)[1]) == pytest.approx(index)
    n = np.arange(-14, 15)
    y = fm(voices)[0, 2000 : 2000 + SR]
    # components reflected at 0 Hz change sign; these ratios keep all lines apart
    found = lines(y, np.abs(500 + n * 500 * ratio), SR)
    wanted = np.abs(jv(n, index))
    gain = found[14] / wanted[14]
    np.testing.assert_allclose(found / gain, wanted, atol=1e-4)


def test_modulators_can_be_modulated(steady) -> None:
    """Three operators in series, against the formula."""
    fm = FM(
        (Operator(1, 1, None, steady), Operator(2, 0.8, 0, steady), Operator(3, 0.6, 1, steady))
    )
    y = fm(NoteBatch([300.0], velocity=127, sr=SR))[0, 2000:40000].numpy()
    t = 2 * np.pi * 300 * np.arange(2000, 40000) / SR
    formula = np.sin(t + 0.8 * np.sin(2 * t + 0.6 * np.sin(3 * t)))
    np.testing.assert_allclose(y / np.abs(y).max(), formula / np.abs(formula).max(), atol=1e-3)


@given(st.floats(4, 2000), st.floats(0, 0.5))
def test_the_loop_of_a_string_is_exactly_one_period_long(period: float, dullness: float) -> None:
    turns = np.ceil(20 / period)
    exact = torch.tensor([period], dtype=torch.float64)
    delay, taps = loop_taps(interpolator_length(exact, dullness, turns=turns), dullness)
    turn = taps[0] * torch.exp(-2j * torch.pi / period * (delay + torch.arange(5.0).double()))
    missing = float(torch.angle(turn.sum())) * period / (2 * np.pi)
    assert abs(missing) < 1e-6  # samples
    assert float(taps.sum()) == pytest.approx(1)
    w = torch.linspace(0, torch.pi, 200, dtype=torch.float64)[:, None]
    gain = (taps * torch.exp(-1j * w * torch.arange(5))).sum(dim=1).abs()
    assert float(gain.max()) <= 1 + 1e-9  # the loop gain is at most 1


@pytest.mark.parametrize("sr", [22050, 44100])
@pytest.mark.parametrize(
    "string", [Plucked(), Plucked(dullness=0.5), Plucked(t60=0.5, body=1.5)], ids=str
)
def test_short_string_notes_are_within_a_cent(sr, string, cents) -> None:
    hz = 41.2 * 2 ** (np.arange(0, 72, 3.1) / 12)  # six octaves, off the keys
    y = string(NoteBatch(hz, duration=0.2, sr=sr))[:, : round(0.2 * sr)]
    assert max(abs(cents(row, frequency, sr)) for row, frequency in zip(y, hz, strict=True)) < 1


@pytest.mark.parametrize("t60", [0.5, 3.0])
def test_a_strings_first_partial_falls_as_fast_as_asked(t60: float, lines) -> None:
    y = Plucked(t60=t60, body=0)(NoteBatch([110.0, 440.0], duration=1.2, sr=SR)).numpy()
    for row, hz in zip(y, (110.0, 440.0), strict=True):
        early, late = (lines(row[a : a + 8820], hz, SR)[0] for a in (4410, 4410 + SR // 2))
        assert 20 * np.log10(late / early) == pytest.approx(-60 * 0.5 / t60, abs=0.2)


@pytest.mark.parametrize("position", [0.1, 0.25, 0.5])
def test_the_plucking_position_determines_the_partials(position: float, lines) -> None:
    """Partials with a node at the plucking position are silent."""
    string = Plucked(t60=60, position=position, softness=1, dullness=0, body=0)
    y = string(NoteBatch([441.0], velocity=127, sr=SR))[0]
    k = np.arange(1, 13)
    wanted = np.abs(np.sin(np.pi * k * position)) / k
    found = lines(y[4410 : 4410 + 22050], 441.0 * k, SR)
    np.testing.assert_allclose(found / found[0], wanted / wanted[0], atol=2e-3)


def test_strings_shorter_than_their_filter_are_in_tune(cents) -> None:
    """Strings of 3 to 5 samples: the loop has several periods."""
    hz = 16000 / np.array([3.0, 3.4, 3.82, 4.4, 4.99])
    y = Plucked(dullness=0.0, body=0)(NoteBatch(hz, duration=0.2, sr=16000))
    assert max(abs(cents(row, frequency, 16000)) for row, frequency in zip(y, hz, strict=True)) < 2


def test_partials_have_their_frequency_and_decay(lines, steady) -> None:
    ratios = (1.0, 2.76, 5.4)
    source = Additive((1.0, 0.5, 0.25), ratios, steady, damping=5.0)
    y = source(NoteBatch([500.0], duration=2.0, velocity=127, sr=SR))[0]
    early, late = (lines(y[a : a + 22050], 500 * np.array(ratios), SR) for a in (2000, 46100))
    fallen = 20 * np.log10(late / early)
    np.testing.assert_allclose(fallen, -5.0 * (np.array(ratios) - 1), atol=0.05)


def test_stiff_strings_are_stretched() -> None:
    b, k = 0.0004, np.arange(1, 9)
    wanted = k * np.sqrt(1 + b * k**2) / np.sqrt(1 + b)
    np.testing.assert_allclose(stiff_ratios(8, b), wanted)
    assert stiff_ratios(3, 0) == (1.0, 2.0, 3.0)


def test_a_wavetable_moves_from_its_first_to_its_last_cycle(lines, steady) -> None:
    source = Wavetable(((1.0,), (0.0, 1.0), (0.0, 0.0, 1.0)), sweep=2.0, envelope=steady)
    y = source(NoteBatch([441.0], duration=3.0, sr=SR))[0]
    places = {900: (1, 0, 0), SR - 1000: (0, 1, 0), 2 * SR + 100: (0, 0, 1)}
    for start, wanted in places.items():
        found = lines(y[start : start + 2000], 441.0 * np.arange(1, 4), SR)
        np.testing.assert_allclose(found / found.max(), wanted, atol=0.05)


def test_a_recording_at_its_own_pitch_is_unchanged(steady) -> None:
    rng = np.random.default_rng(0)
    smooth = np.convolve(rng.standard_normal(SR), np.hanning(40), mode="same")
    recording = Audio(smooth / np.abs(smooth).max(), SR)
    y = Sampler(recording, 440.0, envelope=steady)(NoteBatch([440.0], duration=0.8, sr=SR))[
        0
    ].numpy()
    part = slice(2000, 30000)
    gain = float(y[part] @ recording.y[0, part]) / float(np.sum(recording.y[0, part] ** 2))
    np.testing.assert_allclose(y[part], gain * recording.y[0, part], atol=2e-3)


def test_a_recording_is_played_at_every_pitch_and_rate(cents) -> None:
    t = np.arange(2 * 16000) / 16000
    sampler = Sampler(Audio(np.sin(2 * np.pi * 300 * t), 16000), 300.0)
    for hz in (150.0, 300.0, 1234.5):
        y = sampler(NoteBatch([hz], duration=0.4, sr=SR))[0]
        assert abs(cents(y[: round(0.4 * SR)], hz, SR)) < 0.5
    short = sampler(NoteBatch([2400.0], duration=1.0, sr=SR))[0]  # ends after a quarter second
    assert not short[round(0.26 * SR) :].any() and abs(float(short[round(0.2499 * SR)])) < 0.02


def test_formants_stay_when_the_pitch_moves(lines, steady) -> None:
    source = Breath(slope=0, formants=((1200, 100, 1.0),), noise=0, envelope=steady)
    for hz in (100.0, 150.0, 240.0):
        found = lines(source(NoteBatch([hz], sr=SR))[0, 2000:40000], hz * np.arange(1, 25), SR)
        assert hz * (1 + found.argmax()) == 1200


def test_breath_has_the_given_level(steady) -> None:
    """The difference from the same note without breath."""
    notes = {"duration": 2.0, "sr": SR, "seed": [4]}
    clean, airy = (
        Breath(noise=level, chiff=0, envelope=steady)(NoteBatch([441.0], **notes))[0].numpy()
        for level in (0, 0.3)
    )
    part = slice(8820, 80_000)
    gain = (airy[part] @ clean[part]) / (clean[part] @ clean[part])
    hiss = airy[part] - gain * clean[part]
    ratio = np.sqrt(np.mean(hiss**2) / np.mean((gain * clean[part]) ** 2))
    assert ratio == pytest.approx(0.3, rel=0.1)


def test_drums_have_different_spectra() -> None:
    keys = np.array([36, 50, 38, 42])  # kick, high tom, snare, hat
    y = DrumKit()(NoteBatch(440 * 2 ** ((keys - 69) / 12), sr=SR)).numpy()
    power = np.abs(np.fft.rfft(y)) ** 2
    hertz = np.fft.rfftfreq(y.shape[1], 1 / SR)
    centroids = (power * hertz).sum(axis=1) / power.sum(axis=1)
    assert (np.diff(centroids) > 0).all()


def test_a_closed_hat_is_shorter_than_an_open_one_than_a_crash() -> None:
    keys = np.array([42, 46, 49])
    y = DrumKit()(NoteBatch(440 * 2 ** ((keys - 69) / 12), duration=0.01, sr=SR)).abs().numpy()
    last = [np.flatnonzero(row > 1e-4)[-1] for row in y]
    assert 3 * last[0] < last[1] and 2 * last[1] < last[2]


@pytest.mark.parametrize(
    "call",
    [
        lambda: Additive(()),
        lambda: Additive((float("nan"),)),
        lambda: Additive((1.0, 1.0), (1.0,)),
        lambda: Additive((1.0,), (0.0,)),
        lambda: Additive(damping=-1),
        lambda: stiff_ratios(4, -0.1),
        lambda: Subtractive("sine"),
        lambda: Subtractive(oscillators=0),
        lambda: Subtractive(q=0),
        lambda: Operator(ratio=0),
        lambda: Operator(index=33),
        lambda: FM((Operator(),)),
        lambda: FM((Operator(),) * 5),
        lambda: FM((Operator(target=0), Operator())),
        lambda: FM((Operator(), Operator(target=1))),
        lambda: Plucked(t60=0),
        lambda: Plucked(dullness=0.6),
        lambda: Plucked(position=0),
        lambda: Wavetable(()),
        lambda: Wavetable(((),)),
        lambda: Wavetable(((1.0,) * 600,)),
        lambda: Wavetable(sweep=0),
        lambda: Sampler(Audio(np.zeros(9), 8000), 0.0),
        lambda: Breath(noise=2),
        lambda: Breath(formants=((0, 1, 1),)),
        lambda: DrumKit(tuning=3),
    ],
)
def test_bad_settings_give_our_error(call) -> None:
    with pytest.raises(AudioError) as caught:
        call()
    assert len(str(caught.value)) > 15
