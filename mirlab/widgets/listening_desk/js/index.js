// The Listening desk: lanes on one timeline, one transport, all following the traits.
import { followTheme, h, status } from "../../shared/js/dom.js";
import { engine } from "../../shared/js/engine.js";
import { bytes, noteName } from "../../shared/js/notes.js";
import { clamp } from "../../shared/js/pad.js";
import { timeline } from "../../shared/js/timeline.js";
import { Tracks, decode } from "../../shared/js/tracks.js";
import { controls } from "./controls.js";
import { RATE, reading, real, sounding, unpack } from "./data.js";
import { keys } from "./keys.js";
import { addLanes, overview } from "./layout.js";

const PACKED = [
  "title",
  "key",
  "duration",
  "sounds",
  "waveforms",
  "spectrogram",
  "scale",
  "notes",
  "chords",
  "beats",
];
const SLOW = 300; // ms of work after which it is said
function render({ model, el }) {
  const root = h("div", { class: "mirlab desk", role: "group", "aria-label": "Listening desk" });
  el.append(root);
  let close = build(model, root);
  let asked = 0;
  const again = () =>
    (asked ||= requestAnimationFrame(() => {
      asked = 0;
      close();
      root.replaceChildren();
      close = build(model, root);
    }));
  for (const name of PACKED) model.on(`change:${name}`, again);
  return () => {
    for (const name of PACKED) model.off(`change:${name}`, again);
    cancelAnimationFrame(asked);
    close();
  };
}

function build(model, root) {
  const data = unpack(model);
  const { duration } = data;
  const said = status(model);
  const voice = h("span", { class: "engine" });
  const speaks = engine(model, { element: voice });
  const closers = [said.close, speaks.close];
  const on = (name, call) => {
    model.on(`change:${name}`, call);
    closers.push(() => model.off(`change:${name}`, call));
  };
  const set = (changes) => {
    for (const [name, value] of Object.entries(changes)) model.set(name, value);
    model.save_changes();
  };
  const get = (name) => model.get(name);

  const play = h("button", { type: "button", class: "main", onclick: () => toggle() }, "Play");
  const output = h("output", { class: "reading", "aria-live": "off" });
  const spoken = h("div", { class: "unseen", role: "status" });
  let clockAt = null; // where the playhead was last drawn, and when
  let frame = 0;
  let saving = 0;
  let starting = false;

  const transport = new Tracks(changed, { sr: RATE, duration, load });
  const time = timeline(duration || 1, {
    seek: (t) => {
      seek(t);
      lanes.ruler.focus({ preventScroll: true });
    },
    select(region, done) {
      time.setRegion(region);
      if (done) set({ region, loop: true });
    },
    hover,
    moved: () => {
      over.show(time.view);
      clearTimeout(saving);
      if (!transport.playing) saving = setTimeout(saveView, 300);
    },
  });
  const saveView = () => set({ view: [...time.view] });
  const over = overview(data, (t) => {
    const half = (time.view[1] - time.view[0]) / 2;
    time.setView(t - half, t + half);
  });
  const desk = { get, set, on, data, time, transport, toggle, loop, seek };
  const lanes = addLanes(time, data, { get, set, on, key: keys(desk) });
  if (!duration) play.disabled = true;

  async function load(context) {
    const length = Math.round(duration * RATE);
    const tracks = [];
    for (const [name, file] of Object.entries(get("sounds"))) {
      const samples = await decode(context, bytes(file), length);
      tracks.push({ name, samples, group: name === "notes" ? "notes" : "original" });
    }
    return equal(tracks, length);
  }

  async function toggle() {
    if (transport.playing) return transport.pause();
    if (starting || !duration) return;
    starting = true;
    const late = setTimeout(() => (play.textContent = "Decoding …"), SLOW);
    try {
      await transport.play();
    } catch (error) {
      transport.prepared = undefined;
      model.set("failure", `The sound could not be decoded: ${error.message}`);
    }
    clearTimeout(late);
    starting = false;
    changed();
  }

  function changed() {
    play.textContent = transport.playing ? "Pause" : "Play";
    play.setAttribute("aria-pressed", transport.playing);
    root.dataset.playing = transport.playing;
    cancelAnimationFrame(frame);
    clockAt = null;
    if (transport.playing) return follow();
    showNow(transport.position);
    clearTimeout(saving);
    if (!duration || transport.closed) return;
    const { position } = transport;
    spoken.textContent = [...reading(data, position), sounding(data, position).join(" ")].join(
      ", ",
    );
    if (get("position") !== position) set({ position, view: [...time.view] });
  }

  // The audio clock moves in steps of a buffer, so the picture goes by its own and is drawn to it.
  function follow(stamp = performance.now()) {
    const heard = transport.position;
    let at = heard;
    if (clockAt) {
      const own = clockAt.at + ((stamp - clockAt.stamp) / 1000) * transport.speed;
      at = Math.abs(own - heard) > 0.1 ? heard : own + 0.1 * (heard - own);
    }
    clockAt = { at, stamp };
    showNow(at);
    frame = requestAnimationFrame(follow);
  }

  function showNow(t) {
    time.setNow(t, get("follow") && transport.playing);
    over.now(t);
    lanes.ruler.setAttribute("aria-valuenow", t.toFixed(2));
    const words = reading(data, t).join(" · ");
    if (!hovered && output.textContent !== words) output.textContent = words;
    if (!transport.playing) lanes.ruler.setAttribute("aria-valuetext", words);
  }

  let hovered = false;
  function hover(t, lane, y) {
    hovered = t !== null && duration > 0;
    if (!hovered) return showNow(transport.position);
    const words = reading(data, clamp(t, 0, duration));
    if (lane.pitch) {
      const pitch = lane.pitch(y);
      const hertz = 440 * 2 ** ((pitch - 69) / 12);
      words.push(`${noteName(Math.round(pitch))} (${hertz.toFixed(hertz < 100 ? 1 : 0)} Hz)`);
    }
    output.textContent = words.join(" · ");
  }

  function seek(t) {
    transport.seek(clamp(t, 0, duration));
    clockAt = null;
    if (!transport.playing) changed();
  }

  function loop() {
    const region = get("region").length ? get("region") : [...time.view];
    set({ loop: !get("loop"), region: get("loop") ? get("region") : region });
  }

  // What the traits say, done.
  const mix = () => {
    const [muted, soloed, balance] = [get("muted"), get("soloed"), get("balance")];
    const apart = 1 - Math.abs(2 * balance - 1); // 0 when only one of them is heard
    for (const name of Object.keys(get("sounds"))) {
      const level = get("levels")[name] ?? 1;
      const isNotes = name === "notes";
      const alone = !isNotes && soloed.some((one) => one !== "notes");
      const heard = alone ? soloed.includes(name) : !muted.includes(name);
      const share = Math.min(1, 2 * (isNotes ? balance : 1 - balance));
      transport.setMix(name, heard ? level * share : 0, isNotes ? apart : -apart);
    }
    transport.setMix("clicks", get("metronome") ? 1 : 0);
  };
  for (const name of ["muted", "soloed", "levels", "balance", "metronome"]) on(name, mix);
  mix();
  const rounds = () => {
    const region = get("region").length ? get("region") : null;
    time.setRegion(region);
    over.mark(region);
    transport.region = region;
    if (transport.playing || transport.loop !== get("loop")) transport.setLoop(get("loop"));
  };
  on("region", rounds);
  on("loop", rounds);
  on("speed", () => transport.setSpeed(get("speed")));
  on("position", () => {
    const moved = Math.abs(get("position") - transport.position) > 0.02;
    if (moved && !transport.playing) seek(get("position"));
  });
  on("view", () => time.setView(...get("view")));
  transport.speed = get("speed");
  transport.loop = get("loop");
  transport.offset = clamp(get("position"), 0, duration);
  const [first] = Object.values(data.beats);
  transport.beats = real(first ?? []).map(([at, number]) => ({ time: at, high: number === "1" }));

  const { title, strip, below } = controls(desk);
  root.append(
    h("div", { class: "strip" }, ...title, voice),
    h("div", { class: "strip" }, play, ...strip),
    over.element,
    time.element,
    h("div", { class: "strip" }, output, ...below.legend),
    below.help,
    spoken,
    said.element,
  );
  const repaint = () => {
    time.paint();
    over.paint();
  };
  closers.push(followTheme(root, repaint));
  const [start, end] = get("view");
  time.setView(start, end);
  over.show(time.view);
  rounds();
  showNow(transport.position);
  root.dataset.ready = true;
  return () => {
    cancelAnimationFrame(frame);
    clearTimeout(saving);
    transport.close();
    time.close();
    over.close();
    for (const one of closers) one();
  };
}

// Files may differ by some samples in length; tracks may not.
function equal(tracks, length) {
  for (const track of tracks) {
    if (track.samples.length === length) continue;
    const padded = new Float32Array(length);
    padded.set(track.samples);
    track.samples = padded;
  }
  return tracks;
}

export default { render };
