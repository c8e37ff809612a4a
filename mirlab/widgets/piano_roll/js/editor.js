// The editor of the notes: the commands, their history, and the buttons and keys that call them.
import { button } from "../../shared/js/dom.js";
import { noteName } from "../../shared/js/notes.js";
import { withOnset, withOffset, nextOfPitch, moveNote, replace, splitNote } from "./notes.js";

const STEP = 0.01; // s that an arrow moves a note
const FAR = [10, 12]; // times as far in time with Shift, and semitones
const NEW_SECONDS = 0.25; // of a note that a key draws
const NEW_VELOCITY = 80;

const describe = ({ pitch, onset, offset }) =>
  `${noteName(pitch)}, ${onset.toFixed(2)} to ${offset.toFixed(2)} s`;

// A note from one time to another, in either order.
function newNote(a, b, pitch) {
  const onset = Math.max(Math.min(a, b), 0);
  return withOffset({ onset, pitch, velocity: NEW_VELOCITY }, Math.max(a, b));
}

export class NoteEditor {
  #state = { notes: [], isEdited: false, selected: null };
  #past = []; // [{notes, isEdited}] that undo goes back to
  #future = []; // the same, for redo
  #preview = null; // {notes, selected} while a note is dragged

  // changed(isPreview) follows each change, announce(text) tells it to a screen reader; seconds() is
  // the length of the sound, position() where the cursor is, defaultPitch() that of a drawn note.
  constructor({ changed, announce, seconds, position, defaultPitch }) {
    Object.assign(this, { changed, announce, seconds, position, defaultPitch });
    this.commands = {
      undo: button("Undo", () => this.undo()),
      redo: button("Redo", () => this.redo()),
      split: button("Split", () => this.split()),
      join: button("Join", () => this.join()),
      remove: button("Delete", () => this.remove()),
    };
  }

  // --- what is seen of it

  get notes() {
    return (this.#preview ?? this.#state).notes;
  }

  get selected() {
    return (this.#preview ?? this.#state).selected;
  }

  get isEdited() {
    return this.#state.isEdited;
  }

  get buttons() {
    return Object.values(this.commands);
  }

  refresh() {
    const { undo, redo, ...ofSelected } = this.commands;
    undo.disabled = !this.#past.length;
    redo.disabled = !this.#future.length;
    for (const element of Object.values(ofSelected)) element.disabled = !this.#state.selected;
  }

  // --- the notes of another sound or decoder

  // The notes of another sound; `edited` are those that the user left, or null.
  open(decoded, edited) {
    this.#past = edited ? [{ notes: decoded, isEdited: false }] : [];
    this.#future = [];
    this.#replaceState(edited ?? decoded, edited !== null);
  }

  // Notes that were decoded again; undo brings the edited ones back.
  setDecoded(notes) {
    if (this.isEdited) this.#remember();
    this.#replaceState(notes, false);
  }

  // Notes that were edited in another view or in Python.
  setEdited(notes) {
    this.#past.push(this.#snapshot());
    this.#replaceState(notes, true);
  }

  // --- commands

  undo() {
    this.#travel(this.#past, this.#future, "Undone");
  }

  redo() {
    this.#travel(this.#future, this.#past, "Done again");
  }

  select(note) {
    this.#state.selected = note;
    if (note) this.announce(describe(note));
    this.changed(true);
  }

  // The note before or after the selected one, or else before or after the cursor.
  selectNeighbour(step) {
    const { notes, selected } = this.#state;
    const index = notes.indexOf(selected);
    const afterCursor = notes.findIndex(({ onset }) => onset >= this.position());
    const from = index >= 0 ? index : afterCursor - (step > 0 ? 1 : 0);
    this.select(notes[Math.min(Math.max(from + step, 0), notes.length - 1)] ?? null);
  }

  draw() {
    const onset = this.position();
    const pitch = this.#state.selected?.pitch ?? this.defaultPitch();
    this.#commit(null, [newNote(onset, onset + NEW_SECONDS, pitch)], "Drawn");
  }

  remove() {
    const { selected } = this.#state;
    if (selected) this.#commit(selected, [], "Deleted");
  }

  move(dt, semitones) {
    const { selected } = this.#state;
    this.#commit(selected, [moveNote(selected, dt, semitones, this.seconds())], "Moved");
  }

  stretch(dt) {
    const { selected } = this.#state;
    this.#commit(selected, [withOffset(selected, selected.offset + dt)], "Changed");
  }

  split() {
    const { selected } = this.#state;
    const parts = selected && splitNote(selected, this.position());
    if (parts) this.#commit(selected, parts, "Split");
    else this.announce("To split a note, put the cursor inside it");
  }

  join() {
    const { notes, selected } = this.#state;
    const next = selected && nextOfPitch(notes, selected);
    if (!next) {
      this.announce("There is no later note of this pitch to join");
      return;
    }
    const joined = withOffset(selected, Math.max(next.offset, selected.offset));
    const others = notes.filter((note) => note !== next);
    this.#remember();
    this.#replaceState(replace(others, selected, [joined]), true, joined);
    this.announce(`Joined ${describe(joined)}`);
  }

  // --- dragging: a preview, then put() or cancelPreview()

  // The note with its `part` ("start", "end" or "body") moved; gives the changed note.
  previewChange(note, part, dt, semitones) {
    if (part === "end") return this.#showPreview(note, withOffset(note, note.offset + dt));
    if (part === "start") return this.#showPreview(note, withOnset(note, note.onset + dt));
    return this.#showPreview(note, moveNote(note, dt, semitones, this.seconds()));
  }

  previewNew(onset, offset, pitch) {
    return this.#showPreview(null, newNote(onset, offset, pitch));
  }

  cancelPreview() {
    this.#preview = null;
    this.changed(true);
  }

  // The note as it was dragged; null in place of `note` when it was drawn.
  put(note, dragged) {
    this.#commit(note, [dragged], note ? "Moved" : "Drawn");
  }

  #showPreview(note, dragged) {
    this.#preview = { notes: replace(this.#state.notes, note, [dragged]), selected: dragged };
    this.changed(true);
    return dragged;
  }

  // --- history

  #snapshot() {
    const { notes, isEdited } = this.#state;
    return { notes, isEdited };
  }

  #remember() {
    this.#past.push(this.#snapshot());
    this.#future = [];
  }

  #replaceState(notes, isEdited, selected = null) {
    this.#state = { notes, isEdited, selected };
    this.#preview = null;
    this.changed();
  }

  #commit(note, replacements, verb) {
    this.#remember();
    const [selected = null] = replacements;
    this.#replaceState(replace(this.#state.notes, note, replacements), true, selected);
    this.announce(`${verb} ${describe(selected ?? note)}`);
  }

  #travel(from, to, verb) {
    const state = from.pop();
    if (!state) return;
    to.push(this.#snapshot());
    this.#replaceState(state.notes, state.isEdited);
    this.announce(`${verb}: ${state.notes.length} notes`);
  }

  // --- keys

  // Whether the key was one of the editor's.
  key({ key, shiftKey, ctrlKey, metaKey }) {
    const name = key.length === 1 ? key.toLowerCase() : key;
    const actions = ctrlKey || metaKey ? this.#historyKeys(shiftKey) : this.#noteKeys(shiftKey);
    if (!actions[name]) return false;
    actions[name]();
    return true;
  }

  #historyKeys(shiftKey) {
    return { z: () => (shiftKey ? this.redo() : this.undo()), y: () => this.redo() };
  }

  #noteKeys(shiftKey) {
    const [seconds, semitones] = shiftKey ? [FAR[0] * STEP, FAR[1]] : [STEP, 1];
    const always = {
      n: () => this.selectNeighbour(1),
      p: () => this.selectNeighbour(-1),
      d: () => this.draw(),
    };
    if (!this.#state.selected) return always;
    return {
      ...always,
      ArrowLeft: () => this.move(-seconds, 0),
      ArrowRight: () => this.move(seconds, 0),
      ArrowUp: () => this.move(0, semitones),
      ArrowDown: () => this.move(0, -semitones),
      Delete: () => this.remove(),
      Backspace: () => this.remove(),
      s: () => this.split(),
      j: () => this.join(),
      "[": () => this.stretch(-seconds),
      "{": () => this.stretch(-seconds),
      "]": () => this.stretch(seconds),
      "}": () => this.stretch(seconds),
      Escape: () => this.select(null),
    };
  }
}
