"""Audio files are read to their real end, whatever their header says; see `core.audio_reading`."""

import io
import struct
import warnings

import numpy as np
import pytest
import soundfile
from hypothesis import given
from hypothesis import strategies as st

from mirlab.core import Audio, AudioError, AudioWarning, mp3_frames
from mirlab.core.audio_containers import page_checksum

SR = 22050
RNG = np.random.default_rng(0)
NOISE = (0.1 * RNG.standard_normal(3 * SR)).astype(np.float32)


def encoded(y=NOISE, sr=SR, form="WAV", subtype=None):
    buffer = io.BytesIO()
    soundfile.write(buffer, y, sr, format=form, subtype=subtype)
    return buffer.getvalue()


def mp3(y=NOISE, sr=SR, *, header=True):
    """An MP3 of variable bit rate, with or without the frame that states their number."""
    data = encoded(y, sr, "MP3")
    if header:
        return data
    (run,) = mp3_frames.parse_runs(data)
    return data[run.first + frame_length(data, run.first) :]


def frame_length(data, position):
    return mp3_frames._frame_length(data[position : position + 4])


def patched(data, position, value):
    return data[:position] + value + data[position + len(value) :]


def seconds(data, **options):
    """Duration of the sound that loads, which must do so without a warning."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        return Audio.load(data, **options).duration


@pytest.mark.parametrize("sr", [8000, 22050, 44100, 48000])
@pytest.mark.parametrize("header", [True, False], ids=["Xing", "none"])
def test_an_mp3_is_as_long_as_its_frames(sr, header):
    """Of variable bit rate: loud, then silent, so that any estimate from the first frame is off."""
    y = np.concatenate([0.3 * RNG.standard_normal(sr), np.zeros(3 * sr)])
    data = mp3(y, sr, header=header)
    tagged = b"ID3\x03\x00\x00\x00\x00\x40\x00" + bytes(8192) + data + b"TAG" + bytes(125)
    for whole in (data, tagged):
        assert seconds(whole) == pytest.approx(4, abs=0.15)
        assert seconds(whole, offset=3.5, duration=0.5) == pytest.approx(0.5)
    with pytest.raises(AudioError, match="beyond its end"):
        Audio.load(data, offset=9)


def test_an_mp3_without_header_has_the_samples_of_one_with_it():
    y = 0.5 * np.sin(2 * np.pi * 440 * np.arange(4 * SR) / SR)
    sound = Audio.load(mp3(y, header=False))
    part = Audio.load(mp3(y, header=False), offset=2, duration=1)
    np.testing.assert_allclose(part.y, sound.slice(2, 3).y, atol=1e-6)
    middle = sound.y[0, SR : 3 * SR]
    assert np.sqrt(np.mean(middle**2)) == pytest.approx(0.5 / np.sqrt(2), rel=0.02)


def test_joined_mp3s_are_read_one_after_the_other():
    tones = [0.5 * np.sin(2 * np.pi * hz * np.arange(2 * SR) / SR) for hz in (440, 660)]
    joined = mp3(tones[0]) + b"ID3\x03\x00\x00\x00\x00\x01\x00" + bytes(128) + mp3(tones[1])
    with pytest.warns(AudioWarning, match=r"states 2\.\d\d s; all 4\.\d\d s are read"):
        sound = Audio.load(joined)
    assert sound.duration == pytest.approx(4, abs=0.1)
    for start, hz in ((0.5, 440), (2.5, 660)):
        y = sound.slice(start, start + 1).y[0]
        assert np.abs(np.fft.rfft(y)).argmax() == pytest.approx(hz, abs=2)
    second = Audio.load(joined, offset=2.5, duration=1.0)
    np.testing.assert_allclose(second.y, sound.slice(2.5, 3.5).y, atol=1e-4)


@pytest.mark.parametrize("channels", [1, 2])
def test_a_joined_file_may_go_on_in_another_rate_and_number_of_channels(channels):
    other = np.tile(NOISE[:44100, None], (1, 3 - channels))
    for first, second in (
        (mp3(np.tile(NOISE[:, None], (1, channels))), mp3(other, 44100)),
        (
            encoded(np.tile(NOISE[:, None], (1, channels)), form="OGG"),
            encoded(other, 44100, form="OGG"),
        ),
    ):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", AudioWarning)
            sound = Audio.load(first + second)
        assert (sound.sr, sound.channels) == (SR, channels)
        assert sound.duration == pytest.approx(4, abs=0.1)


@pytest.mark.parametrize("subtype", ["VORBIS", "OPUS"])
def test_a_chained_ogg_is_read_to_its_end(subtype):
    sr = 48000 if subtype == "OPUS" else SR
    parts = [encoded(y, sr, "OGG", subtype) for y in (NOISE[:sr], NOISE[-sr // 2 :])]
    assert seconds(b"".join(parts)) == pytest.approx(1.5, abs=0.01)
    whole = np.concatenate([Audio.load(part).y for part in parts], axis=1)
    np.testing.assert_array_equal(Audio.load(b"".join(parts)).y, whole)
    np.testing.assert_array_equal(
        Audio.load(b"".join(parts), offset=1.1, duration=0.2).y, Audio(whole, sr).slice(1.1, 1.3).y
    )


@pytest.mark.parametrize("samples", [0, 1000, 2**36 - 1], ids=["unknown", "too few", "too many"])
def test_a_flac_is_read_to_its_end_whatever_it_states(samples):
    data = encoded(form="FLAC", subtype="PCM_16")
    total = bytes([data[21] & 0xF0 | samples >> 32]) + (samples & 0xFFFFFFFF).to_bytes(4, "big")
    expected = {1000: "states 0.05 s; all 3.00 s", 2**36 - 1: "truncated; 3.00 s of"}
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        sound = Audio.load(patched(data, 21, total))
    np.testing.assert_array_equal(sound.y, Audio.load(data).y)
    assert len(caught) == (samples in expected)
    assert all(expected[samples] in str(warning.message) for warning in caught)


@pytest.mark.parametrize("stated", [0, 1, 0x7FFFFFFF, 0xFFFFFFFF])
def test_a_streamed_wav_is_read_to_its_end(stated):
    data = encoded(subtype="FLOAT")
    size = data.index(b"data") + 4
    streamed = patched(patched(data, size, struct.pack("<I", stated)), 4, struct.pack("<I", stated))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore" if stated == 1 else "error")
        sound = Audio.load(streamed)
    np.testing.assert_array_equal(sound.y[0], NOISE)
    if stated == 1:
        with pytest.warns(AudioWarning, match=r"states 0\.00 s; all 3\.00 s"):
            Audio.load(streamed)


def test_chunks_after_the_samples_are_no_samples():
    data = encoded(subtype="PCM_16")
    tag = b"LIST" + struct.pack("<I", 6) + b"INFOxy"
    assert seconds(data + tag) == seconds(data + bytes(100)) == 3


CUT = {
    "WAV": encoded(subtype="PCM_16"),
    "AIFF": encoded(form="AIFF", subtype="PCM_16"),
    "W64": encoded(form="W64", subtype="PCM_16"),
    "RF64": encoded(form="RF64", subtype="PCM_16"),
    "CAF": encoded(form="CAF", subtype="PCM_16"),
    "FLAC": encoded(form="FLAC"),
    "OGG": encoded(form="OGG"),
    "MP3": encoded(form="MP3"),
    "MP3 without header": mp3(header=False),
}


@given(st.sampled_from(sorted(CUT)), st.floats(0, 0.999))
def test_a_file_cut_anywhere_warns_or_is_refused(form, part):
    """Never a part of the sound without a word."""
    data = CUT[form][: int(part * len(CUT[form]))]
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        try:
            sound = Audio.load(data)
        except AudioError:
            return
    if form != "MP3 without header":  # cut between two frames, it is just a shorter file
        assert any("truncated" in str(warning.message) for warning in caught), len(data)
    assert sound.duration <= 3.2
    if form in ("WAV", "FLAC"):
        whole = Audio.load(CUT[form]).y
        np.testing.assert_array_equal(sound.y, whole[:, : sound.samples])


def test_most_of_a_cut_ogg_is_kept():
    data = CUT["OGG"]
    with pytest.warns(AudioWarning, match="truncated"):
        sound = Audio.load(data[: int(0.7 * len(data))])
    assert 1 < sound.duration < 2.2


def test_an_mp3_may_begin_after_other_bytes():
    data = mp3()
    noise = RNG.integers(0, 256, 300, np.uint8).tobytes()
    for before in (bytes(5000), noise):
        np.testing.assert_array_equal(Audio.load(before + data).y, Audio.load(data).y)


def test_an_mp3_goes_on_after_damaged_bytes():
    data = mp3()
    middle = len(data) // 2
    damaged = data[:middle] + RNG.integers(0, 256, 3000, np.uint8).tobytes() + data[middle:]
    with pytest.warns(AudioWarning, match="truncated"):
        sound = Audio.load(damaged)
    assert sound.duration == pytest.approx(3, abs=0.2)


def test_an_mp3_cut_within_a_frame_ends_without_noise():
    tone = mp3(0.5 * np.sin(2 * np.pi * 440 * np.arange(3 * SR) / SR))
    for cut in (50, 100, 150, 200):
        with pytest.warns(AudioWarning, match="truncated"):
            end = Audio.load(tone[:-cut]).y[0, -2000:]
        assert np.abs(end).max() < 0.6


def test_joined_wavs_are_read_one_after_the_other():
    parts = [encoded(y, subtype="FLOAT") for y in (NOISE, NOISE[:SR], NOISE[SR:])]
    with pytest.warns(AudioWarning, match="all 6"):
        sound = Audio.load(b"".join(parts))
    np.testing.assert_array_equal(sound.y[0], np.concatenate([NOISE, NOISE]))


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (b"\x00\x00\x00\x20ftypM4A " + bytes(5000), "MP4"),
        (b"\xff\xf1\x50\x80\x02\x1f\xfc" + bytes(range(256)) * 20, "AAC"),
        (b"\x1a\x45\xdf\xa3" + bytes(range(256)) * 20, "WebM"),
        (bytes.fromhex("3026b2758e66cf11a6d900aa0062ce6c") + bytes(5000), "wma"),
    ],
    ids=["m4a", "aac", "webm", "wma"],
)
def test_a_format_that_is_not_decoded_is_named_with_the_command_that_converts_it(
    tmp_path, data, kind
):
    path = tmp_path / "song.mp3"
    path.write_bytes(data)
    with pytest.raises(AudioError, match=rf"song\.mp3: is .*{kind}.*ffmpeg -i .*song\.mp3"):
        Audio.load(path)


def test_noise_behind_an_mp3_header_is_refused():
    data = mp3()[: 3 * 1044] + RNG.integers(0, 256, 400_000, np.uint8).tobytes()
    with pytest.raises(AudioError, match="frames are damaged"):
        Audio.load(b"ID3\x03\x00\x00\x00\x00\x00\x00" + data)


def test_a_format_that_cannot_seek_gives_its_excerpts():
    data = encoded(NOISE[:16000], 8000, "WAV", "GSM610")
    whole = Audio.load(data)
    part = Audio.load(data, offset=1, duration=0.5)
    np.testing.assert_array_equal(part.y, whole.slice(1, 1.5).y)


def test_open_files_and_views_load_like_bytes():
    data = encoded()
    for source in (io.BytesIO(data), bytearray(data), memoryview(data)):
        np.testing.assert_array_equal(Audio.load(source).y, Audio.load(data).y)
    with pytest.raises(AudioError, match="binary mode"):
        Audio.load(io.StringIO("text"))
    for source in (None, 5, ["a.wav"]):
        with pytest.raises(AudioError, match="must be a path"):
            Audio.load(source)


def test_channels_that_cancel_are_not_averaged():
    y = np.stack([NOISE, -NOISE + 1e-3 * RNG.standard_normal(NOISE.size)])
    data = encoded(y.T, subtype="FLOAT")
    for sound in (lambda: Audio(y, SR).mono(), lambda: Audio.load(data, mono=True)):
        with pytest.warns(AudioWarning, match="cancel each other out"):
            mono = sound()
        np.testing.assert_allclose(mono.y[0], NOISE, atol=1e-6)
    stereo = np.stack([NOISE, np.roll(NOISE, 1000)])  # uncorrelated: half the power is left
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert Audio(stereo, SR).mono().y.std() == pytest.approx(NOISE.std() / np.sqrt(2), rel=0.05)
        Audio(np.zeros((2, 100)), SR).mono()  # silence cancels nothing


KINDS = {
    "au": ("AU", "PCM_16"),
    "flac": ("FLAC", "PCM_16"),
    "vorbis": ("OGG", "VORBIS"),
    "aiff": ("AIFF", "PCM_16"),
}


@pytest.mark.parametrize("kind", list(KINDS))
def test_short_excerpts_near_the_beginning_are_whole(kind):
    """An excerpt that ends within the file says nothing about the file's end."""
    data = encoded(form=KINDS[kind][0], subtype=KINDS[kind][1])
    whole = Audio.load(data)
    for start in (0.0003, 0.013, 1.1):
        assert seconds(data, offset=start, duration=0.07) == pytest.approx(0.07, abs=1e-4)
        part = Audio.load(data, offset=start, duration=0.07)
        first = round(start * SR)
        np.testing.assert_allclose(part.y, whole.y[:, first : first + part.samples], atol=1e-5)


@pytest.mark.parametrize("kind", list(KINDS))
@pytest.mark.parametrize("missing", [1, 5, 300, 5000])
def test_what_is_missing_at_the_end_is_told(kind, missing):
    data = encoded(form=KINDS[kind][0], subtype=KINDS[kind][1])
    with pytest.warns(AudioWarning, match="is truncated"):
        Audio.load(data[:-missing])


def test_an_ogg_whose_second_part_hardly_began_is_truncated():
    data = encoded(form="OGG")
    for more in (data[:20], data[:40]):
        with pytest.warns(AudioWarning, match="is truncated"):
            assert Audio.load(data + more).duration == pytest.approx(3, abs=0.01)
    assert seconds(data + b"TAG" + bytes(125)) == pytest.approx(3, abs=0.01)


@pytest.mark.parametrize("subtype", ["VORBIS", "OPUS"])
def test_a_damaged_ogg_page_is_told(subtype):
    """libogg passes over a page with a wrong checksum without a word."""
    data = bytearray(encoded(sr=24000, form="OGG", subtype=subtype))
    data[len(data) // 2] ^= 0x55
    with pytest.warns(AudioWarning, match="could be decoded"):
        Audio.load(bytes(data))


def test_the_checksum_of_a_page_is_that_of_libogg():
    data = encoded(form="OGG")
    assert page_checksum(data[:58]) == struct.unpack("<I", data[22:26])[0]


def test_a_cut_first_part_does_not_swallow_the_second():
    data = encoded(form="OGG")
    with pytest.warns(AudioWarning, match="could be decoded"):
        assert Audio.load(data[: len(data) // 2] + data).duration > 3.5


def test_a_flac_with_tags_of_an_mp3_is_read():
    data = encoded(form="FLAC")
    tagged = b"ID3\x03\x00\x00\x00\x00\x40\x00" + bytes(8192) + data + b"TAG" + b"x" * 125
    assert seconds(tagged) == 3
    np.testing.assert_array_equal(Audio.load(tagged).y, Audio.load(data).y)


def test_of_channels_that_cancel_a_loud_one_is_used():
    silence = np.zeros_like(NOISE)
    sound = Audio(np.stack([silence, NOISE, -NOISE]), SR)
    with pytest.warns(AudioWarning, match="one of them is used"):
        np.testing.assert_array_equal(sound.mono().y[0], NOISE)
    data = encoded(sound.y.T, subtype="FLOAT")
    with pytest.warns(AudioWarning, match="one of them is used"):
        np.testing.assert_array_equal(Audio.load(data, mono=True).y[0], NOISE)
