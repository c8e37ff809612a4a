"""Digital signal processing: synthesis, analysis and restoration of audio signals.

The code of chapter 1: waveforms and noise, the Fourier transform and its windows, convolution and
filters, sampling and quantisation, envelopes, loudness, and the removal of hum, clicks and noise.
Functions on arrays take and return one-dimensional float64 numpy arrays and favour readability;
functions on recordings take and return `Audio`. Invalid arguments raise `AudioError`.
"""

from .cleaning import remove_clicks, remove_dc, remove_hum
from .convolution import convolve, overlap_add
from .denoising import spectral_gate, spectral_subtraction, wiener
from .envelopes import adsr, envelope_follower
from .filters import (
    biquad,
    filter_biquad,
    frequency_response,
    from_poles_and_zeros,
    is_stable,
    poles_and_zeros,
)
from .fir import fir_highpass, fir_lowpass
from .fourier import amplitude_spectrum, dft, fft, fft_frequencies, ifft
from .levels import amplitude_to_db, db_to_amplitude, rms, scale_to_snr, si_sdr
from .loudness import integrated_loudness, k_weighting
from .noise_estimate import noise_power
from .sampling import alias_frequency, quantization_snr, quantize, resample
from .signals import (
    chirp,
    harmonic_tone,
    noise,
    partial_amplitudes,
    sample_times,
    sawtooth,
    sine,
    square,
    triangle,
)
from .windows import side_lobe_level, window, window_response

__all__ = [
    "adsr",
    "alias_frequency",
    "amplitude_spectrum",
    "amplitude_to_db",
    "biquad",
    "chirp",
    "convolve",
    "db_to_amplitude",
    "dft",
    "envelope_follower",
    "fft",
    "fft_frequencies",
    "filter_biquad",
    "fir_highpass",
    "fir_lowpass",
    "frequency_response",
    "from_poles_and_zeros",
    "harmonic_tone",
    "ifft",
    "integrated_loudness",
    "is_stable",
    "k_weighting",
    "noise",
    "noise_power",
    "overlap_add",
    "partial_amplitudes",
    "poles_and_zeros",
    "quantization_snr",
    "quantize",
    "remove_clicks",
    "remove_dc",
    "remove_hum",
    "resample",
    "rms",
    "sample_times",
    "sawtooth",
    "scale_to_snr",
    "si_sdr",
    "side_lobe_level",
    "sine",
    "spectral_gate",
    "spectral_subtraction",
    "square",
    "triangle",
    "wiener",
    "window",
    "window_response",
]
