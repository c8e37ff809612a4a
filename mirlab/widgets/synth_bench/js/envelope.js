// The envelope: its corners are dragged; times lie on a scale of ratios, from 1 ms on.
import { label, line, plot } from "../../shared/js/canvas.js";
import { OWN_KEYS, h } from "../../shared/js/dom.js";
import { clamp, pad } from "../../shared/js/pad.js";
import { byRatio, dashed, list, short, upright } from "./parts.js";

const RISE = 0.24; // of the width: for the attack, and for the decay
const FALL = 0.36; // for dying away
const KEY = 0.62; // where the key is let go
const FIRST = {
  held: { attack: 0.01, decay: 0.1, sustain: 0.8 },
  struck: { attack: 0.003, t60: 3 },
};
const time = byRatio(0.001, 10);
const away = byRatio(0.01, 100);
const string = { ...byRatio(0.05, 60), release: byRatio(0.01, 10) }; // it has no attack of its own

const seconds = (t) => (t < 1 ? `${short(1000 * t)} ms` : `${short(t)} s`);

// change(index, envelope) when one was moved. set(envelopes, fixed): [[name, envelope], ...]; one
// that is `fixed` cannot change between held and struck.
export function envelopePanel(kinds, change) {
  let [all, which] = [[], 0];
  const area = h("div", { class: "plot" });
  const choose = (name, onchange, pairs = []) => h("select", { ...OWN_KEYS, "aria-label": name, onchange },
    ...pairs.map(([value, text]) => h("option", { value }, text)));
  const of = choose("Which envelope", () => {
    which = of.selectedIndex;
    show();
  });
  const kind = choose("Kind of envelope", () =>
    change(which, { ...FIRST[kind.value], release: now().release }), Object.entries(kinds));
  const handles = pad(area);
  const { paint, describe, close } = plot(area, "Envelope", draw);
  const now = () => all[which][1];

  // Where the corners lie, from 0 to 1, and what moves them.
  function corners(shape) {
    const { attack, decay, sustain = 0, t60, release } = shape;
    const [dying, ending] = attack ? [away, time] : [string, string.release];
    const top = attack ? RISE * time.at(attack) : 0;
    const fall = top + (t60 ? FALL * dying.at(t60) : RISE * time.at(decay));
    const move = (changes) => change(which, { ...shape, ...changes });
    const corner = (name, text, x, y, move) => ({ name, text, x, y, step: [0.02, 0.02], move });
    const found = [corner("Release", seconds(release), KEY + (1 - KEY) * ending.at(release), 0, (x) =>
      move({ release: ending.to((x - KEY) / (1 - KEY)) }))];
    if (t60) found.push(corner("−60 dB in", seconds(t60), fall, 0, (x) => move({ t60: dying.to((x - top) / FALL) })));
    else {
      found.push(corner("Decay and sustain", `${seconds(decay)} to ${short(sustain)}`, fall, sustain, (x, y) =>
        move({ decay: time.to((x - top) / RISE), sustain: short(y) })));
    }
    if (attack) found.push(corner("Attack", seconds(attack), top, 1, (x) => move({ attack: time.to(x / RISE) })));
    return { found, top, fall, sustain };
  }

  function show() {
    kind.value = now().t60 ? "struck" : "held";
    const { found } = corners(now());
    handles.set(found);
    describe(`Envelope: ${found.map(({ name, text }) => `${name} ${text}`).join(", ")}`);
    paint();
  }

  function draw(context, width, height, colours) {
    if (!all.length) return;
    const { found, top, fall, sustain } = corners(now());
    const falling = now().t60
      ? list(40, (i) => [top + (i / 40) * (fall - top), 10 ** ((-3 * i) / 40)])
      : [[fall, sustain], [KEY, sustain], [found[0].x, 0]];
    const points = [[0, 0], [top, 1], ...falling];
    dashed(context, () => upright(context, KEY * width, 0, height, colours.soft, 1));
    line(context, [0, width], [height - 1, height - 1], colours.line, 1);
    line(context, points.map(([x]) => x * width), points.map(([, y]) => (1 - y) * (height - 1)), colours.accent, 2);
    label(context, "key up", KEY * width - 40, height - 6, colours.soft, width);
    found.forEach(({ name, text, x, y }, i) => label(context, `${name} ${text}`, x * width + 8,
      clamp((1 - y) * height + (y > 0.5 ? 24 : -16) + (i === 1 ? 16 : 0) * (y > 0.5 ? 1 : -1), 12, height - 16),
      colours.soft, width));
  }

  return {
    area,
    elements: [of, kind],
    paint,
    close,
    set(envelopes, fixed) {
      all = envelopes;
      which = Math.min(which, all.length - 1);
      of.replaceChildren(...all.map(([name]) => h("option", {}, name)));
      of.selectedIndex = which;
      of.hidden = all.length < 2;
      kind.hidden = fixed;
      show();
    },
  };
}
