"""Calls of the functions of `mirlab.dsp`, and what their errors say."""

from __future__ import annotations

import numpy as np

from mirlab import dsp
from mirlab.core import AudioError
from tests.bad_arguments import AUDIO, Calls, Messages

ROOMS = ("dsp",)
Y = np.sin(np.arange(256.0))
TONE = {"frequency": 20.0, "sr": 100}  # a low rate, for a random duration may be long
FILTER = {"b": [1.0, 0.0, 0.0], "a": [1.0, -0.5, 0.0]}
CALLS: Calls = {
    dsp.adsr: {"attack": 0.1, "decay": 0.1, "sustain": 0.5, "release": 0.1, "sr": 100},
    dsp.alias_frequency: {"frequency": [440.0], "sr": 100},
    dsp.amplitude_spectrum: {"y": Y},
    dsp.amplitude_to_db: {"amplitude": Y},
    dsp.biquad: {"kind": "peak", "frequency": 440.0},
    dsp.chirp: {"fmin": 10.0, "fmax": 40.0, "sr": 100},
    dsp.convolve: {"y": Y, "h": Y[:9]},
    dsp.db_to_amplitude: {"db": Y},
    dsp.dft: {"y": Y},
    dsp.envelope_follower: {"y": Y},
    dsp.fft: {"y": Y},
    dsp.fft_frequencies: {},
    dsp.filter_biquad: FILTER | {"y": Y},
    dsp.fir_highpass: {"cutoff": 440.0},
    dsp.fir_lowpass: {"cutoff": 440.0},
    dsp.frequency_response: FILTER | {"frequencies": [0.0, 440.0]},
    dsp.from_poles_and_zeros: {"poles": [0.5j, -0.5j], "zeros": [1.0, -1.0]},
    dsp.harmonic_tone: TONE | {"amplitudes": [1.0, 0.5]},
    dsp.ifft: {"spectrum": Y + 0j},
    dsp.integrated_loudness: {"audio": AUDIO},
    dsp.is_stable: {"a": FILTER["a"]},
    dsp.k_weighting: {"sr": 22050},
    dsp.noise: {"sr": 100},
    dsp.noise_power: {"audio": AUDIO},
    dsp.overlap_add: {"y": Y, "h": Y[:9]},
    dsp.partial_amplitudes: {"shape": "triangle", "n": 9},
    dsp.poles_and_zeros: FILTER,
    dsp.quantization_snr: {"bits": 16},
    dsp.quantize: {"y": Y, "bits": 8, "dither": True},
    dsp.remove_clicks: {"audio": AUDIO},
    dsp.remove_dc: {"audio": AUDIO},
    dsp.remove_hum: {"audio": AUDIO},
    dsp.resample: {"y": Y, "orig_sr": 100, "target_sr": 150},
    dsp.rms: {"y": Y},
    dsp.sample_times: {"sr": 100},
    dsp.sawtooth: TONE,
    dsp.scale_to_snr: {"y": Y, "noise": Y, "snr": 10.0},
    dsp.si_sdr: {"reference": Y, "estimate": Y},
    dsp.side_lobe_level: {"w": dsp.window("hann", 64)},
    dsp.sine: TONE,
    dsp.spectral_gate: {"audio": AUDIO, "noise": AUDIO},
    dsp.spectral_subtraction: {"audio": AUDIO, "noise": AUDIO},
    dsp.square: TONE,
    dsp.triangle: TONE,
    dsp.wiener: {"audio": AUDIO, "noise": AUDIO},
    dsp.window: {"name": "kaiser", "n": 64},
    dsp.window_response: {"w": dsp.window("hann", 64), "bins": [0.5, 1.5]},
}
MESSAGES: Messages = [
    (lambda: dsp.sine("440"), AudioError, "frequency must be numbers, not '440'"),
    (lambda: dsp.sine(440, duration=1e9), AudioError, "22050000000000 samples"),
    (lambda: dsp.biquad(["peak"], 440), AudioError, "kind must be one of lowpass"),
    (lambda: dsp.window("hann", 2.5), AudioError, "n must be an integer of at least 1, not 2.5"),
    (lambda: dsp.quantize([0.5], None), AudioError, "bits must be numbers, not None"),
]
