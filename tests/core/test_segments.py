"""`Segments`: operations on labelled intervals, and `.lab` files."""

import warnings

import mir_eval
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mirlab.core import Segments, SegmentsError

LABELS = st.sampled_from(["C:maj", "A:min", "G:7", "N"])


@st.composite
def segments(draw, gaps=True):
    n = draw(st.integers(0, 12))
    lengths = draw(st.lists(st.integers(1, 5000), min_size=2 * n, max_size=2 * n))
    edges = np.cumsum([0, *lengths]) / 1000
    pairs = np.column_stack([edges[:-1], edges[1:]])
    chosen = pairs[::2] if gaps else pairs[:n]
    return Segments(chosen, draw(st.lists(LABELS, min_size=n, max_size=n)))


def same(a, b):
    return a.labels == b.labels and np.allclose(a.intervals, b.intervals, atol=1e-9)


@given(segments())
def test_lab_round_trip(tmp_path_factory, before):
    path = before.save(tmp_path_factory.mktemp("lab") / "a.lab")
    after = Segments.load(path, chords=True)
    assert same(before, after)
    intervals, labels = mir_eval.io.load_labeled_intervals(str(path)) if len(before) else ([], [])
    assert tuple(labels) == before.labels and np.allclose(intervals, before.intervals.tolist())


@given(segments())
def test_merging_is_idempotent_and_changes_no_label(segments):
    merged = segments.merge()
    assert same(merged, merged.merge())
    assert merged.durations.sum() == pytest.approx(segments.durations.sum())
    t = np.linspace(0, 70, 400)
    assert merged.at(t) == segments.at(t)


@given(segments(), st.floats(0, 30), st.floats(0, 30), st.floats(0, 30), st.floats(0, 30))
def test_cropping_twice_is_cropping_to_the_intersection(segments, a, b, c, d):
    twice = segments.crop(a, b).crop(c, d)
    assert same(twice, segments.crop(max(a, c), max(a, c, min(b, d))))


@given(segments(), st.floats(0, 20), st.floats(0.1, 60))
def test_filling_leaves_no_gap_and_keeps_what_was(segments, start, length):
    full = segments.fill_gaps(start, start + length)
    assert full.intervals[0, 0] == start and full.intervals[-1, 1] == start + length
    np.testing.assert_array_equal(full.intervals[1:, 0], full.intervals[:-1, 1])
    t = np.linspace(start, start + length, 300, endpoint=False)
    assert full.at(t) == segments.at(t)


@given(segments(), st.floats(0, 100))
def test_shifting_there_and_back(segments, seconds):
    assert same(segments, segments.shift(seconds).shift(-seconds))
    t = np.linspace(0.0005, 60, 200)
    assert segments.shift(8).at(t + 8) == segments.at(t)


def test_shifting_before_zero_cuts():
    segments = Segments([[0, 1], [1, 3]], ["a", "b"]).shift(-2)
    assert segments.intervals.tolist() == [[0, 1]] and segments.labels == ("b",)


@pytest.mark.parametrize(
    ("intervals", "labels", "reason"),
    [
        ([[0, 1]], [], "n labels are needed"),
        ([[0, 1, 2]], ["a"], "shape"),
        ([[1, 1]], ["a"], "start < end"),
        ([[-1, 1]], ["a"], "start < end"),
        ([[0, 1], [np.nan, 2]], ["a", "b"], r"segment 2"),
        ([[0, np.inf]], ["a"], "seconds"),
        ([[0, 2], [1, 3]], ["a", "b"], "segment 2 begins before"),
    ],
)
def test_senseless_segments_are_refused(intervals, labels, reason):
    with pytest.raises(SegmentsError, match=reason):
        Segments(intervals, labels)


def test_an_unknown_chord_names_label_and_line(tmp_path):
    path = tmp_path / "song.lab"
    path.write_text("# my chords\n0 1 C:maj\n\n1 2 H:moll\n")
    with pytest.raises(SegmentsError, match=r"song\.lab, line 4: unknown chord 'H:moll'"):
        Segments.load(path, chords=True)
    assert Segments.load(path).labels == ("C:maj", "H:moll")


@pytest.mark.parametrize("line", ["0 1", "a b C:maj", "0.0", "0 C:maj 1"])
def test_a_broken_line_is_named(tmp_path, line):
    path = tmp_path / "song.lab"
    path.write_text(f"0 1 C:maj\n{line}\n")
    with pytest.raises(SegmentsError, match=r"song\.lab, line 2: needs start, end and label"):
        Segments.load(path)


def test_unreadable_files_are_named(tmp_path):
    (tmp_path / "a.lab").write_bytes(b"\xff\xfe\x00")
    for path in (tmp_path / "none.lab", tmp_path, tmp_path / "a.lab"):
        with pytest.raises(SegmentsError, match="cannot be read"):
            Segments.load(path)
    (tmp_path / "b.lab").write_text("0 2 a\n1 3 b\n")
    with pytest.raises(SegmentsError, match=r"b\.lab: segment 2 begins before"):
        Segments.load(tmp_path / "b.lab")


@pytest.mark.parametrize(
    "data",
    [
        b"\xef\xbb\xbf0.0 1.0 C\n1.0 2.0 G:7\n",
        b"0.0 1.0 C\r\n1.0 2.0 G:7\r\n",
        b"0.0\t1.0\tC\r1.0\t2.0\tG:7",
        b"0.0\t 1.0  C \t\n\n\t# remark\n1.0 2.0 G:7",
        "0.0 1.0 C\r\n1.0 2.0 G:7".encode("utf-16"),
        "\ufeff0.0 1.0 C\n1.0 2.0 G:7".encode("utf-16-be"),
    ],
)
def test_text_of_other_systems_is_read(tmp_path, data):
    (tmp_path / "a.lab").write_bytes(data)
    found = Segments.load(tmp_path / "a.lab", chords=True)
    assert found.labels == ("C", "G:7")
    assert found.intervals.tolist() == [[0, 1], [1, 2]]


CHARACTERS = st.characters(codec=None) | st.sampled_from(
    "\n\r\t\x0b\x0c\x1c\x85\u2028\u2029\ufeff #"
)


@given(st.text(CHARACTERS, max_size=6), st.text(CHARACTERS, max_size=3))
def test_a_label_is_read_as_it_was_or_refused_on_saving(tmp_path_factory, first, second):
    before = Segments([[0, 1], [1, 2]], [first, second])
    path = tmp_path_factory.mktemp("lab") / "a.lab"
    try:
        before.save(path)
    except SegmentsError:
        assert not path.exists()
        return
    assert Segments.load(path).labels == before.labels
    assert (
        len(path.read_text("utf-8").splitlines()) == 2
    )  # also for programs that know more of them


@pytest.mark.parametrize(
    "label",
    ["two\nlines", "a\rb", "a\x85b", "a\u2028b", "a\tb", "a\0b", "\ud800", " a", "a ", " ", ""],
)
def test_what_a_lab_file_cannot_hold_is_refused(tmp_path, label):
    with pytest.raises(SegmentsError, match=r"a\.lab: the label .* is empty, has a space"):
        Segments([[0, 1]], [label]).save(tmp_path / "a.lab")
    assert not list(tmp_path.iterdir())


def test_segments_shorter_than_the_file_tells_are_refused(tmp_path):
    with pytest.raises(SegmentsError, match="shorter than a microsecond"):
        Segments([[0, 1e-8]], ["a"]).save(tmp_path / "a.lab")
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("labels", ["CG", None, [1, 2], [b"C", b"G"], [None, "C"], 3])
def test_labels_are_a_list_of_strings(labels):
    with pytest.raises(SegmentsError, match="labels must be a list of strings"):
        Segments([[0, 1], [1, 2]], labels)


def test_a_segment_as_long_as_a_number_can_be_is_written_and_read(tmp_path):
    segments = Segments([[0, 1e308]], ["N"])
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert Segments.load(segments.save(tmp_path / "long.lab")).intervals[0, 1] == 1e308
