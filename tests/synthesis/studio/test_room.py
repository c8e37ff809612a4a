"""Rooms: reverberation time, image sources, and silence before the direct sound."""

import numpy as np
import pytest

from mirlab.core import Audio, AudioError
from mirlab.synthesis.studio import Room
from mirlab.synthesis.studio.room import SPEED, early_echoes

SR = 22050


def decay(response: np.ndarray) -> float:
    """RT60 by Schroeder's backward integration (1965), from the fall between -5 and -25 dB."""
    energy = np.cumsum(response[::-1] ** 2)[::-1]
    level = 10 * np.log10(energy / energy[0] + 1e-12)
    first, last = np.argmax(level <= -5), np.argmax(level <= -25)
    return 3 * (last - first) / SR


@pytest.mark.parametrize("rt60", [0.3, 0.8])
def test_the_tail_decays_in_its_reverberation_time(rt60):
    room = Room(rt60=(rt60, rt60), direct_to_reverberant=(-40.0, -40.0))
    found = [decay(room.response(SR, seed=seed)[1:]) for seed in range(8)]
    # bass (1.2), middle (1.0) and treble (0.6) together: most of white noise is treble
    assert 0.55 * rt60 < np.median(found) < 1.2 * rt60


def test_the_direct_sound_comes_first_with_its_share_of_the_power():
    for seed in range(5):
        response = Room(direct_to_reverberant=(7.0, 7.0)).response(SR, seed=seed)
        assert response[0] == 1.0
        assert 10 * np.log10((response[1:] ** 2).sum()) == pytest.approx(-7, abs=1e-6)


def test_the_first_echo_comes_from_the_nearest_image_source():
    size, player, ear = np.array([10.0, 8.0, 3.0]), np.array([4.0, 4, 1]), np.array([6.0, 4, 1])
    echoes = early_echoes(size, player, ear, rt60=0.5, sr=SR, samples=SR)
    floor = 2 * np.sqrt(1 + 1)  # up and down to the floor, 1 m below, over 2 m
    first = np.flatnonzero(echoes[1:])[0] + 1
    assert echoes[0] == 1.0
    assert first == round((floor - 2) / SPEED * SR)
    swallowed = 0.161 * 240 / (2 * (80 + 24 + 30) * 0.5)
    assert echoes[first] == pytest.approx(np.sqrt(1 - swallowed) * 2 / floor)


def test_there_is_no_sound_before_the_first_note():
    y = np.zeros((2, SR))
    y[:, 5000] = 1
    rung = Room()(Audio(y, SR), seed=4)
    assert np.abs(rung.y[:, :4999]).max() < 1e-6
    assert rung.y[0, 5000] == pytest.approx(1, abs=1e-5)
    np.testing.assert_array_equal(rung.y[0], rung.y[1])


@pytest.mark.parametrize("rt60", [(0.0, 1.0), (1.0, 0.5)])
def test_a_room_without_a_decay_is_refused(rt60):
    with pytest.raises(AudioError, match="rt60"):
        Room(rt60=rt60)
