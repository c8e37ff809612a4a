// The keys of the roll: those of the editor, then playing, seeking, scrolling and zooming.

const SEEK_STEP = 0.1; // s
const FAST = 10; // times as far with Shift
const SCROLL_STEP = 2; // semitones
const ZOOM = 0.7;

// announce(text) tells a screen reader where an arrow has moved the cursor.
export function keyHandler({ editor, playback, surface, showAll, announce }) {
  const seekBy = (step) => playback.seek(playback.position + step);
  const scrollBy = (direction, isFar) =>
    surface.scroll(0, direction * (isFar ? 12 : SCROLL_STEP));
  const actions = {
    " ": () => playback.toggle(),
    ArrowLeft: (isFar) => seekBy(isFar ? -FAST * SEEK_STEP : -SEEK_STEP),
    ArrowRight: (isFar) => seekBy(isFar ? FAST * SEEK_STEP : SEEK_STEP),
    ArrowUp: (isFar) => scrollBy(1, isFar),
    ArrowDown: (isFar) => scrollBy(-1, isFar),
    Home: () => playback.seek(0),
    End: () => playback.seek(Infinity), // to the last sample
    "-": () => surface.zoom(1 / ZOOM, 1),
    "+": () => surface.zoom(ZOOM, 1),
    "=": () => surface.zoom(ZOOM, 1), // + without Shift
    0: () => showAll(),
  };

  function runAction({ key, shiftKey, ctrlKey, metaKey, altKey }) {
    const action = !(ctrlKey || metaKey || altKey) && actions[key];
    if (!action) return false;
    const wasPlaying = playback.isPlaying;
    action(shiftKey);
    if (key.startsWith("Arrow") && !wasPlaying) announce(playback.positionText);
    return true;
  }

  return (event) => {
    if (!editor.key(event) && !runAction(event)) return;
    event.preventDefault();
    event.stopPropagation(); // the notebook would change cells
  };
}
