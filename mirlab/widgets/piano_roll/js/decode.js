// Decoders from posteriors to notes, equal to those of mirlab/transcription: their input is uint8, so
// that both compare the same numbers. A row of `frames` numbers per pitch.

const NEG_INF = -1e9;
export const PITCHES = 88;
const { abs, floor, fround, log, max, min, round } = Math;

const SHARE = Float32Array.from({ length: 256 }, (_, value) => value / 255);
const clip = (value, low, high) => min(max(value, low), high);
const atLeast = (threshold) => SHARE.findIndex((value) => value >= fround(threshold)); // 255 >= .95
const head = (rolls, which, frames) =>
  rolls.subarray(which * PITCHES * frames, (which + 1) * PITCHES * frames);

// Whether a cell is greater than the one before and not less than the one after.
function isPeak(curve, at, t, frames) {
  const before = t ? curve[at + t - 1] : -1;
  const after = t + 1 < frames ? curve[at + t + 1] : -1;
  return curve[at + t] > before && curve[at + t] >= after;
}

// Where the tip of a triangle lies, in frames from its highest one.
function tip(curve, at, t, frames) {
  if (!(t > 0 && t < frames - 1)) return 0;
  const [before, top, after] = [-1, 0, 1].map((d) => SHARE[curve[at + t + d]]);
  const slope = top - min(before, after);
  return slope > 0 ? clip((after - before) / (2 * slope), -0.5, 0.5) : 0;
}

const loudness = (share) => clip(round(127 * share), 1, 127);

const headsOf = (rolls, frames) => [0, 1, 2, 3].map((which) => head(rolls, which, frames));

// A note of heads trained on triangular targets.
function triangleNote(heads, frames, hop, row, start, end, lowest) {
  const at = row * frames;
  const onset = (start + tip(heads[0], at, start, frames)) * hop;
  const stop = (end + tip(heads[2], at, end, frames)) * hop;
  return {
    onset: max(onset, 0),
    offset: max(stop, onset + hop),
    pitch: row + lowest,
    velocity: loudness(SHARE[heads[3][at + start]]),
  };
}

function byThresholds(rolls, frames, { frame_threshold }, { hop, lowest }) {
  const [, sounds, , levels] = headsOf(rolls, frames);
  const least = atLeast(frame_threshold);
  const notes = [];
  for (let row = 0; row < PITCHES; row++) {
    for (let t = 0, start = -1; t <= frames; t++) {
      const on = t < frames && sounds[row * frames + t] >= least;
      if (on && start < 0) start = t;
      if (on || start < 0) continue;
      const velocity = loudness(SHARE[levels[row * frames + start]]);
      notes.push({ onset: start * hop, offset: t * hop, pitch: row + lowest, velocity });
      start = -1;
    }
  }
  return notes;
}

function byPeaks(rolls, frames, settings, { hop, lowest, offset_threshold }) {
  const heads = headsOf(rolls, frames);
  const [onset, frame, offset] = heads;
  const [begins, loud] = [settings.onset_threshold, settings.frame_threshold].map(atLeast);
  const ends = atLeast(offset_threshold);
  const notes = [];
  for (let row = 0; row < PITCHES; row++) {
    const at = row * frames;
    const over = (t) =>
      t === frames - 1 || (frame[at + t] < loud && frame[at + t + 1] < loud)
      || (offset[at + t] >= ends && isPeak(offset, at, t, frames));
    const starts = [];
    for (let t = 0; t < frames; t++) {
      if (onset[at + t] >= begins && isPeak(onset, at, t, frames)) starts.push(t);
    }
    starts.forEach((start, i) => {
      const limit = starts[i + 1] ?? frames - 1;
      let end = start + 2;
      while (end < limit && !over(end)) end++;
      notes.push(triangleNote(heads, frames, hop, row, start, min(end, limit), lowest));
    });
  }
  return notes;
}

// How far the logit of each of 256 posteriors lies over the threshold's.
function evidence(threshold, certain) {
  const bar = log(threshold / (1 - threshold));
  return Float64Array.from(SHARE, (share) => {
    const p = clip(share, 1e-6, 1 - 1e-6);
    return clip(log(p / (1 - p)) - bar, -certain, certain);
  });
}

function byPath(rolls, frames, settings, words) {
  const { hop, lowest, offset_threshold, frame_weight, offset_weight, certain } = words;
  const least = max(1, round(settings.min_seconds / hop));
  if (frames <= least) return [];
  const heads = headsOf(rolls, frames);
  const [onset, frame, offset] = heads;
  const [entry, stay, leave] = [settings.onset_threshold, settings.frame_threshold, offset_threshold]
    .map((threshold) => evidence(threshold, certain));
  const total = new Float64Array(frames + 1);
  const free = new Float64Array(frames);
  const began = new Int32Array(frames);
  const ended = new Uint8Array(frames);
  const notes = [];
  for (let row = 0; row < PITCHES; row++) {
    const at = row * frames;
    for (let t = 0; t < frames; t++) total[t + 1] = total[t] + frame_weight * stay[frame[at + t]];
    let [sounding, start] = [NEG_INF, 0];
    for (let t = 1; t < frames; t++) {
      sounding += frame_weight * stay[frame[at + t - 1]];
      if (t >= least) {
        const s = t - least;
        const first = isPeak(onset, at, s, frames) ? entry[onset[at + s]] : NEG_INF;
        const fresh = free[s] + (first + total[s + least] - total[s]);
        if (fresh > sounding) [sounding, start] = [fresh, s];
      }
      const over = sounding + offset_weight * leave[offset[at + t]];
      ended[t] = over > free[t - 1];
      free[t] = ended[t] ? over : free[t - 1];
      began[t] = start;
    }
    let t = frames - 1;
    const cut = (end) => {
      notes.push(triangleNote(heads, frames, hop, row, began[end], end, lowest));
      t = began[end];
    };
    if (sounding > free[frames - 1]) cut(t);
    while (t > 0) {
      if (ended[t]) cut(t);
      else t--;
    }
  }
  return notes;
}

// Basic Pitch's: from the latest onset to the earliest, then from the strongest frame left.
function greedily(rolls, frames, settings, { hop, lowest, tolerance }) {
  if (frames < 2) return [];
  const note = head(rolls, 1, frames);
  const energy = note.slice();
  const under = atLeast(settings.frame_threshold); // frames below it are quiet
  const over = SHARE.findIndex((value) => value > fround(settings.frame_threshold));
  const shortest = round(settings.min_seconds / hop);
  const notes = [];

  // From `t` by `step`, up to `stop` or until 11 frames in a row are quiet.
  function walk(row, t, stop, step) {
    let quiet = 0;
    while ((stop - t) * step > 0 && quiet < tolerance) {
      quiet = energy[row * frames + t] < under ? quiet + 1 : 0;
      t += step;
    }
    return [t - step * quiet, t];
  }
  function take(row, start, end) {
    for (let near = max(row - 1, 0); near < min(row + 2, PITCHES); near++) {
      if (end > start) energy.fill(0, near * frames + start, near * frames + end);
    }
  }
  function keep(row, start, end) {
    let sum = 0;
    for (let t = start; t < end; t++) sum += SHARE[note[row * frames + t]];
    const velocity = loudness(sum / (end - start));
    notes.push({ onset: start * hop, offset: end * hop, pitch: row + lowest, velocity });
  }

  for (const [start, row] of onsets(rolls, frames, settings.onset_threshold).reverse()) {
    const [end] = walk(row, start + 1, frames - 1, 1);
    if (end - start <= shortest) continue;
    take(row, start, end);
    keep(row, start, end);
  }
  const levels = Array.from({ length: 256 }, () => []);
  for (let row = 0, at = 0; over >= 0 && row < PITCHES; row++) {
    for (let t = 0; t < frames; t++, at++) {
      if (energy[at] >= over) levels[energy[at]].push(t * PITCHES + row);
    }
  }
  for (const level of levels.reverse()) {
    for (const cell of Uint32Array.from(level).sort()) {
      const [middle, row] = [floor(cell / PITCHES), cell % PITCHES];
      if (energy[row * frames + middle] < over) continue;
      energy[row * frames + middle] = 0;
      const [end, after] = walk(row, middle + 1, frames - 1, 1);
      const [start, before] = walk(row, middle - 1, 0, -1);
      take(row, middle + 1, after);
      take(row, before + 1, middle);
      if (end - 1 - (start + 1) > shortest) keep(row, start + 1, end - 1);
    }
  }
  return notes;
}

// Peaks of the onset posterior, helped by jumps of the note posterior: [frame, row], sorted.
function onsets(rolls, frames, threshold) {
  const [onset, note] = [head(rolls, 0, frames), head(rolls, 1, frames)];
  const strength = new Float64Array(note.length);
  let [largest, most] = [0, 0];
  for (let row = 0, at = 0; row < PITCHES; row++) {
    for (let t = 0; t < frames; t++, at++) {
      most = max(most, onset[at]);
      const before = t < 2 ? 255 : max(note[at - 1], note[at - 2]);
      if (note[at] <= before) continue;
      strength[at] = SHARE[note[at]] - SHARE[before];
      largest = max(largest, strength[at]);
    }
  }
  if (!largest) return []; // the package's scale is no number then
  const highest = SHARE[most];
  for (let at = 0; at < note.length; at++) {
    strength[at] = max(SHARE[onset[at]], (highest * strength[at]) / largest);
  }
  const found = [];
  for (let row = 0; row < PITCHES; row++) {
    for (let t = 1, at = row * frames + 1; t < frames - 1; t++, at++) {
      const top = strength[at];
      if (top >= threshold && top > strength[at - 1] && top > strength[at + 1]) found.push([t, row]);
    }
  }
  return found.sort(([t, row], [s, other]) => t - s || row - other);
}

const DECODERS = { thresholds: byThresholds, greedy: greedily, peaks: byPeaks, path: byPath };

// Notes {onset, offset, pitch, velocity} in order of onset and pitch; `words` are Python's
// (piano_roll_data.WORDS).
export function decode({ posteriors, frames }, settings, words) {
  if (!frames) return [];
  const { decoder, min_seconds: least } = settings;
  let notes = DECODERS[decoder](posteriors, frames, settings, words);
  if (decoder === "peaks" || decoder === "thresholds") {
    notes = notes.filter(({ onset, offset }) => offset - onset >= least - 1e-9);
  }
  return notes.sort(byTime);
}

export const byTime = (a, b) => a.onset - b.onset || a.pitch - b.pitch;
export const close = (a, b, tolerance) => round(1e4 * abs(a - b)) / 1e4 <= tolerance;
