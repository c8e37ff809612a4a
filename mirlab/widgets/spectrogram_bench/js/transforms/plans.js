// The nine kinds of transform: what is known of each before there is a sound. The numbers are those
// of mirlab/spectra, with the choices of mirlab/widgets/spectrogram_bench/maths.py.

import { variableQ } from "../../../shared/js/constant_q.js";
import { makeBank } from "../../../shared/js/filterbank.js";
import { melBank } from "../../../shared/js/stft.js";

export const RATE = 22050;
export const LOW = 55; // Hz, A1
export const OCTAVES = 7;
export const HARMONICS = [1, 2, 3, 4, 5];
const FALL = Math.sqrt(Math.log(1e5)); // where exp(-x^2) has fallen to 1e-5: the wavelet's ends
const { PI, ceil, exp, log2, max, min, round, sin, sqrt } = Math;

const list = (length, value) => Float64Array.from({ length }, (_, i) => value(i));
export const refuse = (holds, text) => {
  if (!holds) throw new Error(text);
};

// The same few are asked for again and again; their weights take some megabytes each.
const cache = new Map();
function remember(key, make) {
  const value = cache.get(key) ?? make();
  cache.delete(key);
  cache.set(key, value);
  if (cache.size > 6) cache.delete(cache.keys().next().value);
  return value;
}

// A Hann window's widths at half power: of itself, in lengths, and of its spectrum, in bins.
const [HANN_DURATION, HANN_BANDWIDTH] = [0.36405, 1.4406];

// A plan for filters: each is a row of the picture and a frame one look at it, unless a kind says
// otherwise.
const filtered = (spec) => ({ ...spec, spec, rowsOf: (bin) => [bin], looks: 1, share: 1 });

function constantQ(settings, bins, wider) {
  const { hop_length: hop, bins_per_octave: each } = settings;
  const spec = variableQ({ sr: RATE, hop, low: LOW, bins, each, wider });
  const { lengths } = spec;
  return {
    ...filtered(spec),
    durations: lengths.map((n) => (HANN_DURATION * n) / RATE),
    bandwidths: lengths.map((n) => (HANN_BANDWIDTH * RATE) / n),
    gains: lengths.map(sqrt),
  };
}

function wavelet({ hop_length: hop, bins_per_octave: each }) {
  const frequencies = list(OCTAVES * each, (k) => LOW * 2 ** (k / each));
  const root = (sqrt(32) * each) / 12; // as narrow as bins are close: 32 at 12 an octave
  const halfWidths = frequencies.map((f) => (FALL / (PI * root)) * f);
  const gains = frequencies.map((f) => sqrt(RATE / f));
  const respond = (k, hz, out) => {
    out[0] = gains[k] * exp(-((PI * root * (hz / frequencies[k] - 1)) ** 2));
  };
  const window = ceil((2 * FALL * root * RATE) / LOW);
  const width = sqrt(2 * Math.LN2);
  return {
    ...filtered({ sr: RATE, hop, window, frequencies, halfWidths, respond }),
    durations: frequencies.map((f) => (width * root) / f),
    bandwidths: frequencies.map((f) => (width / root / PI) * f),
    gains,
  };
}

const LOOKS = 8; // at a gammatone's power in a hop, of which a frame is the mean

function gammatone({ hop_length: hop }) {
  const [low, high] = [50, 0.45 * RATE].map((f) => Math.log1p(4.37e-3 * f));
  const frequencies = list(96, (k) => Math.expm1(low + ((high - low) * k) / 95) / 4.37e-3);
  const b = frequencies.map((f) => 1.019 * 24.7 * (4.37e-3 * f + 1));
  const window = ceil((2 * 17 * RATE) / (2 * PI * b[0])); // t^3 exp(-t) from its peak, at 3, to 20
  const halfWidths = b.map((width) => 10 * width);
  // exp(3 i x) / (1 + i x)^4: shifted in time to its peak
  const respond = (k, hz, out) => {
    const x = (hz - frequencies[k]) / b[k];
    const size = (1 + x * x) ** -2;
    const turn = 3 * x - 4 * Math.atan(x);
    out[0] = size * Math.cos(turn);
    out[1] = size * sin(turn);
  };
  return {
    ...filtered({ sr: RATE, hop: hop / LOOKS, window, frequencies, halfWidths, respond }),
    durations: b.map((width) => max(2.9026 / (2 * PI * width), hop / RATE)),
    bandwidths: b.map((width) => 2 * sqrt(2 ** 0.25 - 1) * width),
    looks: LOOKS,
    share: 1 / LOOKS,
  };
}

function fourier({ n_fft: n }) {
  return {
    window: n,
    frequencies: list(n / 2 + 1, (k) => (k * RATE) / n),
    durations: list(n / 2 + 1, () => (HANN_DURATION * n) / RATE),
    bandwidths: list(n / 2 + 1, () => (HANN_BANDWIDTH * RATE) / n),
  };
}

function mel({ n_fft: n }) {
  const { corners, bank } = melBank(RATE, n, min(128, n / 8)); // more would fall between bins
  const width = (HANN_BANDWIDTH * RATE) / n;
  return {
    window: n,
    bank,
    frequencies: corners.slice(1, -1),
    durations: list(bank.length, () => (HANN_DURATION * n) / RATE),
    bandwidths: list(bank.length, (i) => Math.hypot((corners[i + 2] - corners[i]) / 2, width)),
  };
}

// All layers are cut out of one CQT, as many bins higher as the harmonic's interval has.
function harmonic(settings) {
  const each = settings.bins_per_octave;
  const shifts = HARMONICS.map((h) => round(each * log2(h)));
  const shown = 5 * each;
  const plan = constantQ(settings, shown + shifts.at(-1), 0);
  return {
    ...plan,
    frequencies: plan.frequencies.slice(0, shown),
    durations: plan.durations.slice(0, shown),
    bandwidths: plan.bandwidths.slice(0, shown),
    rowsOf: (bin) => shifts.map((p) => bin - p).filter((row) => row >= 0 && row < shown),
    share: 1 / HARMONICS.length,
  };
}

function chroma(settings) {
  const plan = constantQ(settings, OCTAVES * settings.bins_per_octave, 0);
  const merge = settings.bins_per_octave / 12;
  // 55 Hz is A, the ninth class from C on; every bin belongs to the one it is nearest to
  const classes = Array.from(plan.frequencies, (_, k) =>
    (Math.floor((k + Math.floor(merge / 2)) / merge) + 9) % 12);
  const frequencies = list(12, (i) => 440 * 2 ** ((i - 9) / 12));
  const mean = (row) => {
    const members = plan.durations.filter((_, k) => classes[k] === row);
    return members.reduce((sum, duration) => sum + duration) / members.length;
  };
  return {
    ...plan,
    rowsOf: (bin) => [classes[bin]],
    frequencies,
    durations: list(12, mean),
    bandwidths: frequencies.map((f) => f * (2 ** (1 / 24) - 2 ** (-1 / 24))),
  };
}

const PLANS = {
  stft: fourier,
  reassigned: fourier,
  mel,
  gammatone,
  cqt: (settings) => constantQ(settings, OCTAVES * settings.bins_per_octave, 0),
  vqt: (settings) => constantQ(settings, OCTAVES * settings.bins_per_octave, 24.7 / 0.108),
  wavelet,
  hcqt: harmonic,
  chroma,
};

// What does not depend on the sound: the longest window in samples, and the frequencies (Hz),
// durations (s) and bandwidths (Hz) of the picture's rows; and for some kinds more.
export function planOf(settings) {
  const { kind, hop_length: hop, n_fft: n, bins_per_octave: each } = settings;
  const plan = PLANS[kind];
  refuse(plan, `kind must be one of ${Object.keys(PLANS).join(", ")}; not '${kind}'`);
  const uses = plan === fourier || plan === mel ? n : plan === gammatone ? "" : each;
  return remember(`${kind} ${hop} ${uses}`, () => plan(settings));
}

// The filters of a kind that has them; their weights take a while.
export function filtersOf(settings) {
  const plan = planOf(settings);
  return (plan.filters ??= makeBank(plan.spec));
}

// Refuse what the transform cannot take, in the words of mirlab.spectra.
export function check(y, settings) {
  const { window } = planOf(settings);
  const hop = settings.hop_length;
  refuse(hop <= window, `hop_length is ${hop} samples, longer than the window, ${window} samples`);
  refuse(
    y.length >= window,
    `y has ${y.length} samples, fewer than the longest window, ${window} samples; append zeros, ` +
      "or take a shorter window (a larger fmin, where there is one)",
  );
}
