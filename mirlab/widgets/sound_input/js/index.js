// The sound input: choose, drop or record a sound; see it, play it, and have it in the kernel.
import { plot } from "../../shared/js/canvas.js";
import { followTheme, h, seekBar } from "../../shared/js/dom.js";
import { intake } from "../../shared/js/audio_input.js";
import { RATE } from "../../shared/js/sound.js";
import { Transport } from "../../shared/js/transport.js";

const LONGEST = 180; // seconds; a message to the kernel may have 10 MB

function render({ model, el }) {
  const root = h("div", { class: "mirlab", role: "group", "aria-label": "Sound input" });
  el.append(root);
  const failure = h("div", { class: "failure", role: "alert" });
  const status = h("span", { role: "status" });
  const engine = h("span", { class: "engine" });
  let samples = new Int16Array(0);
  let peaks = null; // of the waveform, made anew for another sound or another width
  let recording = false;
  let levels = []; // heard while recording
  let frame = 0;

  const takes = intake(root, {
    longest: LONGEST,
    take: ({ name, samples, whole }) => {
      model.set({ name, samples: new DataView(samples.buffer), whole });
      model.save_changes();
    },
    tell: (text) => (text ? (status.textContent = text) : tell()),
    fail: (text) => (failure.textContent = text),
    setRecording,
    heard: (level) => {
      levels.push(level);
      picture.paint();
    },
  });
  const play = h("button", { type: "button", class: "main", onclick: () => transport.toggle() }, "Play");
  const area = h("div", { class: "plot", style: "cursor: pointer" });
  const picture = plot(area, "No sound yet", draw);
  const transport = new Transport(() => {
    play.textContent = transport.playing ? "Pause" : "Play";
    play.setAttribute("aria-pressed", transport.playing);
    root.dataset.playing = transport.playing;
    seek.follow();
    follow();
  });
  transport.sr = RATE;
  transport.setLoop(false);
  const seek = seekBar(transport, () => samples.length / RATE);
  seek.element.addEventListener("input", () => picture.paint());
  root.append(
    h("div", { class: "strip" }, ...takes.elements, play, seek.element, engine),
    area,
    status,
    failure,
  );

  function draw(context, width, height, colours) {
    if (recording) return drawLevels(context, width, height, colours, levels);
    if (!samples.length) return drawEmpty(context, width, height, colours);
    if (peaks?.length !== 2 * Math.floor(width)) peaks = findPeaks(samples, Math.floor(width));
    context.fillStyle = colours.accent;
    for (let x = 0; 2 * x < peaks.length; x++) {
      const [low, high] = [peaks[2 * x], peaks[2 * x + 1]];
      context.fillRect(x, (0.5 - high / 2) * height, 1, Math.max(((high - low) / 2) * height, 1));
    }
    const at = (transport.position * RATE) / samples.length;
    context.fillStyle = colours.ink;
    context.fillRect(Math.min(at, 1) * (width - 2), 0, 2, height);
  }

  function follow() {
    picture.paint();
    cancelAnimationFrame(frame);
    if (transport.playing) frame = requestAnimationFrame(follow);
  }

  // What the traits say; also called when a cell or another view changes them.
  function read() {
    const bytes = model.get("samples");
    const own = bytes?.buffer?.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength);
    samples = new Int16Array(own ?? 0);
    peaks = null;
    if (transport.playing) transport.pause();
    transport.seek(0);
    seek.follow();
    const floats = Float32Array.from(samples, (sample) => sample / 32768);
    transport.setSound(() => floats);
    showPlayer();
    tell();
    picture.describe(samples.length ? `Waveform of ${model.get("name")}` : "No sound yet");
    picture.paint();
    root.dataset.updated = performance.now();
  }

  function tell() {
    status.textContent = describe(model.get("name"), samples.length / RATE, model.get("whole"));
  }

  function setRecording(on) {
    recording = on;
    if (on && transport.playing) transport.pause();
    levels = [];
    showPlayer();
    picture.paint();
  }

  function showPlayer() {
    play.hidden = seek.element.hidden = recording || !samples.length;
  }

  area.addEventListener("click", async (event) => {
    if (!samples.length || recording) return;
    const at = (event.offsetX / area.clientWidth) * (samples.length / RATE);
    if (!transport.playing) await transport.play();
    transport.seek(at);
  });
  model.on("change:samples", read);
  const unfollow = followTheme(root, () => picture.paint());
  const unhear = sayWhoHears(model, engine);
  read();
  return () => {
    cancelAnimationFrame(frame);
    takes.close();
    model.off("change:samples", read);
    unhear();
    unfollow();
    seek.close();
    transport.close();
    picture.close();
  };
}

// Say whether cells can have the sound. Gives a function that stops listening for the kernel, which
// answers late while it runs a long cell.
function sayWhoHears(model, element) {
  const say = (words, engine) => {
    element.textContent = words;
    element.dataset.engine = engine;
  };
  if (model.widget_manager?.isStatic) {
    say("no kernel here, so no cell can read it", "browser");
    return () => {};
  }
  const heard = ({ kind }) => kind === "kernel" && say("cells can read it as .audio", "kernel");
  say("waiting for the kernel", "none");
  model.on("msg:custom", heard);
  model.send({ kind: "hello" });
  return () => model.off("msg:custom", heard);
}

// Smallest and largest value, -1..1, of each of `columns` parts, one after the other.
function findPeaks(samples, columns) {
  const peaks = new Float32Array(2 * columns);
  for (let x = 0; x < columns; x++) {
    const start = Math.floor((x * samples.length) / columns);
    const end = Math.max(Math.floor(((x + 1) * samples.length) / columns), start + 1);
    let [low, high] = [32767, -32768];
    for (let i = start; i < end; i++) {
      low = Math.min(low, samples[i]);
      high = Math.max(high, samples[i]);
    }
    peaks.set([low / 32768, high / 32768], 2 * x);
  }
  return peaks;
}

// The newest levels, one a column, the last at the right edge.
function drawLevels(context, width, height, colours, levels) {
  context.fillStyle = colours.accent;
  const shown = levels.slice(-Math.floor(width));
  shown.forEach((level, i) => {
    const high = Math.max(level * height, 1);
    context.fillRect(width - shown.length + i, (height - high) / 2, 1, high);
  });
}

function drawEmpty(context, width, height, colours) {
  context.strokeStyle = colours.line;
  context.setLineDash([6, 5]);
  context.strokeRect(1, 1, width - 2, height - 2);
  context.setLineDash([]);
  context.fillStyle = colours.soft;
  context.font = "14px system-ui, sans-serif";
  context.textAlign = "center";
  context.fillText("Drop a sound here", width / 2, height / 2 + 5);
  context.textAlign = "start";
}

function describe(name, seconds, whole) {
  if (!seconds) return "No sound yet: choose a file, drop one here, or record.";
  if (whole < seconds + 1) return `${name}: ${clock(seconds)}`;
  return `${name}: the first ${clock(LONGEST)} of ${clock(whole)}. More does not fit into one `
    + "message to the kernel.";
}

// 75 s is 1:15; up to a minute with tenths.
function clock(seconds) {
  if (seconds < 60) return `${seconds.toFixed(1)} s`;
  return `${Math.floor(seconds / 60)}:${String(Math.floor(seconds % 60)).padStart(2, "0")}`;
}

export default { render };
