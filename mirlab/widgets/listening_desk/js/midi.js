// Notes as a MIDI file whose beats are those of the desk.
const TICKS = 480; // a beat
const DRUMS = 9; // their channel
const text = (words) => [...words].map((letter) => letter.charCodeAt(0));
const big = (value, count) =>
  Array.from({ length: count }, (_, i) => (value >> (8 * (count - 1 - i))) & 255);

// A length as MIDI writes it: seven bits a byte.
function variable(value) {
  const found = [value & 127];
  while ((value >>= 7)) found.unshift((value & 127) | 128);
  return found;
}

function track(events) {
  events.sort((a, b) => a.tick - b.tick || a.order - b.order);
  let last = 0;
  const data = events.flatMap(({ tick, message }) => {
    const delta = variable(tick - last);
    last = tick;
    return [...delta, ...message];
  });
  data.push(0, 255, 47, 0);
  return [...text("MTrk"), ...big(data.length, 4), ...data];
}

// Tempo changes [tick, seconds of a beat, s] so that every beat is a whole one: those before the first
// beat last as long as the first, the very first is shortened so that the file begins at 0 s.
function tempi(beats) {
  const times = beats.map(([time]) => time);
  if (times.length < 2) return [[0, 0.5, 0]];
  const period = times[1] - times[0];
  while (times[0] > period / 24) times.unshift(Math.max(times[0] - period, 0));
  times[0] = 0;
  return times.slice(0, -1).map((time, i) => [i * TICKS, times[i + 1] - time, time]);
}

// Rows of notes {onset, offset, pitch, velocity, drum} and beats [time, number], in a meter like "3/4".
export function midiFile(notes, beats, meter) {
  const changes = tempi(beats);
  const isCompound = meter.endsWith("/8");
  const tickAt = (t) => {
    const [tick, period, start] = changes.findLast(([, , begins]) => begins <= t) ?? changes[0];
    return Math.round(tick + ((t - start) / period) * TICKS);
  };
  // A beat is a dotted quarter in 6/8, for which a file has one and a half times the ticks.
  const division = isCompound ? (TICKS * 2) / 3 : TICKS;
  const quarter = isCompound ? 2 / 3 : 1; // of a beat
  const [count, unit] = meter.split("/").map(Number);
  const head = [{ tick: 0, order: 0, message: [255, 88, 4, count, Math.log2(unit), 24, 8] }];
  for (const [tick, period] of changes) {
    const microseconds = Math.min(Math.round(1e6 * period * quarter), 2 ** 24 - 1);
    head.push({ tick, order: 1, message: [255, 81, 3, ...big(microseconds, 3)] });
  }
  const events = notes.flatMap(({ onset, offset, pitch, velocity, drum }) => {
    const [start, channel] = [tickAt(onset), drum ? DRUMS : 0];
    const end = Math.max(tickAt(offset), start + 1);
    return [{ tick: start, order: 1, message: [0x90 | channel, pitch, velocity] },
      { tick: end, order: 0, message: [0x80 | channel, pitch, 0] }];
  });
  const tracks = [track(head), track(events)];
  return Uint8Array.from([...text("MThd"), ...big(6, 4), ...big(1, 2), ...big(2, 2),
    ...big(division, 2), ...tracks.flat()]);
}
