// A piano keyboard for mouse, fingers and computer keys.
import { plot } from "../../shared/js/canvas.js";
import { OWN_KEYS, h } from "../../shared/js/dom.js";
import { noteName } from "../../shared/js/notes.js";
import { clamp } from "../../shared/js/pad.js";
import { drawKeys, pitchAt, pitchesOn } from "./piano_keys.js";

// by position, not by letter: the keys lie like a piano's on any layout
const CODES = ["KeyA", "KeyW", "KeyS", "KeyE", "KeyD", "KeyF", "KeyT", "KeyG", "KeyY", "KeyH", "KeyU",
  "KeyJ", "KeyK", "KeyO", "KeyL", "KeyP", "Semicolon", "Quote"];
const ARROWS = { ArrowLeft: -1, ArrowDown: -1, ArrowRight: 1, ArrowUp: 1 };
const [LOWEST, HIGHEST] = [21, 108];

// on.down(pitch, velocity or null) and on.up(pitch); on.octave(change).
export function keyboard(name, on) {
  const held = new Map(); // what holds a key (a finger, a code, a MIDI note) to its pitch
  let [octave, cursor] = [3, 60];
  const area = h("div", { class: "keyboard", tabindex: "0", role: "application", "aria-label": name,
    ...OWN_KEYS });
  const spoken = h("span", { class: "unseen", "aria-live": "polite" });
  const lowest = () => 12 * (octave + 1);
  const { paint, close } = plot(area, "Piano keys", (...canvas) => drawKeys(...canvas, {
    lowest: lowest(),
    pressed: new Set(held.values()),
    cursor: area.matches(":focus-visible") ? cursor : null,
  }));
  area.append(spoken);

  function press(holder, pitch, velocity = null) {
    if (held.get(holder) === pitch) return;
    release(holder);
    if (!(pitch >= LOWEST && pitch <= HIGHEST)) return;
    held.set(holder, pitch);
    spoken.textContent = noteName(pitch);
    on.down(pitch, velocity);
    paint();
  }

  function release(holder) {
    const pitch = held.get(holder);
    if (!held.delete(holder)) return;
    if (![...held.values()].includes(pitch)) on.up(pitch);
    paint();
  }

  const releaseAll = () => [...held.keys()].forEach(release);

  function moveCursor(semitones) {
    const pitches = pitchesOn(area.clientWidth, lowest());
    cursor = clamp(cursor + semitones, pitches[0], pitches.at(-1));
    spoken.textContent = noteName(cursor);
    paint();
  }

  function setOctave(next) {
    if (next === octave) return;
    releaseAll();
    cursor += 12 * (next - octave);
    octave = next;
    paint();
  }

  followPointer(area, { held, press, release, pitchOf: ({ clientX, clientY }) => {
    const { left, top, width, height } = area.getBoundingClientRect();
    return pitchAt(clientX - left, (clientY - top) / height, width, lowest());
  } });
  followKeys(area, {
    press: (code, key) => press(code, key === null ? cursor : lowest() + key),
    release,
    moveCursor,
    octave: on.octave,
  });
  area.addEventListener("blur", () => {
    releaseAll();
    paint();
  });
  area.addEventListener("focus", paint);

  return { element: area, press, release, paint, set: setOctave, close() {
    releaseAll();
    close();
  } };
}

function followPointer(area, { held, press, release, pitchOf }) {
  area.addEventListener("pointerdown", (event) => {
    if (event.button) return;
    area.setPointerCapture(event.pointerId);
    press(event.pointerId, pitchOf(event));
  });
  area.addEventListener("pointermove", (event) => {
    if (held.has(event.pointerId)) press(event.pointerId, pitchOf(event)); // it slides over the keys
  });
  area.addEventListener("lostpointercapture", ({ pointerId }) => release(pointerId));
}

// press(code, key) has the number of the key from the lowest, or null for the one at the cursor.
function followKeys(area, { press, release, moveCursor, octave }) {
  const isPlay = ({ key }) => key === " " || key === "Enter";
  area.addEventListener("keydown", (event) => {
    const { code, key } = event;
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (CODES.includes(code)) press(code, CODES.indexOf(code));
    else if (code === "KeyZ" || code === "KeyX") octave(code === "KeyZ" ? -1 : 1);
    else if (ARROWS[key]) moveCursor(ARROWS[key]);
    else if (isPlay(event)) press("cursor", null);
    else return;
    event.preventDefault();
    event.stopPropagation(); // the notebook would take the letters as commands
  });
  area.addEventListener("keyup", (event) => {
    release(event.code);
    if (isPlay(event)) release("cursor");
  });
}
