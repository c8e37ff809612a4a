// Numbers as numpy and Python compute them.

export const mod = (value, by) => ((value % by) + by) % by;
export const sum = (values) => values.reduce((total, value) => total + value, 0);
export const differences = (values) => values.slice(1).map((value, i) => value - values[i]);
export const unique = (values) => [...new Set(values)].sort((a, b) => a - b);

// Halves go to the even neighbour.
export function round(value) {
  const below = Math.floor(value);
  const rest = value - below;
  if (rest !== 0.5) return rest < 0.5 ? below : below + 1;
  return below % 2 ? below + 1 : below;
}

// Index of the first of sorted values that is at least (greater than) a value.
export const bisectLeft = (values, value) => bisect(values.length, (i) => values[i] >= value);
export const bisectRight = (values, value) => bisect(values.length, (i) => values[i] > value);

function bisect(count, isAfter) {
  let [low, high] = [0, count];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (isAfter(middle)) high = middle;
    else low = middle + 1;
  }
  return low;
}

// The value below which a fraction of the values lies, linear between them.
export function quantile(values, fraction) {
  const sorted = [...values].sort((a, b) => a - b);
  const position = fraction * (sorted.length - 1);
  const i = Math.floor(position);
  return sorted[i] + (position - i) * ((sorted[i + 1] ?? sorted[i]) - sorted[i]);
}

export const median = (values) => quantile(values, 0.5);

export function indexOfLowest(values) {
  let best = 0;
  values.forEach((value, i) => {
    if (value < values[best]) best = i;
  });
  return best;
}

// The states with the lowest total cost (mirlab/core/viterbi.py): rows of costs by time, and
// change[from][to].
export function cheapestPath(costs, change) {
  let total = costs[0];
  const previous = [];
  for (const row of costs.slice(1)) {
    const from = row.map((_, to) => {
      const candidates = total.map((cost, state) => cost + change[state][to]);
      const lowest = indexOfLowest(candidates);
      return candidates[to] === candidates[lowest] ? to : lowest;
    });
    total = row.map((cost, to) => total[from[to]] + change[from[to]][to] + cost);
    previous.push(from);
  }
  const path = [indexOfLowest(total)];
  for (const from of previous.reverse()) path.unshift(from[path[0]]);
  return path;
}
