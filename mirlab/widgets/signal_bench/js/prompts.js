// Prompts: each sets a state that demonstrates one effect.
const odd = [1, 3, 5, 7, 9].map((k) => [k, 1 / k]);

export const PROMPTS = [
  ["A square wave", { partials: odd, fundamental: 220, sample_rate: 44100, bits: 16,
    filtered: false, window: "hann" }],
  ["A wrong note: sample it too slowly", { partials: [[1, 1]], fundamental: 1500,
    sample_rate: 2600, bits: 16, filtered: false, window: "hann" }],
  ["Leakage: no window", { partials: [[1, 1], [4, 0.01]], fundamental: 444, sample_rate: 44100,
    bits: 16, filtered: false, window: "rectangular" }],
  ["Three bits", { bits: 3, sample_rate: 44100 }],
  ["A ringing filter", { partials: odd, fundamental: 110, sample_rate: 8000, bits: 16,
    filtered: true, pole: [0.98, 0.25], zero: [1, 1] }],
];
