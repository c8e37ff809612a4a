// The sound input: choose, drop or record a sound; see it, play it, and have it in the kernel.
import { plot } from "../../shared/js/canvas.js";
import { followTheme, h, seekBar } from "../../shared/js/dom.js";
import { createAudioInput } from "../../shared/js/audio_input.js";
import { RATE } from "../../shared/js/sound.js";
import { Transport } from "../../shared/js/transport.js";
import { drawSound } from "./waveform.js";

const LONGEST = 180; // seconds; a message to the kernel may have 10 MB

function render({ model, el }) {
  const root = h("div", { class: "mirlab", role: "group", "aria-label": "Sound input" });
  el.append(root);
  const state = {
    samples: new Int16Array(0),
    peaks: null, // of the waveform, made anew for another sound or another width
    recording: false,
    levels: [], // while recording
  };
  const failure = h("div", { class: "failure", role: "alert" });
  const status = h("span", { role: "status" });
  const engine = h("span", { class: "engine" });
  const area = h("div", { class: "plot", style: "cursor: pointer" });
  const input = createAudioInput(root, {
    longest: LONGEST,
    take({ name, samples, whole }) {
      model.set({ name, samples: new DataView(samples.buffer), whole });
      model.save_changes();
    },
    tell: (text = describe(model, state.samples)) => (status.textContent = text),
    fail: (text) => (failure.textContent = text),
    setRecording,
    levelChanged(level) {
      state.levels.push(level);
      waveform.paint();
    },
  });
  const waveform = plot(area, "No sound yet", (...canvas) =>
    drawSound(...canvas, state, playback.transport.position));
  const playback = player(root, state, waveform.paint);
  area.addEventListener("click", (event) => playback.playFrom(event.offsetX / area.clientWidth));
  root.append(
    h("div", { class: "strip" }, ...input.elements, ...playback.elements, engine),
    area,
    status,
    failure,
  );

  // Show what the traits hold; also called when a cell or another view changes them.
  function read() {
    setSamples(state, model.get("samples"));
    playback.setSamples(state.samples);
    status.textContent = describe(model, state.samples);
    waveform.describe(state.samples.length ? `Waveform of ${model.get("name")}` : "No sound yet");
    waveform.paint();
    root.dataset.updated = performance.now();
  }

  function setRecording(recording) {
    Object.assign(state, { recording, levels: [] });
    if (recording) playback.stop();
    playback.show();
    waveform.paint();
  }

  model.on("change:samples", read);
  const unfollow = followTheme(root, () => waveform.paint());
  const stopListening = showKernel(model, engine);
  read();
  return () => {
    model.off("change:samples", read);
    for (const close of [input.close, stopListening, unfollow, playback.close, waveform.close]) close();
  };
}

function setSamples(state, view) {
  const buffer = view?.buffer?.slice(view.byteOffset, view.byteOffset + view.byteLength);
  Object.assign(state, { samples: new Int16Array(buffer ?? 0), peaks: null });
}

// Plays `state.samples`, and hides while there are none or others are recorded; moved() is called
// whenever the playhead moves.
function player(root, state, playheadMoved) {
  const play = h("button", { type: "button", class: "main", onclick: () => transport.toggle() }, "Play");
  const transport = new Transport(() => {
    play.textContent = transport.playing ? "Pause" : "Play";
    play.setAttribute("aria-pressed", transport.playing);
    root.dataset.playing = transport.playing;
    seek.follow();
    follow();
  });
  transport.sr = RATE;
  transport.setLoop(false);
  const seconds = () => state.samples.length / RATE;
  const seek = seekBar(transport, seconds);
  seek.element.addEventListener("input", () => playheadMoved());
  let frame = 0;

  function follow() {
    playheadMoved();
    cancelAnimationFrame(frame);
    if (transport.playing) frame = requestAnimationFrame(follow);
  }

  function show() {
    play.hidden = seek.element.hidden = state.recording || !state.samples.length;
  }

  function stop() {
    if (transport.playing) transport.pause();
  }

  return {
    transport,
    elements: [play, seek.element],
    show,
    stop,
    setSamples(samples) {
      stop();
      transport.seek(0);
      seek.follow();
      const floats = Float32Array.from(samples, (sample) => sample / 32768);
      transport.setSound(() => floats);
      show();
    },
    // Play from a fraction of the sound on.
    async playFrom(fraction) {
      if (!state.samples.length || state.recording) return;
      const position = fraction * seconds();
      if (!transport.playing) await transport.play();
      transport.seek(position);
    },
    close() {
      cancelAnimationFrame(frame);
      seek.close();
      transport.close();
    },
  };
}

// Say whether cells can have the sound. Gives a function that stops listening for the kernel, which
// answers late while it runs a long cell.
function showKernel(model, element) {
  const show = (text, engine) => {
    element.textContent = text;
    element.dataset.engine = engine;
  };
  if (model.widget_manager?.isStatic) {
    show("no kernel here, so no cell can read it", "browser");
    return () => {};
  }
  const receive = ({ kind }) => kind === "kernel" && show("cells can read it as .audio", "kernel");
  show("waiting for the kernel", "none");
  model.on("msg:custom", receive);
  model.send({ kind: "hello" });
  return () => model.off("msg:custom", receive);
}

// What the reader is told about the sound.
function describe(model, samples) {
  const [name, whole, seconds] = [model.get("name"), model.get("whole"), samples.length / RATE];
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
