// The keys of the desk, which work while the ruler has the focus.

import { sectionStart } from "./form.js";

export const KEYS =
  "Keys on the time ruler: Space plays; ←/→ move the playhead, with Shift they scroll; + and − " +
  "zoom, 0 shows the whole piece; Home, End; PageUp and PageDown go from section to section; L " +
  "loops the region, or the visible part without one; [ and ] set the start and the end of the " +
  "region, Esc removes it; F follows the playback, M toggles clicks on the beats; while you " +
  "edit, B begins a bar at the playhead. Mouse: click to seek, drag to loop a region; drag the " +
  "ruler or use the wheel with Shift to scroll, with Ctrl to zoom. Touch: tap, swipe, pinch.";

const ZOOM = 0.7;
const SEEK_STEP = 1 / 40; // of the view
const SCROLL_STEP = 1 / 5; // of the view, with Shift
const SHORTEST = 0.01; // s of a region

// A listener for keydown events of a Desk.
export function keys(desk) {
  const { data, playback, timeline } = desk;
  const { get, set } = desk.traits;
  const { duration } = data;

  function seekInView(t) {
    playback.seek(t);
    const [position, [start, end]] = [playback.position, timeline.view];
    const half = (end - start) / 2;
    if (position < start || position > end) timeline.setView(position - half, position + half);
  }

  function arrow(direction, { shiftKey }) {
    const span = timeline.view[1] - timeline.view[0];
    if (shiftKey) timeline.scroll(direction * span * SCROLL_STEP);
    else seekInView(playback.position + direction * span * SEEK_STEP);
  }

  function mark(start, end) {
    if (end - start > SHORTEST) set({ region: [start, end] });
  }

  const flip = (name) => set({ [name]: !get(name) });

  // Around the playhead, or the middle of the view if the playhead is outside.
  function zoom(factor) {
    const [position, [start, end]] = [playback.position, timeline.view];
    timeline.zoom(factor, position >= start && position <= end ? position : undefined);
  }

  const actions = {
    " ": () => playback.toggle(),
    ArrowLeft: (event) => arrow(-1, event),
    ArrowDown: (event) => arrow(-1, event),
    ArrowRight: (event) => arrow(1, event),
    ArrowUp: (event) => arrow(1, event),
    "+": () => zoom(ZOOM),
    "=": () => zoom(ZOOM),
    "-": () => zoom(1 / ZOOM),
    0: () => timeline.setView(0, duration),
    Home: () => seekInView(0),
    End: () => seekInView(duration),
    PageUp: () => seekInView(sectionStart(data.sections, playback.position, -1)),
    PageDown: () => seekInView(sectionStart(data.sections, playback.position, 1)),
    l: () => desk.toggleLoop(),
    f: () => flip("follow"),
    m: () => flip("metronome"),
    b: () => desk.editor?.isOpen && desk.editor.barLine(),
    "[": () => mark(playback.position, Math.max(get("region")[1] ?? duration, playback.position)),
    "]": () => mark(Math.min(get("region")[0] ?? 0, playback.position), playback.position),
    Escape: () => set({ region: [], loop: false }),
  };
  return (event) => {
    const action = actions[event.key.length === 1 ? event.key.toLowerCase() : event.key];
    if (!action || event.ctrlKey || event.metaKey || event.altKey || !duration) return;
    action(event);
    event.preventDefault();
    event.stopPropagation(); // the page would scroll, the notebook change cells
  };
}
