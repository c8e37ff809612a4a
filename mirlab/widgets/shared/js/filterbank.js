// Banks of complex filters, as in mirlab/spectra/filterbank.py: the Fourier transform of a block of
// sound, for each filter the few zones of the spectrum in its passband, weighted and folded, and an
// inverse transform at the frame rate.

import { fft, irfft, rfft } from "./fft.js";

const LEAST_BLOCK = 32768; // samples; in shorter blocks the overhead dominates

// hop and window (the longest filter) in samples, frequencies and half-widths in Hz, and
// respond(bin, hz, out): the filter's gain there, real into out[0] and imaginary into out[1].
export function makeBank({ sr, hop, window, frequencies, halfWidths, respond }) {
  const margin = Math.ceil(window / 2 / hop); // frames
  const wanted = Math.max(10 * margin, LEAST_BLOCK / hop); // of these, a fifth is margin
  const points = 2 ** Math.ceil(Math.log2(wanted));
  const zone = sr / hop; // Hz
  let most = 0;
  const filters = Array.from(frequencies, (centre, bin) => {
    const first = Math.floor((centre - halfWidths[bin]) / zone);
    most = Math.max(most, Math.ceil((centre + halfWidths[bin]) / zone) - first);
    return weigh({ first, zones: most, points, zone, hop }, (hz, out) => respond(bin, hz, out));
  });
  return { hop, margin, points, filters };
}

function weigh({ first, zones, points, zone, hop }, gain) {
  const re = new Float32Array(zones * points);
  let im = null;
  const out = [0, 0];
  for (let i = 0; i < re.length; i++) {
    gain((first + i / points) * zone, out);
    re[i] = out[0] / (hop * points); // the number of points is the transform's, which lacks it
    if (out[1]) (im ??= new Float32Array(re.length))[i] = out[1] / (hop * points);
  }
  return { first, zones, re, im };
}

// The blocks of a sound: run(first frame, first sample).
function blocks({ hop, margin, points }, frames, offset, run) {
  for (let first = 0; first < frames; first += points - 2 * margin) {
    run(first, (first - margin) * hop + offset);
  }
}

// Frame t is centred on sample t * hop + offset. What a bin says of some frames is given to
// take(bin, first frame, re, im, from, count): it stands in re and im from `from` on.
export function analyse(bank, y, frames, offset, take) {
  const { hop, margin, points, filters } = bank;
  const length = hop * points;
  const x = new Float64Array(length);
  const [re, im] = [new Float64Array(length), new Float64Array(length)];
  const [rows, cols] = [new Float64Array(points), new Float64Array(points)];
  blocks(bank, frames, offset, (first, start) => {
    x.fill(0);
    for (let i = Math.max(0, -start); i < length && start + i < y.length; i++) x[i] = y[start + i];
    rfft(x, re, im);
    // both halves: filters near half the rate reach over it
    for (let k = 1; k < length / 2; k++) {
      re[length - k] = re[k];
      im[length - k] = -im[k];
    }
    const count = Math.min(points - 2 * margin, frames - first);
    for (let bin = 0; bin < filters.length; bin++) {
      foldZones(filters[bin], hop, points, re, im, rows, cols);
      fft(cols, rows);
      take(bin, first, rows, cols, margin, count);
    }
  });
}

// Which of the spectrum's zones a filter's zone z is; those below 0 are counted from the end.
const zoneOf = (filter, z, hop) => (((filter.first + z) % hop) + hop) % hop;

function foldZones(filter, hop, points, re, im, rows, cols) {
  rows.fill(0);
  cols.fill(0);
  const [wr, wi] = [filter.re, filter.im];
  for (let z = 0; z < filter.zones; z++) {
    const from = zoneOf(filter, z, hop) * points;
    const at = z * points;
    if (!wi) {
      for (let p = 0; p < points; p++) {
        rows[p] += re[from + p] * wr[at + p];
        cols[p] += im[from + p] * wr[at + p];
      }
    } else {
      for (let p = 0; p < points; p++) {
        rows[p] += re[from + p] * wr[at + p] - im[from + p] * wi[at + p];
        cols[p] += im[from + p] * wr[at + p] + re[from + p] * wi[at + p];
      }
    }
  }
}

// The adjoint of `analyse` (at offset 0, each bin divided by its gain): the sound that the filters
// add up to when each is sounded as its row of frames in re and im says.
export function adjoint(bank, gains, re, im, frames, samples) {
  const { hop, margin, points, filters } = bank;
  const length = hop * points;
  const sound = new Float64Array(samples);
  const x = new Float64Array(length);
  const [zr, zi] = [new Float64Array(length), new Float64Array(length)];
  const [rows, cols] = [new Float64Array(points), new Float64Array(points)];
  blocks(bank, frames, 0, (first, start) => {
    const count = Math.min(points - 2 * margin, frames - first);
    zr.fill(0);
    zi.fill(0);
    for (let bin = 0; bin < filters.length; bin++) {
      const at = bin * frames + first;
      rows.fill(0);
      cols.fill(0);
      for (let i = 0; i < count; i++) {
        rows[margin + i] = re[at + i] / gains[bin];
        cols[margin + i] = im[at + i] / gains[bin];
      }
      fft(rows, cols);
      spreadZones(filters[bin], hop, points, rows, cols, zr, zi);
    }
    // only the real part of the sound is wanted: that of a spectrum that is its own mirror image
    zi[0] = 0;
    for (let k = 1; k <= length / 2; k++) {
      zr[k] = (zr[k] + zr[length - k]) / 2;
      zi[k] = (zi[k] - zi[length - k]) / 2;
    }
    irfft(zr, zi, x);
    const [from, to] = [Math.max(0, -start), Math.min(length, samples - start)];
    for (let i = from; i < to; i++) sound[start + i] += x[i];
  });
  return sound;
}

function spreadZones(filter, hop, points, rows, cols, zr, zi) {
  const wr = filter.re; // only banks of real weights have a way back
  for (let z = 0; z < filter.zones; z++) {
    const to = zoneOf(filter, z, hop) * points;
    for (let p = 0, at = z * points; p < points; p++, at++) {
      zr[to + p] += rows[p] * wr[at];
      zi[to + p] += cols[p] * wr[at];
    }
  }
}
