// Constant-Q and variable-Q transforms, as in mirlab/spectra/constant_q.py: which filters they are.

const LOBES = 8; // how much of a Hann window's spectrum is kept, in bins of its length
const { PI, abs, ceil, sin, sqrt } = Math;

// The Fourier transform of a Hann window of length 1 and height 1.
function hannSpectrum(x) {
  const square = 1 - x * x;
  if (abs(square) < 1e-9) return 0.25;
  return x ? (0.5 * sin(PI * x)) / (PI * x * square) : 0.5;
}

// `bins` filters from `low` Hz on, `each` an octave, as wide as the CQT's are `wider` Hz further up:
// the windows' lengths in samples, and what `makeBank` wants.
export function variableQ({ sr, hop, low, bins, each, wider }) {
  const ratio = 4 ** (1 / each);
  const alpha = (ratio - 1) / (ratio + 1);
  const frequencies = Float64Array.from({ length: bins }, (_, k) => low * 2 ** (k / each));
  const lengths = frequencies.map((f) => sr / (alpha * (f + wider)));
  const halfWidths = lengths.map((n) => (LOBES * sr) / n);
  const respond = (k, hz, out) => {
    const n = lengths[k];
    out[0] = 2 * sqrt(n) * hannSpectrum(((hz - frequencies[k]) * n) / sr);
  };
  return { sr, hop, lengths, window: ceil(lengths[0]), frequencies, halfWidths, respond };
}
