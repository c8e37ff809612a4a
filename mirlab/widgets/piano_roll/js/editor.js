// The notes as they stand, what was before and after, and the keys and buttons that change them.
import { button } from "../../shared/js/dom.js";
import { noteName } from "../../shared/js/notes.js";
import { beginning, ending, follower, moved, replace, split } from "./notes.js";

const STEP = 0.01; // s that an arrow moves a note
const NEW = 0.25; // s of a note that a key draws

// changed() after each step; say(text) tells it to a screen reader.
export function editor({ changed, say, seconds, now, middle }) {
  let [notes, edited, selected] = [[], false, null];
  let [past, future] = [[], []];
  let shown = null; // while a note is dragged

  const words = ({ pitch, onset, offset }) =>
    `${noteName(pitch)}, ${onset.toFixed(2)} to ${offset.toFixed(2)} s`;

  function settle(next, isEdited, chosen = null) {
    [notes, edited, selected, shown] = [next, isEdited, chosen, null];
    changed();
  }

  function commit(old, fresh, verb) {
    past.push({ notes, edited });
    future = [];
    settle(replace(notes, old, fresh), true, fresh[0] ?? null);
    say(`${verb} ${words(fresh[0] ?? old)}`);
  }

  function step(from, to, verb) {
    const state = from.pop();
    if (!state) return;
    to.push({ notes, edited });
    settle(state.notes, state.edited);
    say(`${verb}: ${notes.length} notes`);
  }

  const act = {
    undo: () => step(past, future, "Undone"),
    redo: () => step(future, past, "Done again"),
    remove: () => selected && commit(selected, [], "Deleted"),
    split() {
      const parts = selected && split(selected, now());
      if (parts) commit(selected, parts, "Split");
      else say("To split a note, put the cursor inside it");
    },
    join() {
      const next = selected && follower(notes, selected);
      if (!next) return say("There is no later note of this pitch to join");
      const whole = ending(selected, Math.max(next.offset, selected.offset));
      past.push({ notes, edited });
      future = [];
      settle(replace(notes.filter((one) => one !== next), selected, [whole]), true, whole);
      say(`Joined ${words(whole)}`);
    },
    draw(onset = now(), offset = onset + NEW, pitch = selected?.pitch ?? middle()) {
      const [start, end] = [Math.min(onset, offset), Math.max(onset, offset)];
      commit(null, [ending({ onset: Math.max(start, 0), pitch, velocity: 80 }, end)], "Drawn");
    },
    move: (dt, semitones) => commit(selected, [moved(selected, dt, semitones, seconds())], "Moved"),
    stretch: (dt) => commit(selected, [ending(selected, selected.offset + dt)], "Changed"),
  };

  // What a note becomes while it is dragged; null puts it back.
  function preview(note, part, dt, semitones, to) {
    let fresh = null;
    if (part === "draw") {
      const [start, end] = [Math.min(dt, to), Math.max(dt, to)];
      fresh = ending({ onset: Math.max(start, 0), pitch: semitones, velocity: 80 }, end);
    } else if (part === "end") fresh = ending(note, note.offset + dt);
    else if (part === "start") fresh = beginning(note, note.onset + dt);
    else if (note) fresh = moved(note, dt, semitones, seconds());
    shown = fresh && { notes: replace(notes, note, [fresh]), selected: fresh };
    changed(true);
    return fresh;
  }

  function pick(by) {
    const at = notes.indexOf(selected);
    const from = at < 0 ? notes.findIndex(({ onset }) => onset >= now()) - (by > 0 ? 1 : 0) : at;
    act.select(notes[Math.min(Math.max(from + by, 0), notes.length - 1)] ?? null);
  }

  act.select = (note) => {
    selected = note;
    if (note) say(words(note));
    changed(true);
  };

  // Whether the key was for a note.
  function key({ key: name, shiftKey, ctrlKey, metaKey }) {
    const low = name.toLowerCase();
    if (ctrlKey || metaKey) {
      if (low === "z") (shiftKey ? act.redo : act.undo)();
      else if (low === "y") act.redo();
      else return false;
      return true;
    }
    const far = shiftKey ? 10 : 1;
    const arrows = { ArrowLeft: [-STEP, 0], ArrowRight: [STEP, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] };
    if (low === "n" || low === "p") pick(low === "n" ? 1 : -1);
    else if (low === "d") act.draw();
    else if (!selected) return false;
    else if (arrows[name]) {
      const [dt, semitones] = arrows[name];
      act.move(dt * far, semitones * (shiftKey ? 12 : 1));
    } else if (name === "Delete" || name === "Backspace") act.remove();
    else if (low === "s") act.split();
    else if (low === "j") act.join();
    else if (name === "[" || name === "{") act.stretch(-STEP * far);
    else if (name === "]" || name === "}") act.stretch(STEP * far);
    else if (name === "Escape") act.select(null);
    else return false;
    return true;
  }

  const buttons = {
    undo: button("Undo", act.undo),
    redo: button("Redo", act.redo),
    split: button("Split", act.split),
    join: button("Join", act.join),
    remove: button("Delete", act.remove),
  };
  return {
    ...act,
    key,
    preview,
    buttons: Object.values(buttons),
    // Notes that were decoded anew; what was edited comes back by undo.
    decoded(fresh) {
      if (edited) past.push({ notes, edited });
      future = edited ? [] : future;
      settle(fresh, false);
    },
    edited(fresh) {
      past.push({ notes, edited });
      settle(fresh, true);
    },
    // Another sound's notes: decoded, and as the reader has left them, if so.
    open(fresh, kept) {
      [past, future] = [kept ? [{ notes: fresh, edited: false }] : [], []];
      settle(kept ?? fresh, kept !== null);
    },
    // A note as it was dragged.
    put: (note, fresh) => commit(note, [fresh], note ? "Moved" : "Drawn"),
    get notes() {
      return (shown ?? { notes }).notes;
    },
    get selected() {
      return (shown ?? { selected }).selected;
    },
    get isEdited() {
      return edited;
    },
    refresh() {
      buttons.undo.disabled = !past.length;
      buttons.redo.disabled = !future.length;
      for (const name of ["split", "join", "remove"]) buttons[name].disabled = !selected;
    },
  };
}
