// The keys of the time ruler.

const ZOOM = 0.7;
const SEEK_STEP = 1 / 40; // of the view

// A listener for keydown events: {playback, lanes()}.
export function rulerKeys({ playback, lanes }) {
  const seekBy = (steps) => {
    const [start, end] = lanes().timeline.view;
    playback.seek(playback.position + steps * (end - start) * SEEK_STEP);
  };
  const zoom = (factor) => lanes().timeline.zoom(factor);
  const actions = {
    " ": () => playback.toggle(),
    ArrowLeft: () => seekBy(-1),
    ArrowRight: () => seekBy(1),
    Home: () => playback.seek(0),
    End: () => playback.seek(Infinity),
    "-": () => zoom(1 / ZOOM),
    "+": () => zoom(ZOOM),
    "=": () => zoom(ZOOM), // + without Shift
    0: () => lanes().timeline.setView(0, playback.duration),
  };
  return (event) => {
    const action = !(event.ctrlKey || event.metaKey || event.altKey) && actions[event.key];
    if (!action) return;
    action();
    event.preventDefault();
    event.stopPropagation(); // the page would scroll, the notebook change cells
  };
}
