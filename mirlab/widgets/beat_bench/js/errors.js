// Errors of taps against beats, and their scores, as in mirlab/widgets/beat_bench/data.py.

// Signed errors: each tap minus the nearest of `beats`, both increasing times in s.
export function tapErrors(taps, beats) {
  if (!beats.length) return [];
  return taps.map((tap) => {
    let after = beats.findIndex((beat) => beat >= tap);
    if (after < 0) after = beats.length - 1;
    const before = Math.max(after - 1, 0);
    return tap - beats[before] <= beats[after] - tap ? tap - beats[before] : tap - beats[after];
  });
}

// How many of two increasing lists of times match one to one within a tolerance.
function countMatches(first, second, tolerance) {
  let [i, j, count] = [0, 0, 0];
  while (i < first.length && j < second.length) {
    if (Math.abs(first[i] - second[j]) <= tolerance) {
      count++;
      i++;
      j++;
    } else if (first[i] < second[j]) i++;
    else j++;
  }
  return count;
}

export function tapScores(taps, beats, tolerance) {
  const errors = tapErrors(taps, beats);
  const n = errors.length;
  if (!n) return { taps: taps.length, mean: 0, spread: 0, f: 0, errors };
  const mean = errors.reduce((sum, error) => sum + error, 0) / n;
  const spread = Math.sqrt(errors.reduce((sum, error) => sum + (error - mean) ** 2, 0) / n);
  const inside = beats.filter((beat) => beat >= taps[0] - tolerance && beat <= taps.at(-1) + tolerance);
  const f = (2 * countMatches(inside, taps, tolerance)) / (n + inside.length);
  return { taps: n, mean, spread, f, errors };
}

export function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  const half = sorted.length >> 1;
  return sorted.length % 2 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2;
}
