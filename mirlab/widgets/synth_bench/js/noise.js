// numpy's generator (PCG64: O'Neill, HMC-CS-2014-0905) from a state that Python gives, so that what
// is random in a note is the same here: default_rng(seed).random() and .standard_normal() in float32.

const FACTOR = 0x2360ed051fc65da44385df649fccf645n;
const LAYERS = 256;
const R = 3.654152885361009; // where the tail of the ziggurat begins (Marsaglia and Tsang 2000)
const AREA = 0.00492867323399; // of each layer
const SCALE = 2 ** 23;

class Generator {
  constructor([state, increment]) {
    this.state = BigInt(state);
    this.increment = BigInt(increment);
    this.upperWord = null;
  }

  #next() {
    const state = BigInt.asUintN(128, this.state * FACTOR + this.increment);
    this.state = state;
    const mixed = BigInt.asUintN(64, state ^ (state >> 64n));
    const turn = state >> 122n;
    return BigInt.asUintN(64, (mixed >> turn) | (mixed << (64n - turn)));
  }

  // Evenly in 0..1.
  double() {
    return Number(this.#next() >> 11n) / 2 ** 53;
  }

  // 32 bits; two from each step, the lower ones first.
  word() {
    if (this.upperWord !== null) {
      const word = this.upperWord;
      this.upperWord = null;
      return word;
    }
    const both = this.#next();
    this.upperWord = Number(both >> 32n);
    return Number(both & 0xffffffffn);
  }

  float = () => (this.word() >>> 8) / 2 ** 24;

  // Of mean 0 and variance 1.
  normal() {
    const { widths, limits, heights } = ziggurat();
    for (;;) {
      const word = this.word();
      const layer = word & 255;
      const size = word >>> 9;
      const x = size * widths[layer] * (word & 256 ? -1 : 1);
      if (size < limits[layer]) return x;
      if (layer === 0) return this.#tail(size);
      const height = heights[layer] + (heights[layer - 1] - heights[layer]) * this.float();
      if (height < Math.exp(-0.5 * x * x)) return x;
    }
  }

  #tail(size) {
    for (;;) {
      const x = -Math.log1p(-this.float()) / R;
      const y = -Math.log1p(-this.float());
      if (y + y > x * x) return (size >> 8) & 1 ? -(R + x) : R + x;
    }
  }
}

let tables;
function ziggurat() {
  if (tables) return tables;
  const gauss = (x) => Math.exp(-0.5 * x * x);
  const [widths, limits, heights] = [0, 1, 2].map(() => new Float64Array(LAYERS));
  let x = R;
  const base = AREA / gauss(x);
  widths[0] = base / SCALE;
  limits[0] = Math.floor((x / base) * SCALE);
  heights[0] = 1;
  for (let i = LAYERS - 1; i > 0; i--) {
    widths[i] = x / SCALE;
    heights[i] = gauss(x);
    const next = i > 1 ? Math.sqrt(-2 * Math.log(AREA / x + gauss(x))) : 0;
    limits[i] = Math.floor((next / x) * SCALE);
    x = next;
  }
  return (tables = { widths, limits, heights });
}

// What the notes of one seed draw: the first `count` numbers of either kind, made once.
export function noiseSource(state) {
  const made = { double: [], normal: [] };
  const from = { double: new Generator(state), normal: new Generator(state) };
  const draw = (kind) => (count) => {
    while (made[kind].length < count) made[kind].push(from[kind][kind]());
    return made[kind];
  };
  return { doubles: draw("double"), normals: draw("normal") };
}
