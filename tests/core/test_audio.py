"""`Audio`: files are read as they were written, and bad input is refused."""

import struct
import time
import tracemalloc
import zipfile

import librosa
import numpy as np
import pytest
import soundfile
from hypothesis import given
from hypothesis import strategies as st

from mirlab.core import Audio, AudioError, AudioWarning


def tone(seconds=1.0, sr=22050, hz=440.0, channels=1, level=0.5):
    t = np.arange(round(seconds * sr)) / sr
    return Audio(np.tile(level * np.sin(2 * np.pi * hz * t), (channels, 1)), sr)


@given(
    st.integers(1, 3),
    st.integers(3, 5000),
    st.sampled_from([8000, 22050, 44100, 192000]),
    st.integers(0, 2**32 - 1),
)
def test_wav_round_trip_is_exact_and_flac_to_24_bits(tmp_path_factory, channels, samples, sr, seed):
    y = np.random.default_rng(seed).uniform(-1, 1, (channels, samples)).astype(np.float32)
    folder = tmp_path_factory.mktemp("audio")
    wav = Audio.load(Audio(y, sr).save(folder / "a.wav"))
    flac = Audio.load(Audio(y, sr).save(folder / "a.flac"))
    assert (wav.sr, flac.sr) == (sr, sr)
    np.testing.assert_array_equal(wav.y, y)
    np.testing.assert_allclose(flac.y, y, atol=2**-23)


@pytest.mark.parametrize("suffix", [".ogg", ".mp3"])
def test_lossy_formats_keep_pitch_level_and_length(tmp_path, suffix):
    sound = tone(2.0, 44100, channels=2)
    again = Audio.load(sound.save(tmp_path / f"a{suffix}"))
    assert again.channels == 2 and abs(again.duration - 2.0) < 0.06
    middle = again.slice(0.5, 1.5).y[0]
    spectrum = np.abs(np.fft.rfft(middle * np.hanning(middle.size)))
    assert spectrum.argmax() * again.sr / middle.size == pytest.approx(440, abs=1)
    assert np.sqrt(np.mean(middle**2)) == pytest.approx(0.5 / np.sqrt(2), rel=0.03)


def test_a_minute_of_stereo_vorbis_is_written(tmp_path):
    rng = np.random.default_rng(0)
    sound = Audio(0.1 * rng.standard_normal((2, 60 * 44100)), 44100)
    assert Audio.load(sound.save(tmp_path / "long.ogg")).duration == pytest.approx(60, abs=0.01)


@pytest.mark.parametrize("suffix", [".flac", ".ogg", ".mp3"])
def test_blocks_and_offsets_give_the_samples_of_one_long_read(tmp_path, suffix):
    rng = np.random.default_rng(0)
    path = Audio(0.1 * rng.standard_normal((2, 5 * 44100)), 44100).save(tmp_path / f"a{suffix}")
    whole = soundfile.read(path, dtype="float32")[0].T
    np.testing.assert_array_equal(Audio.load(path).y, whole)
    for offset in (0.1, 1.0, 3.3):
        part = Audio.load(path, offset=offset, duration=1.0)
        np.testing.assert_array_equal(part.y, Audio(whole, 44100).slice(offset, offset + 1).y)


def test_bytes_load_like_the_file(tmp_path):
    path = tone().save(tmp_path / "a.flac")
    np.testing.assert_array_equal(Audio.load(path.read_bytes()).y, Audio.load(path).y)


def test_librosas_form():
    y, sr = tone()
    assert y.shape == (22050,) and sr == 22050
    y, sr = tone(channels=2)
    assert y.shape == (2, 22050)
    np.testing.assert_array_equal(Audio(*tone()).y, tone().y)


def test_load_agrees_with_librosa(tmp_path):
    path = tone(1.5, 44100, channels=2).save(tmp_path / "a.wav")
    theirs, _ = librosa.load(path, sr=22050, mono=True, offset=0.25, duration=1.0)
    ours = Audio.load(path, sr=22050, mono=True, offset=0.25, duration=1.0)
    assert ours.samples == theirs.size
    np.testing.assert_allclose(ours.y[0], theirs, atol=1e-4)


def test_resampling_in_blocks_equals_resampling_at_once(tmp_path):
    sound = tone(3.0, 48000, 1000)
    path = sound.save(tmp_path / "a.wav")
    once, blocks = sound.resample(16000), Audio.load(path, sr=16000)
    assert once.samples == blocks.samples == 48000
    np.testing.assert_allclose(blocks.y, once.y, atol=1e-4)
    assert sound.resample(48000) is sound


def test_mixing_pads_and_broadcasts():
    short, long = tone(0.5), tone(1.0, channels=2, hz=660)
    mixed = short + long
    assert (mixed.channels, mixed.samples) == (2, 22050)
    np.testing.assert_allclose(mixed.y[1, :11025], short.y[0] + long.y[1, :11025])
    np.testing.assert_array_equal(mixed.y[:, 11025:], long.y[:, 11025:])
    with pytest.raises(AudioError, match="22050 Hz with 44100 Hz"):
        _ = tone() + tone(sr=44100)
    with pytest.raises(AudioError, match="2 channels with 3"):
        _ = tone(channels=2) + tone(channels=3)


def test_slices_join_to_the_whole():
    sound = tone(1.0)
    halves = [sound.slice(0, 0.4).y, sound.slice(0.4, 9).y]
    np.testing.assert_array_equal(np.hstack(halves), sound.y)
    with pytest.raises(AudioError, match="no sample between"):
        sound.slice(2, 3)


def test_mono_is_the_mean():
    np.testing.assert_allclose(
        Audio(np.array([[1.0, 0.0], [0.0, 0.5]]), 100).mono().y, [[0.5, 0.25]]
    )


@pytest.mark.parametrize(
    ("y", "sr", "reason"),
    [
        (np.zeros(0), 22050, "shape"),
        (np.zeros((2, 2, 2)), 22050, "shape"),
        (np.zeros(4, np.int16), 22050, "divide integers"),
        (np.array([0.0, np.nan]), 22050, "NaN"),
        (np.array([0.0, np.inf]), 22050, "infinity"),
        (np.array([0.0, 3e38]), 22050, "reach 3e"),
        (np.zeros(4), 0, "sampling rate"),
        (np.zeros(4), 22050.5, "sampling rate"),
        (np.zeros(4), "44100", "sampling rate"),
        (np.zeros(4), 1, "sampling rate"),
        (np.zeros(4), 2**31, "sampling rate"),
        (np.zeros(4), float("nan"), "sampling rate"),
        (np.zeros((44100, 2)), 44100, "pass y.T"),
        (np.zeros((65, 100)), 44100, "pass y.T"),
    ],
)
def test_senseless_arrays_are_refused(y, sr, reason):
    with pytest.raises(AudioError, match=reason):
        Audio(y, sr)


def nan_wav(path):
    soundfile.write(path, np.array([0.0, np.nan, 0.1]), 22050, subtype="FLOAT")


def empty_wav(path):
    soundfile.write(path, np.zeros(0), 22050)


def text_file(path):
    path.write_text("this is a shopping list\n" * 50)


def zip_file(path):
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("a.txt", "x" * 1000)


def no_bytes(path):
    path.write_bytes(b"")


@pytest.mark.parametrize(
    "make", [nan_wav, empty_wav, text_file, zip_file, no_bytes, lambda p: None]
)
def test_what_is_not_audio_is_refused_with_its_name(tmp_path, make):
    path = tmp_path / "song.wav"
    make(path)
    with pytest.raises(AudioError, match=r"song\.wav: "):
        Audio.load(path)


def test_a_folder_is_refused(tmp_path):
    with pytest.raises(AudioError, match="is not a file"):
        Audio.load(tmp_path)


def test_a_raw_suffix_is_refused(tmp_path):
    (tmp_path / "a.raw").write_bytes(bytes(100))
    with pytest.raises(AudioError, match=r"a\.raw: is not a sound"):
        Audio.load(tmp_path / "a.raw")


@pytest.mark.parametrize(
    "options",
    [
        {"offset": -1},
        {"offset": 5},
        {"offset": float("nan")},
        {"offset": "1"},
        {"duration": 0},
        {"duration": float("inf")},
        {"sr": 0},
        {"sr": -3},
        {"sr": 2**31},
        {"sr": float("nan")},
    ],
)
def test_senseless_parts_are_refused(tmp_path, options):
    with pytest.raises(AudioError, match=r"a\.wav: "):
        Audio.load(tone().save(tmp_path / "a.wav"), **options)


def test_one_sample_loads(tmp_path):
    sound = Audio.load(Audio(np.array([0.5]), 44100).save(tmp_path / "one.wav"))
    assert sound.samples == 1 and sound.y[0, 0] == 0.5
    with pytest.raises(AudioError, match="no samples at 100 Hz"):
        Audio.load(tmp_path / "one.wav", sr=100)


@pytest.mark.parametrize("suffix", [".flac", ".mp3"])
def test_a_truncated_file_gives_its_beginning_with_a_warning(tmp_path, suffix):
    rng = np.random.default_rng(0)
    sound = Audio(0.1 * rng.standard_normal(10 * 44100), 44100)
    data = sound.save(tmp_path / f"a{suffix}").read_bytes()
    cut = tmp_path / f"cut{suffix}"
    cut.write_bytes(data[: len(data) // 2])
    with pytest.warns(AudioWarning, match=r"cut.* is truncated; [45]\.\d+ s of 10\.\d+ s could"):
        part = Audio.load(cut)
    assert 4 < part.duration < 6
    if suffix == ".flac":
        np.testing.assert_allclose(part.y, sound.y[:, : part.samples], atol=2**-23)


def test_a_file_truncated_to_nothing_is_refused(tmp_path):
    for suffix, size in ((".flac", 200), (".mp3", 900)):
        data = tone(10.0, 44100).save(tmp_path / f"a{suffix}").read_bytes()
        cut = tmp_path / f"cut{suffix}"
        cut.write_bytes(data[:size])
        with pytest.raises(AudioError, match=rf"cut\{suffix}: is "):
            Audio.load(cut)


def wav_header(channels, sr, data_bytes, actual):
    frame = 4 * channels
    fmt = struct.pack("<HHIIHH", 3, channels, sr, (sr * frame) % 2**32, frame % 2**16, 32)
    head = b"RIFF" + struct.pack("<I", 36 + data_bytes) + b"WAVEfmt " + struct.pack("<I", 16) + fmt
    return head + b"data" + struct.pack("<I", data_bytes) + bytes(actual)


@pytest.mark.parametrize(
    "data",
    [
        wav_header(900, 22050, 3600, 3600),
        wav_header(1, 1, 400_000, 400_000),  # 27 hours of one sample a second
        b"RIFF" + bytes(5000),
        b"OggS" + bytes(range(256)) * 20,
        b"\xff\xfb\x90\x00" + bytes(5000),
    ],
    ids=["900 channels", "1 Hz", "riff", "ogg", "mp3"],
)
def test_hostile_files_end_soon_and_small(tmp_path, data):
    path = tmp_path / "hostile.wav"
    path.write_bytes(data)
    tracemalloc.start()
    start = time.process_time()
    try:
        with pytest.raises(AudioError, match=r"hostile\.wav: "):
            Audio.load(path, sr=22050)
    finally:
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
    assert time.process_time() - start < 1
    assert peak < 20e6


def test_a_wav_that_claims_13_hours_gives_the_samples_it_has(tmp_path):
    (tmp_path / "a.wav").write_bytes(wav_header(1, 22050, 2**32 - 1000, 400))
    assert Audio.load(tmp_path / "a.wav").samples == 100


@pytest.mark.slow
def test_three_hours_load_in_memory_of_their_size(tmp_path):
    hour = np.zeros((3600 * 8000, 1), np.float32)
    with soundfile.SoundFile(tmp_path / "long.flac", "w", 8000, 1) as file:
        for _ in range(3):
            file.write(hour)
    sound = Audio.load(tmp_path / "long.flac", sr=4000)
    assert sound.duration == pytest.approx(3 * 3600, abs=0.01)
    part = Audio.load(tmp_path / "long.flac", offset=2 * 3600, duration=1.0)
    assert part.samples == 8000


def test_saving_is_all_or_nothing(tmp_path):
    path = tmp_path / "a.wav"
    path.write_text("precious")
    with pytest.raises(AudioError, match="suffix must be one of"):
        tone().save(tmp_path / "a.aiff")
    with pytest.raises(AudioError, match="5: is not the name of a file"):
        tone().save(5)
    with pytest.raises(AudioError, match="does not exist"):
        tone().save(tmp_path / "nowhere" / "a.wav")
    with pytest.raises(AudioError, match="MP3 cannot hold 3 channel"):
        tone(channels=3).save(tmp_path / "a.mp3")
    assert [p.name for p in tmp_path.iterdir()] == ["a.wav"] and path.read_text() == "precious"
    tone().save(path)
    assert Audio.load(path).samples == 22050 and len(list(tmp_path.iterdir())) == 1


def test_clipping_is_said(tmp_path):
    loud = tone(level=1.5)
    with pytest.warns(AudioWarning, match=r"peak of 1\.50 is clipped"):
        loud.save(tmp_path / "a.flac")
    assert Audio.load(tmp_path / "a.flac").y.max() <= 1
    assert Audio.load(loud.save(tmp_path / "a.wav")).y.max() == pytest.approx(1.5, abs=1e-3)


@pytest.mark.parametrize(
    "sound",
    [
        Audio(np.zeros((3, 8000)), 8000),
        Audio(np.clip(4 * tone(0.5, 192000).y, -1, 1), 192000),
        Audio(tone(0.05).y + 0.3, 22050),
    ],
    ids=["three silent channels at 8 kHz", "clipped at 192 kHz", "0.05 s, DC"],
)
def test_odd_sounds_survive_the_trip(tmp_path, sound):
    again = Audio.load(sound.save(tmp_path / "a.flac"), sr=22050, mono=True)
    assert again.duration == pytest.approx(sound.duration, abs=1e-3)
    assert float(again.y.mean()) == pytest.approx(float(sound.y.mean()), abs=2e-3)
