// The fast Fourier transform for lengths that are powers of two. Inverse transforms are not divided
// by the length; callers include it in their own factors.

let cos = new Float64Array(1);
let sin = new Float64Array(1);
const orders = new Map();

// exp(-i pi k / half) for k < half stands at half + k, so that one table serves all lengths and a
// pass over the data reads its part of it from end to end.
function turns(n) {
  if (cos.length >= n) return;
  cos = new Float64Array(n);
  sin = new Float64Array(n);
  for (let half = 1; half < n; half *= 2) {
    for (let k = 0; k < half; k++) {
      cos[half + k] = Math.cos((Math.PI * k) / half);
      sin[half + k] = -Math.sin((Math.PI * k) / half);
    }
  }
}

// The bit-reversal permutation.
function order(n) {
  if (!orders.has(n)) {
    const indices = new Uint32Array(n);
    for (let i = 1; i < n; i++) indices[i] = (indices[i >> 1] >> 1) | (i & 1 ? n >> 1 : 0);
    orders.set(n, indices);
  }
  return orders.get(n);
}

// Transform the first n numbers in place; for the inverse, swap the arguments: fft(im, re).
export function fft(re, im, n = re.length) {
  turns(n);
  const indices = order(n);
  for (let i = 1; i < n; i++) {
    const j = indices[i];
    if (i >= j) continue;
    let swapped = re[i];
    re[i] = re[j];
    re[j] = swapped;
    swapped = im[i];
    im[i] = im[j];
    im[j] = swapped;
  }
  let half = 1;
  if (Math.log2(n) % 2) {
    pairs(re, im, n);
    half = 2;
  }
  // two passes at a time: half as many trips to the memory
  for (; half < n; half *= 4) quads(re, im, n, half);
}

function pairs(re, im, n) {
  for (let i = 0; i < n; i += 2) {
    const r = re[i + 1];
    const m = im[i + 1];
    re[i + 1] = re[i] - r;
    im[i + 1] = im[i] - m;
    re[i] += r;
    im[i] += m;
  }
}

function quads(re, im, n, half) {
  const [c, s] = [cos, sin]; // of this module, which an inner loop would look up each time
  for (let start = 0; start < n; start += 4 * half) {
    for (let k = 0; k < half; k++) {
      const p = start + k;
      const q = p + half;
      const r = q + half;
      const t = r + half;
      const ur = c[half + k];
      const ui = s[half + k];
      const vr = c[2 * half + k];
      const vi = s[2 * half + k];
      const br = ur * re[q] - ui * im[q];
      const bi = ur * im[q] + ui * re[q];
      const dr = ur * re[t] - ui * im[t];
      const di = ur * im[t] + ui * re[t];
      const evenR = re[p] + br;
      const evenI = im[p] + bi;
      const oddR = re[p] - br;
      const oddI = im[p] - bi;
      const sumR = re[r] + dr;
      const sumI = im[r] + di;
      const gapR = re[r] - dr;
      const gapI = im[r] - di;
      const lateR = vr * sumR - vi * sumI;
      const lateI = vr * sumI + vi * sumR;
      const sideR = vr * gapI + vi * gapR; // a quarter turn further than the other two
      const sideI = vi * gapI - vr * gapR;
      re[p] = evenR + lateR;
      im[p] = evenI + lateI;
      re[r] = evenR - lateR;
      im[r] = evenI - lateI;
      re[q] = oddR + sideR;
      im[q] = oddI + sideI;
      re[t] = oddR - sideR;
      im[t] = oddI - sideI;
    }
  }
}

// The bins 0..n/2 of n real numbers, by a transform of half the length: into re and im.
export function rfft(x, re, im) {
  const h = x.length / 2;
  turns(2 * h);
  for (let i = 0; i < h; i++) {
    re[i] = x[2 * i];
    im[i] = x[2 * i + 1];
  }
  fft(re, im, h);
  re[h] = re[0] - im[0];
  im[h] = 0;
  re[0] += im[0];
  im[0] = 0;
  for (let k = 1; k <= h / 2; k++) {
    const j = h - k;
    const evenR = (re[k] + re[j]) / 2;
    const evenI = (im[k] - im[j]) / 2;
    const oddR = (im[k] + im[j]) / 2;
    const oddI = (re[j] - re[k]) / 2;
    const r = cos[h + k] * oddR - sin[h + k] * oddI;
    const m = cos[h + k] * oddI + sin[h + k] * oddR;
    re[k] = evenR + r;
    im[k] = evenI + m;
    re[j] = evenR - r;
    im[j] = m - evenI;
  }
}

// The n real numbers, times n, of the bins 0..n/2; what is in re and im is lost.
export function irfft(re, im, x) {
  const h = x.length / 2;
  turns(2 * h);
  const last = re[h];
  im[0] = re[0] - last;
  re[0] += last;
  for (let k = 1; k <= h / 2; k++) {
    const j = h - k;
    const evenR = re[k] + re[j];
    const evenI = im[k] - im[j];
    const gapR = re[k] - re[j];
    const gapI = im[k] + im[j];
    const oddR = cos[h + k] * gapR + sin[h + k] * gapI;
    const oddI = cos[h + k] * gapI - sin[h + k] * gapR;
    re[k] = evenR - oddI;
    im[k] = evenI + oddR;
    re[j] = evenR + oddI;
    im[j] = oddR - evenI;
  }
  fft(im, re, h);
  for (let i = 0; i < h; i++) {
    x[2 * i] = re[i];
    x[2 * i + 1] = im[i];
  }
}
