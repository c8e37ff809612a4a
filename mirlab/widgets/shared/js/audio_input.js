// A sound from the reader: a file that is chosen or dropped, or what the microphone hears.
import { button, clock, h } from "./dom.js";
import { decode, record } from "./sound.js";

const QUIETEST = -60; // dB, the left end of the level meter

// Give its `elements` a place; files may be dropped on all of `root`. take({name, samples, whole})
// has the samples of at most `longest` seconds, and how many the whole lasts; tell(text) says what
// goes on, and tell() that it is over; fail(text) why it failed. setRecording(true or false) is
// called as the microphone opens and closes, heard(level) with what it hears in between.
export function createAudioInput(root, { longest, take, tell, fail, setRecording, levelChanged = () => {} }) {
  const input = h("input", { type: "file", accept: "audio/*,video/*", hidden: true });
  const choose = button("Choose a file", () => input.click());
  const recorder = button("Record", () => (recording ? recording.stop() : startRecording()));
  const meter = levelMeter();
  let newest = 0; // of the sounds on their way the latest wins
  let recording = null;
  let closed = false;

  async function read(file, name) {
    const request = ++newest;
    fail("");
    tell(`Reading ${name} …`);
    try {
      const sound = await decode(await file.arrayBuffer(), longest);
      if (request !== newest || closed) return;
      if (!sound.samples.length) throw new Error("no samples");
      take({ name, ...sound });
      tell();
    } catch {
      if (request !== newest) return;
      fail(`${name} is no sound that this browser can read. wav, mp3, m4a, ogg and flac mostly work.`);
      tell();
    }
  }

  async function startRecording() {
    fail("");
    recorder.disabled = true; // while the browser asks
    try {
      recording = await record();
    } catch (error) {
      return fail(error.message);
    } finally {
      recorder.disabled = false;
    }
    show(true);
    const listen = () => {
      if (!recording) return;
      const [level, seconds] = [recording.level(), recording.seconds()];
      meter.show(level, seconds);
      levelChanged(level);
      if (closed || seconds >= longest) recording.stop();
      else requestAnimationFrame(listen);
    };
    listen();
    const file = await recording.done;
    recording = null;
    show(false);
    if (!closed) read(file, "recording");
  }

  function show(on) {
    recorder.textContent = on ? "Stop" : "Record";
    choose.hidden = on;
    meter.element.hidden = !on;
    setRecording(on);
    if (on) tell("Recording");
  }

  input.addEventListener("change", () => {
    const [file] = input.files;
    if (file) read(file, file.name);
    input.value = ""; // so that the same file may be chosen again
  });
  acceptDrops(root, (file) => recording || read(file, file.name));
  return {
    elements: [choose, recorder, meter.element, input],
    close() {
      closed = true;
      recording?.stop();
    },
  };
}

// How loud the microphone hears, and for how long now.
function levelMeter() {
  const bar = h("meter", { min: QUIETEST, max: 0, high: -3, "aria-label": "Level in dB" });
  const text = h("span", { class: "level" });
  const show = (peak, seconds) => {
    const db = Math.max(20 * Math.log10(peak), QUIETEST);
    bar.value = db;
    bar.textContent = `${db.toFixed(0)} dB`;
    text.textContent = `${clock(seconds)}, ${peak > 0.98 ? "too loud" : `${db.toFixed(0)} dB`}`;
  };
  return { element: h("span", { class: "strip", hidden: true }, bar, text), show };
}

// Give dropped files to take(); a frame shows that this is the place.
function acceptDrops(root, take) {
  const over = (on) => (event) => {
    if (!event.dataTransfer?.types.includes("Files")) return;
    event.preventDefault();
    event.stopPropagation(); // the notebook would open the file
    root.style.outline = on ? "2px dashed var(--accent)" : "";
  };
  root.addEventListener("dragover", over(true));
  root.addEventListener("dragleave", over(false));
  root.addEventListener("drop", (event) => {
    over(false)(event);
    const [file] = event.dataTransfer.files;
    if (file) take(file);
  });
}
