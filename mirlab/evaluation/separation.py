"""Metrics for separated stems: BSS Eval v4 and SI-SDR."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import scipy.fft
import scipy.linalg

from ..core.audio import Audio, AudioLike, as_audio
from ..core.checks import require, require_number
from ..core.errors import AudioError

LAGS = 512  # taps of the distortion filters
BLOCK = 2**16  # samples whose correlations are computed at once
RIDGES = (1e-12, 1e-10, 1e-8, 1e-6)  # of the power of a stem, until the filters are unique
MEASURES = ("sdr", "isr", "sir", "sar")


def separation_scores(
    reference: Mapping[str, AudioLike], estimate: Mapping[str, AudioLike], *, window: float = 1.0
) -> dict[str, dict[str, float]]:
    """Evaluate separated stems, in dB; higher is better.

    - `si_sdr`: power of the reference, scaled to fit best, over that of the error, for the
      whole recording; gain is free, every filter counts as an error.
    - `sdr`: power of the reference over that of the error; gain and delay count, too.
    - `isr`: only the error that a filter of 512 taps of the stem itself explains: its colour,
      level and panorama.
    - `sir`: only the error that filters of the other stems explain: what leaks from them.
    - `sar`: only the error that no such filter explains: artifacts.

    The last four are those of BSS Eval v4 (as in museval, SiSEC 2018): filters for the whole
    recording, scores in windows, and the median over the windows. Windows in which a reference or
    an estimate is silent are left out **for all stems**, as museval does: what leaks into a rest is
    not counted. `si_sdr` counts it.

    Parameters
    ----------
    reference, estimate
        Stems by name, the same names in both: paths, `Audio` or `(y, sr)`, all with one rate,
        number of channels and length.
    window
        Length of the windows and their distance in seconds, 0.1 or more. A shorter recording is one
        window.

    Returns
    -------
    dict
        For each stem `si_sdr`, `sdr`, `isr`, `sir` and `sar` in dB; infinity without an error, a
        very high value if rounding is the error. A reference that is silent all the time has NaN,
        and the others are scored as if it were not there (museval: all NaN). A silent estimate has
        `si_sdr` minus infinity. The others are NaN for all stems if no window is left.

    Raises
    ------
    AudioError
        If names, rates, channels or lengths differ, a sound is not valid, or the window is too
        short.

    References
    ----------
    Vincent, Gribonval and Févotte, "Performance measurement in blind audio source separation",
    IEEE Transactions on Audio, Speech, and Language Processing 14(4), 2006; Stöter, Liutkus and
    Ito, "The 2018 signal separation evaluation campaign", LVA/ICA 2018; Le Roux et al., "SDR -
    half-baked or well done?", ICASSP 2019.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> voice, drums = rng.standard_normal((2, 8000))
    >>> true = {"voice": (voice, 8000), "drums": (drums, 8000)}
    >>> leaky = {"voice": (voice + 0.1 * drums, 8000), "drums": (0.9 * drums, 8000)}
    >>> scores = separation_scores(true, leaky)
    >>> round(scores["voice"]["sdr"]), round(scores["voice"]["sir"]), round(scores["drums"]["isr"])
    (20, 20, 20)
    """
    require_number("window", window, minimum=0.1)
    true, found = (_as_stems(*pair) for pair in (("reference", reference), ("estimate", estimate)))
    names = list(true)
    require(set(names) == set(found), f"the stems differ: {names} and {list(found)}")
    _require_equal_form([*true.items(), *found.items()])
    scores = {name: {"si_sdr": _si_sdr(true[name].y, found[name].y)} for name in names}
    scored = [name for name in names if true[name].y.any()]
    medians = np.full((len(scored), len(MEASURES)), np.nan)
    if scored:
        sources, estimates = (
            np.stack([stems[name].y for name in scored]) for stems in (true, found)
        )
        length = min(round(window * true[names[0]].sr), sources.shape[2])
        medians = _median_over_windows(_bss_eval(sources, estimates, length))
    for name in names:
        row = medians[scored.index(name)] if name in scored else np.full(len(MEASURES), np.nan)
        scores[name] |= dict(zip(MEASURES, row.tolist(), strict=True))
    return scores


def _bss_eval(sources: np.ndarray, estimates: np.ndarray, length: int) -> np.ndarray:
    """SDR, ISR, SIR and SAR in windows of `length` samples, shape (windows, stems, 4).

    `sources` and `estimates` have shape (stems, channels, samples). NaN where a stem is silent.
    """
    stems, channels, samples = sources.shape
    rows = sources.reshape(-1, samples)
    gram, products = _correlations(rows, estimates.reshape(-1, samples))
    filters = []  # of each estimate: from all sources, and from its source alone
    for j in range(stems):
        stem = slice(j * channels, (j + 1) * channels)
        filters.append(
            [_solve(gram[part][:, part], products[part, stem]) for part in (slice(None), stem)]
        )
    scores = np.full((samples // length, stems, len(MEASURES)), np.nan)
    for t in range(len(scores)):
        part = slice(t * length, (t + 1) * length)
        source, estimate = (y[..., part].astype(float) for y in (sources, estimates))
        if not (source.any(axis=(1, 2)).all() and estimate.any(axis=(1, 2)).all()):
            continue
        for j in range(stems):
            everything = _convolve(source.reshape(-1, length), filters[j][0])
            alone = _convolve(source[j], filters[j][1])
            scores[t, j] = _ratios(source[j], estimate[j], alone, everything)
    return scores


def _correlations(rows: np.ndarray, others: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Inner products of rows delayed by 0 to 511 samples, with each other and with `others`.

    Returns
    -------
    gram : shape (rows, rows, LAGS, LAGS)
    products : shape (rows, others, LAGS)
    """
    count, samples = rows.shape
    reach = LAGS - 1
    partners = np.concatenate([rows, others])
    total = np.zeros((count, len(partners), 2 * reach + 1))  # from lag -511 to 511
    size = scipy.fft.next_fast_len(min(BLOCK, samples) + 2 * reach, real=True)
    for start in range(0, samples, BLOCK):
        end = min(start + BLOCK, samples)
        block = scipy.fft.rfft(rows[:, start:end].astype(float), n=size).conj()
        around = partners[:, max(0, start - reach) : end + reach].astype(float)
        around = np.pad(around, ((0, 0), (max(0, reach - start), 0)))
        partner = scipy.fft.rfft(around, n=size)
        for i in range(count):
            total[i] += scipy.fft.irfft(block[i] * partner, n=size)[:, : 2 * reach + 1]
    # products of rows i and k, delayed by a and b samples, depend on a - b only
    lag = np.subtract.outer(np.arange(LAGS), np.arange(LAGS)) + reach
    return total[:, :count][..., lag], total[:, count:, reach:]


def _solve(gram: np.ndarray, products: np.ndarray) -> np.ndarray:
    """Least-squares filters, shape (others, rows, LAGS), from `_correlations`."""
    count = len(gram)
    matrix = gram.transpose(0, 2, 1, 3).reshape(count * LAGS, -1)
    right = products.transpose(0, 2, 1).reshape(count * LAGS, -1)
    power = float(matrix.trace()) / len(matrix)
    for ridge in RIDGES:  # equal channels have no unique filters without it
        try:
            factor = scipy.linalg.cho_factor(matrix + ridge * power * np.eye(len(matrix)))
            break
        except np.linalg.LinAlgError:
            continue
    solution = scipy.linalg.cho_solve(factor, right)
    filters: np.ndarray = solution.T.reshape(-1, count, LAGS)
    return filters


def _convolve(rows: np.ndarray, filters: np.ndarray) -> np.ndarray:
    """Sum of the filtered rows, shape (others, samples + LAGS - 1)."""
    length = rows.shape[1] + LAGS - 1
    size = scipy.fft.next_fast_len(length, real=True)
    spectrum = np.einsum(
        "rf,orf->of", scipy.fft.rfft(rows, n=size), scipy.fft.rfft(filters, n=size)
    )
    filtered: np.ndarray = scipy.fft.irfft(spectrum, n=size)[:, :length]
    return filtered


def _ratios(
    source: np.ndarray, estimate: np.ndarray, alone: np.ndarray, everything: np.ndarray
) -> list[float]:
    """SDR, ISR, SIR and SAR of a window, from the projections on one stem and on all."""
    tail = ((0, 0), (0, LAGS - 1))
    source, estimate = np.pad(source, tail), np.pad(estimate, tail)
    return [
        _decibels(source, estimate - source),
        _decibels(source, alone - source),
        _decibels(alone, everything - alone),
        _decibels(everything, estimate - everything),
    ]


def _si_sdr(reference: np.ndarray, estimate: np.ndarray) -> float:
    """SI-SDR of all channels as one signal; NaN for a silent reference."""
    reference, estimate = (y.ravel().astype(float) for y in (reference, estimate))
    power = float(reference @ reference)
    if power == 0:
        return float("nan")
    target = (estimate @ reference / power) * reference
    return _decibels(target, estimate - target)


def _decibels(signal: np.ndarray, error: np.ndarray) -> float:
    """Ratio of the powers in dB; minus infinity for no signal."""
    above, below = float(np.sum(signal**2)), float(np.sum(error**2))
    if above == 0:
        return float("-inf")
    with np.errstate(divide="ignore"):
        return float(10 * (np.log10(above) - np.log10(below)))


def _median_over_windows(scores: np.ndarray) -> np.ndarray:
    """Median over the windows that are not NaN, shape (stems, 4)."""
    valid = scores[~np.isnan(scores).any(axis=(1, 2))]
    empty = np.full(scores.shape[1:], np.nan)
    return np.median(valid, axis=0) if len(valid) else empty


def _as_stems(name: str, stems: Mapping[str, AudioLike]) -> dict[str, Audio]:
    """Convert the sounds of a mapping to `Audio`; raise an `AudioError` if it is none of sounds."""
    kind = type(stems).__name__
    require(isinstance(stems, Mapping), f"{name} must be sounds by name, not {kind}")
    require(len(stems) > 0, f"{name} must be one stem or more")
    found = {}
    for stem, sound in stems.items():
        require(isinstance(stem, str), f"the name of a stem must be a text, not {stem!r}")
        try:
            found[stem] = as_audio(sound)
        except AudioError as reason:
            raise AudioError(f"{name} {stem!r}: {reason}") from None
    return found


def _require_equal_form(stems: list[tuple[str, Audio]]) -> None:
    """Raise an `AudioError` unless all have the same rate, channels and length."""
    first_name, first = stems[0]
    for name, stem in stems:
        forms = [(sound.sr, *sound.y.shape) for sound in (first, stem)]
        lines = [f"{c} channels of {n} samples at {sr} Hz" for sr, c, n in forms]
        line = f"stems {first_name!r} and {name!r} differ: {lines[0]}, and {lines[1]}"
        require(forms[0] == forms[1], line)
