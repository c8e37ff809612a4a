"""Pitch names, chord templates and key profiles."""

import mir_eval
import numpy as np
import pytest

from mirlab.core.theory import PITCH_CLASSES, SHARPS, chord_templates, key_of, pitch_class


@pytest.mark.parametrize("name", [*PITCH_CLASSES, *SHARPS, "Cb", "E#", "Fbb", "G##"])
def test_pitch_classes_are_those_of_mir_eval(name):
    assert pitch_class(name) == mir_eval.chord.pitch_class_to_semitone(name) % 12


@pytest.mark.parametrize("steps", range(12))
def test_a_scale_is_in_its_key(steps):
    weights = np.array([4, 0, 2, 0, 3, 2, 0, 3, 0, 2, 0, 1])
    names = ["C", "Db", "D", "Eb", "E", "F", "F#", "G", "Ab", "A", "Bb", "B"]
    assert key_of(np.roll(weights, steps)) == f"{names[steps]} major"


def test_templates_are_24_triads_of_length_1():
    templates, labels = chord_templates()
    np.testing.assert_allclose(np.linalg.norm(templates, axis=1), 1)
    assert len(set(labels)) == 24 and np.all((templates > 0).sum(axis=1) == 3)
    for row, label in zip(templates, labels, strict=True):
        root, tones, _ = mir_eval.chord.encode(label)
        assert np.flatnonzero(np.roll(tones, root)).tolist() == np.flatnonzero(row).tolist()
