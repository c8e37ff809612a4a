// The controls that correct the analysis, and dragging beats.
import { button, choice, h, NO_SHORTCUTS } from "../../shared/js/dom.js";
import { noteName } from "../../shared/js/notes.js";
import { nearest } from "./beat_grid.js";
import { describe, METERS } from "./correct.js";
import { BeatDrag } from "./drag.js";
import { announce, offerFiles } from "./export.js";

const TEMPI = [["×2", "2", "Twice as many beats"], ["÷2", "1/2", "Half as many beats"],
  ["×3/2", "3/2", "Three beats in the time of two"]];
const TONICS = ["C", "Db", "D", "Eb", "E", "F", "F#", "G", "Ab", "A", "Bb", "B"];
const KEYS = ["major", "minor"].flatMap((mode) => TONICS.map((tonic) => `${tonic} ${mode}`));
const SEEN = 0.02; // s; how far the playhead may be before what it is on

export class Editor {
  #wanted; // all operations that were asked for, also those that are not answered yet
  #undone = []; // for redo, the last first
  #pitch = null; // of the note that was clicked

  constructor(desk) {
    this.desk = desk;
    this.#wanted = desk.traits.get("corrections");
    desk.root.dataset.first ??= JSON.stringify(this.#wanted); // stays when the desk is made anew
    this.toggle = button("Edit", () => this.#flip(), { title: "Correct beats, chords, key and notes" });
    this.panel = h("div", { class: "edit", role: "group", "aria-label": "Corrections" });
    this.panel.append(this.#wholePiece(), this.#atPlayhead(), this.#history());
    this.drag = new BeatDrag(desk, (time, to) => this.#moveBeat(time, to));
    this.#observe();
    this.#showState();
  }

  get isOpen() {
    return this.desk.traits.get("editing");
  }

  #flip() {
    this.desk.traits.set({ editing: !this.isOpen });
  }

  #observe() {
    const { model, timeline, traits } = this.desk;
    traits.on(["editing", "meter", "key", "corrections"], () => this.#showState());
    traits.on(["corrections"], () => {
      const found = traits.get("corrections");
      const isOlder = JSON.stringify(this.#wanted.slice(0, found.length)) === JSON.stringify(found);
      if (!isOlder) this.#wanted = found;
    });
    traits.on(["failure"], () => {
      if (model.get("failure")) this.#wanted = traits.get("corrections");
    });
    const lane = timeline.element.querySelector('[data-lane="notes found"] .area');
    lane?.addEventListener("pointerdown", ({ clientY }) => {
      const { top, height } = lane.getBoundingClientRect();
      this.#pitch = this.desk.pitchAt((clientY - top) / height);
    });
  }

  // --- operations

  apply(operation) {
    this.#undone = [];
    this.#request([...this.#wanted, operation]);
  }

  #request(corrections) {
    this.#wanted = corrections;
    this.desk.engine.request("correct", { corrections });
  }

  #undo() {
    if (!this.#wanted.length) return;
    this.#undone.push(this.#wanted.at(-1));
    this.#request(this.#wanted.slice(0, -1));
  }

  #redo() {
    if (this.#undone.length) this.#request([...this.#wanted, this.#undone.pop()]);
  }

  // --- the parts of the panel

  #wholePiece() {
    const tempi = TEMPI.map(([text, factor, title]) =>
      button(text, () => this.apply({ op: "tempo", factor }), { title, "aria-label": title }));
    const names = Object.keys(METERS).map((name) => [name, name]);
    this.meter = choice("Meter", names, "", (meter) => this.apply({ op: "meter", meter }));
    const keys = [["", "none"], ...KEYS.map((name) => [name, name])];
    this.key = choice("Key", keys, "", (key) => key && this.apply({ op: "key", key }));
    const tempo = h("span", { class: "group", role: "group", "aria-label": "Tempo" }, "Tempo", ...tempi);
    return h("div", { class: "strip" }, tempo, this.meter.element, this.key.element);
  }

  #atPlayhead() {
    const label = (text, input) => h("label", {}, text, input);
    this.beat = h("input", { type: "number", step: "0.01", min: "0", ...NO_SHORTCUTS });
    this.beat.addEventListener("change", () => {
      const to = this.beat.valueAsNumber;
      if (Number.isFinite(to)) this.#moveBeat(this.#beatTime(), round(to));
    });
    this.chord = h("input", { type: "text", size: "8", spellcheck: "false", ...NO_SHORTCUTS });
    this.chord.addEventListener("change", () => this.#renameChord());
    this.note = h("select", NO_SHORTCUTS);
    const note = (text, title, change) =>
      button(text, () => this.#changeNote(change), { title, "aria-label": title });
    return h(
      "div", { class: "strip" },
      button("Bar line here (B)", () => this.barLine(), { class: "main" }),
      h("span", { class: "group" }, label("Beat [s]", this.beat),
        button("Add beat", () => this.#beat("add", this.desk.playback.position)),
        button("Delete beat", () => this.#beat("delete", this.#beatTime()))),
      label("Chord", this.chord),
      h("span", { class: "group" }, label("Note", this.note),
        note("−", "Semitone down", (pitch) => ({ pitch: pitch - 1 })),
        note("+", "Semitone up", (pitch) => ({ pitch: pitch + 1 })),
        note("Delete note", "Delete note", null)),
    );
  }

  #history() {
    this.undo = button("Undo", () => this.#undo());
    this.redo = button("Redo", () => this.#redo());
    this.list = h("output", { class: "corrections", "aria-live": "polite" });
    return h("div", { class: "strip" }, this.undo, this.redo, ...offerFiles(this.desk), this.list);
  }

  // --- what is at the playhead

  barLine() {
    this.apply({ op: "bar_line", time: round(this.desk.playback.position) });
  }

  #beatTime() {
    const times = this.#rows("beats").map(([time]) => time);
    return times[nearest(times, this.desk.playback.position)];
  }

  #beat(action, time) {
    this.apply({ op: "beat", action, time: round(time) });
  }

  // One operation, also where a beat is moved step by step.
  #moveBeat(time, to) {
    const last = this.#wanted.at(-1);
    const isSame = last?.action === "move" && Math.abs(last.to - time) < 1e-6;
    const operation = { op: "beat", action: "move", time: isSame ? last.time : time, to };
    this.#undone = [];
    this.#request([...(isSame ? this.#wanted.slice(0, -1) : this.#wanted), operation]);
  }

  #renameChord() {
    const found = this.#chordAt(this.desk.playback.position);
    const label = this.chord.value.trim();
    if (!found || !label || label === found[2]) return;
    this.apply({ op: "chord", start: found[0], end: found[1], label });
  }

  #changeNote(change) {
    const note = this.#notesAt(this.desk.playback.position)[this.note.selectedIndex];
    if (!note) return;
    const named = { op: "note", onset: round(note.onset), pitch: note.pitch };
    const to = change?.(note.pitch);
    if (to) this.#pitch = to.pitch;
    this.apply(to ? { ...named, action: "change", to } : { ...named, action: "delete" });
  }

  #rows(name) {
    return this.desk.data[name].found ?? [];
  }

  #chordAt(t) {
    return this.#rows("chords").find(([start, end]) => start <= t && t < end);
  }

  #notesAt(t) {
    return this.#rows("notes").filter(
      ({ onset, offset, drum }) => !drum && onset <= t + SEEN && t < offset);
  }

  // When what the lanes show was derived anew.
  refresh() {
    const { root, traits } = this.desk;
    announce(this.desk, JSON.stringify(traits.get("corrections")) !== root.dataset.first);
    this.#engrave();
  }

  // Only a kernel engraves the score; a correction that waits for it comes first.
  async #engrave() {
    const { engine, traits } = this.desk;
    await engine.ready;
    const isAnswered = JSON.stringify(this.#wanted) === JSON.stringify(traits.get("corrections"));
    if (engine.hasKernel() && isAnswered) engine.request("engrave");
  }

  showPosition(t) {
    if (!this.isOpen) return;
    const set = (input, value) => {
      if (document.activeElement !== input || input.type === "number") input.value = value;
    };
    set(this.beat, this.#beatTime()?.toFixed(2) ?? "");
    set(this.chord, this.#chordAt(t)?.[2] ?? "");
    const pitches = this.#notesAt(t).map(({ pitch }) => pitch);
    const names = pitches.map(noteName);
    if (names.join() !== [...this.note.options].map(({ text }) => text).join()) {
      this.note.replaceChildren(...names.map((name) => h("option", {}, name)));
    }
    if (pitches.includes(this.#pitch)) this.note.selectedIndex = pitches.indexOf(this.#pitch);
  }

  #showState() {
    const { traits } = this.desk;
    const corrections = traits.get("corrections");
    this.panel.hidden = !this.isOpen;
    this.toggle.setAttribute("aria-expanded", this.isOpen);
    this.meter.set(traits.get("meter"));
    this.key.set(KEYS.includes(traits.get("key")) ? traits.get("key") : "");
    this.undo.disabled = !corrections.length;
    this.redo.disabled = !this.#undone.length;
    const words = corrections.map((operation) => describe(operation, noteName));
    const earlier = words.length > 3 ? `${words.length - 3} more, ` : "";
    this.list.textContent = words.length ? `Corrected: ${earlier}${words.slice(-3).join(", ")}` : "";
    this.desk.root.dataset.corrections = corrections.length;
    this.desk.root.dataset.updated = performance.now();
    this.showPosition(this.desk.playback.position);
  }
}

const round = (seconds) => Math.round(seconds * 1e4) / 1e4;
