// A piano keyboard for mouse, fingers, computer keys and Web MIDI.
import { plot } from "../../shared/js/canvas.js";
import { OWN_KEYS, button, h } from "../../shared/js/dom.js";
import { noteName } from "../../shared/js/notes.js";
import { clamp } from "../../shared/js/pad.js";
import { list } from "./parts.js";

const BLACK = "#222";
// by place, not by letter: the keys lie like a piano's on any layout
const CODES = ["KeyA", "KeyW", "KeyS", "KeyE", "KeyD", "KeyF", "KeyT", "KeyG", "KeyY", "KeyH", "KeyU",
  "KeyJ", "KeyK", "KeyO", "KeyL", "KeyP", "Semicolon", "Quote"];
const LETTERS = "AWSEDFTGYHUJKOLP;'";
const NARROW = 520; // px; a narrower keyboard has one octave
const LENGTH = 0.62; // of a black key against a white one
const [LOWEST, HIGHEST] = [21, 108];

const isBlack = (pitch) => [1, 3, 6, 8, 10].includes(pitch % 12);

// on.down(pitch, velocity or null) and on.up(pitch); on.octave(change).
export function keyboard(name, on) {
  const held = new Map(); // what holds a key (a finger, a code, a MIDI note) to its pitch
  let [octave, cursor] = [3, 60];
  const area = h("div", {
    class: "keyboard",
    tabindex: "0",
    role: "application",
    "aria-label": name,
    ...OWN_KEYS,
  });
  const spoken = h("span", { class: "unseen", "aria-live": "polite" });
  const { paint, close } = plot(area, "Piano keys", draw);
  area.append(spoken);

  const lowest = () => 12 * (octave + 1);
  const whites = (width) => (width < NARROW ? 8 : 15);
  const pitches = (width) => list(width < NARROW ? 13 : 25, (k) => lowest() + k - 1);

  // Left edge and width of a key, in white keys.
  function place(pitch) {
    const steps = pitch - lowest();
    const left = Math.floor((steps * 7 + 6) / 12); // as many white keys lie below it
    return isBlack(pitch) ? [left - 0.3, 0.6] : [left, 1];
  }

  function draw(context, width, height, colours) {
    context.textAlign = "center";
    const unit = width / whites(width);
    const down = new Set(held.values());
    const focused = area.matches(":focus-visible");
    for (const black of [false, true]) {
      for (const pitch of pitches(width)) {
        if (isBlack(pitch) !== black) continue;
        const [left, wide] = place(pitch).map((value) => value * unit);
        const high = black ? LENGTH * height : height - 1;
        context.fillStyle = down.has(pitch) ? colours.accent : black ? BLACK : "#fff";
        context.fillRect(left + 0.5, 0.5, wide - 1, high);
        context.strokeStyle = black ? BLACK : "#999";
        context.strokeRect(left + 0.5, 0.5, wide - 1, high);
        if (focused && pitch === cursor) {
          context.fillStyle = colours.accent;
          context.fillRect(left + wide / 2 - 4, high - 12, 8, 8);
        }
        context.fillStyle = black ? "#eee" : "#555";
        const letter = LETTERS[pitch - lowest()] ?? "";
        context.fillText(letter, left + wide / 2, high - (black ? 8 : 18));
        if (pitch % 12 === 0) context.fillText(noteName(pitch), left + wide / 2, high - 4);
      }
    }
  }

  function at(event) {
    const box = area.getBoundingClientRect();
    const [x, y] = [event.clientX - box.left, (event.clientY - box.top) / box.height];
    const unit = box.width / whites(box.width);
    const inside = (pitch) => {
      const [left, wide] = place(pitch);
      return x >= left * unit && x < (left + wide) * unit;
    };
    const all = pitches(box.width).filter(inside);
    return (y < LENGTH && all.find(isBlack)) || all.find((pitch) => !isBlack(pitch));
  }

  function press(who, pitch, velocity = null) {
    if (held.get(who) === pitch) return;
    release(who);
    if (!(pitch >= LOWEST && pitch <= HIGHEST)) return;
    held.set(who, pitch);
    spoken.textContent = noteName(pitch);
    on.down(pitch, velocity);
    paint();
  }

  function release(who) {
    const pitch = held.get(who);
    if (!held.delete(who)) return;
    if (![...held.values()].includes(pitch)) on.up(pitch);
    paint();
  }

  const releaseAll = () => [...held.keys()].forEach(release);

  function keyDown(event) {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const index = CODES.indexOf(event.code);
    const way = { ArrowLeft: -1, ArrowDown: -1, ArrowRight: 1, ArrowUp: 1 }[event.key];
    if (index >= 0) press(event.code, lowest() + index);
    else if (event.code === "KeyZ" || event.code === "KeyX") on.octave(event.code === "KeyZ" ? -1 : 1);
    else if (way) move(way);
    else if (event.key === " " || event.key === "Enter") press("cursor", cursor);
    else return;
    event.preventDefault();
    event.stopPropagation(); // the notebook would take the letters as commands
  }

  function move(way) {
    const all = pitches(area.clientWidth);
    cursor = clamp(cursor + way, all[0], all.at(-1));
    spoken.textContent = noteName(cursor);
    paint();
  }

  function keyUp(event) {
    release(event.code);
    if (event.key === " " || event.key === "Enter") release("cursor");
  }

  area.addEventListener("pointerdown", (event) => {
    if (event.button) return;
    area.setPointerCapture(event.pointerId);
    press(event.pointerId, at(event));
  });
  area.addEventListener("pointermove", (event) => {
    if (held.has(event.pointerId)) press(event.pointerId, at(event)); // it slides over the keys
  });
  area.addEventListener("lostpointercapture", ({ pointerId }) => release(pointerId));
  area.addEventListener("keydown", keyDown);
  area.addEventListener("keyup", keyUp);
  area.addEventListener("blur", () => {
    releaseAll();
    paint();
  });
  area.addEventListener("focus", paint);

  return {
    element: area,
    press,
    release,
    paint,
    set(now) {
      if (now === octave) return;
      releaseAll();
      cursor += 12 * (now - octave);
      octave = now;
      paint();
    },
    close() {
      releaseAll();
      close();
    },
  };
}

// A button that lets the reader's own MIDI keyboard in, and what is to be said of it.
export function midi(words, keys) {
  const said = h("output", { class: "help", "aria-live": "polite" });
  const connect = button(words.connect, open);
  let access = null;

  function listen() {
    const names = [];
    for (const input of access.inputs.values()) {
      input.onmidimessage = heard;
      if (input.state === "connected") names.push(input.name);
    }
    said.textContent = names.length ? `${words.from} ${names.join(", ")}` : words.none;
  }

  function heard({ data: [status, pitch, velocity] }) {
    const kind = status & 0xf0;
    if (kind === 0x90 && velocity) keys.press(`midi ${pitch}`, pitch, velocity);
    else if (kind === 0x80 || kind === 0x90) keys.release(`midi ${pitch}`);
  }

  async function open() {
    if (!navigator.requestMIDIAccess) {
      return void (said.textContent = words.missing);
    }
    try {
      access = await navigator.requestMIDIAccess();
      access.onstatechange = listen;
      listen();
    } catch (error) {
      said.textContent = `${words.refused} (${error.message})`;
    }
  }

  return {
    elements: [connect, said],
    close() {
      if (!access) return;
      access.onstatechange = null;
      for (const input of access.inputs.values()) input.onmidimessage = null;
    },
  };
}
