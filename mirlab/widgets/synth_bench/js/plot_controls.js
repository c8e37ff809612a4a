// The controls of the methods whose settings are handles on a plot.
import { label, line, plot } from "../../shared/js/canvas.js";
import { choice, h } from "../../shared/js/dom.js";
import { clamp, pad } from "../../shared/js/pad.js";
import { formantGain, indices, tonePartial } from "./methods.js";
import { byRatio, counted, dashed, group, list, named, short, upright } from "./parts.js";
import { makeNote, waveAmplitudes } from "./voice.js";

const MOST_OPERATORS = 4;
const [RATIO, INDEX] = [16, 8]; // at the edges of the FM picture
const OPEN = 100; // the highest cutoff
const [LOUD, SOFT] = [30, -50]; // dB, of the filter's picture
const SOFTEST = 0.001; // level, of the breath's picture
const STEP = [0.02, 0.02]; // of a handle by an arrow key

// A picture with handles; draw(context, width, height, colours, settings, note), handles(settings).
function handlePlot(name, draw, handles) {
  let [settings, note] = [null, null];
  const element = h("div", { class: "plot" });
  const points = pad(element);
  const { paint, close } = plot(element, name, (...given) => settings && draw(...given, settings, note));
  return {
    element,
    paint,
    close,
    set(...next) {
      [settings, note] = next;
      points.set(handles(settings).map((handle) => ({ step: STEP, ...handle })));
      paint();
    },
  };
}

export function subtractive(change, title) {
  const { at, to } = byRatio(0.5, OPEN);
  const up = (db) => (db - SOFT) / (LOUD - SOFT);
  const gain = (f, cutoff, q) => {
    const r = f / cutoff;
    return -10 * Math.log10((1 - r * r) ** 2 + (r / q) ** 2);
  };
  const wave = choice("Wave", named(["sawtooth", "square", "triangle"]), "", (value) => change({ wave: value }));
  function draw(context, width, height, colours, settings, note) {
    const { cutoff, q, sweep } = settings;
    const y = (db) => (1 - clamp(up(db))) * height;
    waveAmplitudes(settings.wave, OPEN).forEach((a, i) => {
      const [raw, x] = [20 * Math.log10(Math.abs(a) + 1e-9), at(i + 1) * width];
      upright(context, x, height, y(raw), colours.line);
      upright(context, x, height, y(raw + gain(i + 1, cutoff, q)), colours.accent);
    });
    const xs = list(200, (i) => i / 200);
    const curve = (corner, colour) => line(context, xs.map((x) => x * width),
      xs.map((x) => y(gain(0.5 * (OPEN / 0.5) ** x, corner, q))), colour);
    dashed(context, () => curve(cutoff * 2 ** ((sweep * note.velocity) / 127), colours.soft));
    curve(cutoff, colours.ink);
    for (const k of [1, 2, 5, 10, 20, 50]) label(context, k, at(k) * width + 3, height - 2, colours.soft, width);
  }
  const handles = ({ cutoff, q }) => [{
    name: "Cutoff and resonance",
    text: `${short(cutoff)} times the note, resonance ${short(q)}`,
    x: at(cutoff),
    y: up(20 * Math.log10(q)),
    move: (x, y) => change({
      cutoff: to(x),
      q: clamp(short(10 ** ((SOFT + y * (LOUD - SOFT)) / 20)), 0.5, 20),
    }),
  }];
  return {
    main: handlePlot(title, draw, handles),
    extra: [wave.element],
    follow: (settings) => wave.set(settings.wave),
  };
}

// Where ratios and indices lie on the picture: small ones have more room.
const positionOf = (value, most) => Math.sqrt(clamp(value / most));

// Whole ratios, which leave the spectrum harmonic, are what one mostly wants.
function snap(ratio) {
  const whole = Math.round(ratio);
  return whole && Math.abs(ratio - whole) < 0.06 ? whole : Math.max(short(ratio), 0.05);
}

function drawOperators(context, width, height, colours, { operators }, note) {
  const limited = indices(operators, makeNote(note));
  const at = ({ ratio, index }) => [positionOf(ratio, RATIO) * width, (1 - positionOf(index, INDEX)) * height];
  for (const k of [0.5, 1, 2, 4, 7, 12]) {
    const [x, y] = at({ ratio: k, index: k });
    upright(context, x, 0, height, colours.line, 0.5);
    line(context, [0, width], [y, y], colours.line, 0.5);
    label(context, k, x + 2, height - 2, colours.soft, width);
    label(context, k, 2, y - 2, colours.soft, width);
  }
  operators.forEach((operator, i) => {
    const [x, y] = at(operator);
    const { index, target } = operator;
    let remark = " carrier";
    if (target !== null) {
      const [targetX, targetY] = at(operators[target]);
      line(context, [x, targetX], [y, targetY], colours.accent, 1);
      remark = limited[i] < 0.3 * index ? " limited: it would alias" : "";
    }
    label(context, `${i + 1}${remark}`, x + 12, y + 4, colours.ink, width);
  });
}

export function fm(change, title) {
  let current;
  const set = (i, changes) => change({ operators: current.with(i, { ...current[i], ...changes }) });
  const targets = list(MOST_OPERATORS - 1, (k) => choice(`Operator ${k + 1}`,
    [["", "carrier"], ...list(k, (j) => [j - 1, `modulates ${j}`])], "",
    (value) => set(k, { target: value ? Number(value) : null })));
  const count = counted(() => change({ operators: [...current,
    { ratio: current.length, index: 0.5, target: 0, envelope: current[0].envelope }] }),
  () => change({ operators: current.slice(0, -1) }), 2, MOST_OPERATORS);
  const handles = ({ operators }) => operators.map(({ ratio, index, target }, i) => ({
    name: `Operator ${i + 1}`,
    text: `ratio ${short(ratio)}, ${target === null ? "level" : "index"} ${short(index)}`,
    x: positionOf(ratio, RATIO),
    y: positionOf(index, INDEX),
    cross: target !== null,
    move: (x, y) => set(i, { ratio: snap(RATIO * x * x), index: short(INDEX * y * y) }),
  }));
  return {
    main: handlePlot(title, drawOperators, handles),
    extra: [...targets.map(({ element }) => element), ...count.elements],
    follow({ operators }) {
      current = operators;
      count.follow(operators);
      targets.forEach((row, i) => {
        row.element.hidden = i + 1 >= operators.length;
        row.set(operators[i + 1]?.target ?? "");
      });
    },
  };
}

export function plucked(change, title) {
  const [base, reach] = [0.6, 0.37]; // of the height: the string at rest, and how far it is drawn
  function draw(context, width, height, colours, { position, softness }, note) {
    const rest = (1 - base) * height;
    // the string as its first partials draw it: a soft plectrum leaves a round corner
    const parts = list(40, (k) => Math.sin(Math.PI * k * position) / k ** (2 + softness / 2));
    const xs = list(101, (i) => (i - 1) / 100);
    const ys = xs.map((x) => parts.reduce((sum, a, k) => sum + a * Math.sin(Math.PI * (k + 1) * x), 0));
    const scale = (reach * height) / Math.max(...ys);
    line(context, [0, width], [rest, rest], colours.line, 1);
    line(context, xs.map((x) => x * width), ys.map((y) => rest - y * scale), colours.accent, 2);
    const bottom = height - 14;
    list(24, (k) => {
      const level = Math.abs(Math.sin(Math.PI * k * position)) * k ** -(softness + makeNote(note).softness);
      const x = (k / 25) * width;
      upright(context, x, bottom, bottom - level * 0.4 * height, colours.accent, 4);
      if (k % 4 < 1) label(context, k, x - 4, height - 2, colours.soft, width);
    });
  }
  const handles = ({ position, softness }) => [{
    name: "Plectrum",
    text: `at ${short(position)} of the string, softness ${short(softness)}`,
    x: position,
    y: base + reach * (1 - softness / 3),
    move: (x, y) => change({
      position: clamp(short(x), 0.01, 0.5),
      softness: short(3 * clamp(1 - (y - base) / reach)),
    }),
  }];
  return { main: handlePlot(title, draw, handles) };
}

export function breath(change, title) {
  let current; // formants
  const { at, to } = byRatio(100, 10000);
  const level = byRatio(SOFTEST, 1);
  const high = (value) => 0.1 + 0.8 * clamp(level.at(value + 1e-9));
  const low = (y) => level.to((y - 0.1) / 0.8);
  const count = counted(
    () => change({ formants: [...current, [to(0.3 + 0.12 * current.length), 120, 0.5]] }),
    () => change({ formants: current.slice(0, -1) }), 0, 6);
  function draw(context, width, height, colours, settings, played) {
    const { formants, noise, noise_hz } = settings;
    const note = makeNote(played);
    const y = (value) => (1 - high(value)) * height;
    for (let k = 1; k * note.hz < 10000; k++) {
      upright(context, at(k * note.hz) * width, 0.9 * height, y(tonePartial(settings, note, k)), colours.accent);
    }
    const xs = list(200, (i) => i / 200);
    const curve = (of, colour) => line(context, xs.map((x) => x * width), xs.map((x) => y(of(to(x)))), colour, 1);
    dashed(context, () => curve((f) => noise / Math.hypot(1, f / noise_hz - noise_hz / f), colours.ink));
    if (formants.length) curve((f) => formantGain(formants, f), colours.soft);
    for (const f of [100, 1000, 5000]) label(context, `${f} Hz`, at(f) * width, height - 2, colours.soft, width);
  }
  const handles = ({ formants, noise, noise_hz }) => [
    { name: "Breath", text: `level ${short(noise)} around ${short(noise_hz)} Hz`, cross: true,
      x: at(noise_hz), y: high(noise), move: (x, y) => change({ noise_hz: to(x), noise: low(y) }) },
    ...formants.map(([f, width, gain], i) => ({
      name: `Formant ${i + 1}`, text: `${short(f)} Hz, gain ${short(gain)}`, x: at(f), y: high(gain),
      move: (x, y) => change({ formants: formants.with(i, [to(x), width, low(y)]) }),
      remove: () => change({ formants: formants.toSpliced(i, 1) }),
    })),
  ];
  return {
    main: handlePlot(title, draw, handles),
    extra: [group("Formants", "Formants", ...count.elements)],
    follow({ formants }) {
      current = formants;
      count.follow(current);
    },
  };
}
