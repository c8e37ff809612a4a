// The controls of the methods whose partials are drawn as bars: additive synthesis and wavetables.
import { choice, slider } from "../../shared/js/dom.js";
import { Bars } from "./bars.js";
import { counted, group, list, named, small } from "./parts.js";

const STIFF = 4e-4; // inharmonicity of the stiff string
const BAR = 4.73004; // first root of the free bar's equation; the others are odd quarters of pi
const [MOST_BARS, MOST_TABLES] = [40, 8];
const CUSTOM = "custom";
const ratios = {
  harmonic: () => null,
  "stiff string": (n) => list(n, (k) => k * Math.sqrt((1 + STIFF * k * k) / (1 + STIFF))),
  "metal bar": (n) => list(n, (k) => (k === 1 ? 1 : (((k + 0.5) * Math.PI) / BAR) ** 2)),
};

function nameOf(given) {
  const like = (name) =>
    ratios[name](given.length)?.every((ratio, i) => Math.abs(ratio / given[i] - 1) < 1e-3);
  return given ? Object.keys(ratios).find(like) ?? CUSTOM : "harmonic";
}

export function additive(change) {
  let current;
  const main = new Bars((amplitudes) => change({ amplitudes }));
  const count = slider("Partials", { min: 1, max: MOST_BARS, step: 1, value: 1, show: String,
    change: (n) => change({
      amplitudes: list(n, (k) => current.amplitudes[k - 1] ?? 0),
      ratios: ratios[nameOf(current.ratios)]?.(n) ?? null,
    }) });
  const spacing = choice("Spacing", named([...Object.keys(ratios), CUSTOM]), "",
    (name) => ratios[name] && change({ ratios: ratios[name](current.amplitudes.length) }));
  return {
    main,
    setMain: ({ amplitudes }) => main.set(amplitudes),
    extra: [count.element, spacing.element],
    follow(settings) {
      current = settings;
      count.set(current.amplitudes.length);
      spacing.set(nameOf(current.ratios));
    },
  };
}

export function wavetable(change) {
  let [tables, index] = [[], 0];
  const main = new Bars((amplitudes) => change({ tables: tables.with(index, amplitudes) }));
  const tabs = list(MOST_TABLES, (k) => small(k, () => {
    index = k - 1;
    show();
  }));
  const count = counted(() => change({ tables: tables.toSpliced(index, 0, tables[index]) }),
    () => change({ tables: tables.toSpliced(index, 1) }), 1, MOST_TABLES);
  function show() {
    index = Math.min(index, tables.length - 1);
    tabs.forEach((tab, i) => {
      tab.hidden = i >= tables.length;
      tab.setAttribute("aria-pressed", i === index);
    });
    main.set(tables[index]);
  }
  return {
    main,
    setMain: show,
    extra: [group("Tables", "Table", ...tabs, ...count.elements)],
    follow(settings) {
      ({ tables } = settings);
      count.follow(tables);
    },
  };
}
