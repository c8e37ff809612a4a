"""Displays of the values in a notebook: valid, labelled, small, and not loud."""

import base64
import re
from html.parser import HTMLParser

import numpy as np
import pytest

from mirlab.core import Audio, Notes, Segments
from mirlab.core.display import audio_html, notes_html, segments_html

VOID = {"rect", "path"}


class Page(HTMLParser):
    """Collects tags with their attributes and insists that every tag is closed."""

    def __init__(self, text):
        super().__init__()
        self.tags, self.open, self.text = [], [], ""
        self.feed(text)
        self.close()
        assert not self.open, self.open

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))
        self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.text += data

    def find(self, tag):
        return [attributes for name, attributes in self.tags if name == tag]


def embedded_audio(page):
    """The sound inside the player of a page."""
    (player,) = page.find("audio")
    assert player["aria-label"] and "autoplay" not in player
    return Audio.load(base64.b64decode(player["src"].split("base64,")[1]))


def test_a_sound_is_a_labelled_waveform_and_a_quiet_player():
    t = np.arange(3 * 44100) / 44100
    sound = Audio(np.tile(np.sin(2 * np.pi * 440 * t), (2, 1)), 44100)
    page = Page(audio_html(*sound, title="A <loud> tone"))
    (image,) = page.find("svg")
    assert image["role"] == "img" and "A <loud> tone" in image["aria-label"]
    inside = embedded_audio(page)
    assert (inside.channels, inside.sr) == (1, 22050)
    assert inside.duration == pytest.approx(3, abs=0.01)
    assert 20 * np.log10(np.abs(inside.y).max()) == pytest.approx(-12, abs=0.2)


def test_a_quiet_sound_is_not_made_louder():
    sound = Audio(0.01 * np.sin(np.arange(22050) / 9), 22050)
    np.testing.assert_allclose(embedded_audio(Page(audio_html(*sound))).y, sound.y, atol=1e-4)


def test_the_waveform_follows_the_sound():
    y = np.zeros(8000)
    y[4000:] = 0.5
    y[4000::2] = -0.5
    (path,) = Page(audio_html(y, 8000)).find("path")
    points = np.array([p.split(",") for p in re.findall(r"[\d.]+,-?[\d.]+", path["d"])], float)
    left, right = points[points[:, 0] < 395], points[points[:, 0] > 405]
    assert np.abs(left[:, 1]).max() < 0.02
    assert right[:, 1].min() == pytest.approx(-1) and right[:, 1].max() == pytest.approx(1.01)


@pytest.mark.slow
@pytest.mark.parametrize("seconds", [60, 700])
def test_long_sounds_travel_small(seconds):
    rng = np.random.default_rng(0)
    text = audio_html(0.1 * rng.standard_normal(seconds * 8000), 8000)
    page = Page(text)
    assert "audio/mpeg" in text and len(text) < 8e6
    assert embedded_audio(page).duration == pytest.approx(min(seconds, 600), abs=0.2)
    assert ("the first ten minutes" in page.text) == (seconds > 600)


def test_one_sample_and_silence_can_be_shown():
    for y in (np.array([0.5]), np.zeros(100)):
        assert Page(audio_html(y, 22050)).find("svg")


def test_a_piano_roll_has_a_bar_a_note():
    notes = Notes([0, 0.5, 1.0], [0.5, 1.0, 1.5], [60, 64, 67], [127, 64, 1], [0, 0, 40])
    page = Page(notes_html(notes, *notes.render()))
    bars = [r for r in page.find("rect") if r["fill"] != "currentColor"]
    assert len(bars) == 3
    assert [float(r["x"]) for r in bars] == [0, 0.5, 1.0]
    heights = [float(r["y"]) for r in bars]
    assert heights[0] - heights[1] == 4 and heights[1] - heights[2] == 3
    assert len({r["fill"] for r in bars}) == 2
    assert "C4" in page.text and "E4, 0.50 to 1.00 s" in page.text
    assert embedded_audio(page).duration > 1.5


def test_a_chord_lane_names_its_chords():
    chords = Segments([[0, 2], [2, 3], [3, 4]], ["C:maj", "N", "<b>:7"])
    page = Page(segments_html(chords.intervals, chords.labels))
    blocks = [a for a in page.find("span") if a.get("role") == "listitem"]
    assert [b["title"].split(",")[0] for b in blocks] == ["C:maj", "N", "<b>:7"]
    assert "left:50.000%;width:25.000%" in blocks[1]["style"]


def test_nothing_is_shown_as_nothing():
    assert "no notes" in Notes.empty()._repr_html_()
    assert "no segments" in Segments([], [])._repr_html_()


def test_a_player_carries_its_title():
    sound = Audio(np.linspace(-0.1, 0.1, 22050), 22050)
    shown = sound.player("A <ramp>")._repr_html_()
    page = Page(shown)
    (player,) = page.find("audio")
    assert player["aria-label"] == "A <ramp>" and "A <ramp>" in page.text
    assert shown == audio_html(*sound, title="A <ramp>")


def test_the_values_show_themselves():
    for value in (Audio(np.zeros(100), 100), Notes([0], [1], [60]), Segments([[0, 1]], ["a"])):
        assert value._repr_html_().startswith("<figure")
