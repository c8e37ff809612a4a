// What the keys do while the ruler has the focus.

export const KEYS =
  "Keys on the time ruler: Space plays; ←/→ move, with Shift they scroll; + and − " +
  "zoom, 0 shows all; Home, End; L loops (what is seen, where nothing is marked); [ and ] mark " +
  "from here and up to here, Esc unmarks; F follows, M clicks on the beats. Mouse: click to go " +
  "there, drag to mark and loop; drag the ruler or turn the wheel with Shift to scroll, with Ctrl " +
  "to zoom. Touch: tap, swipe, pinch.";

export function keys({ get, set, data, time, transport, toggle, loop, seek }) {
  const { duration } = data;

  // Go there, and see it.
  function go(t) {
    seek(t);
    const [at, [start, end]] = [transport.position, time.view];
    const half = (end - start) / 2;
    if (at < start || at > end) time.setView(at - half, at + half);
  }

  function arrow(way, event) {
    const span = time.view[1] - time.view[0];
    if (event.shiftKey) time.scroll((way * span) / 5);
    else go(transport.position + (way * span) / 40);
  }

  function mark(start, end) {
    if (end - start > 0.01) set({ region: [start, end] });
  }

  const flip = (name) => set({ [name]: !get(name) });
  const at = () => transport.position;
  const acts = {
    " ": toggle,
    ArrowLeft: (event) => arrow(-1, event),
    ArrowDown: (event) => arrow(-1, event),
    ArrowRight: (event) => arrow(1, event),
    ArrowUp: (event) => arrow(1, event),
    "+": () => time.zoom(0.7, at()),
    "=": () => time.zoom(0.7, at()),
    "-": () => time.zoom(1 / 0.7, at()),
    0: () => time.setView(0, duration),
    Home: () => go(0),
    End: () => go(duration),
    l: loop,
    f: () => flip("follow"),
    m: () => flip("metronome"),
    "[": () => mark(at(), Math.max(get("region")[1] ?? duration, at())),
    "]": () => mark(Math.min(get("region")[0] ?? 0, at()), at()),
    Escape: () => set({ region: [], loop: false }),
  };
  return (event) => {
    const act = acts[event.key.length === 1 ? event.key.toLowerCase() : event.key];
    if (!act || event.ctrlKey || event.metaKey || event.altKey || !duration) return;
    act(event);
    event.preventDefault();
    event.stopPropagation(); // the page would scroll, the notebook change cells
  };
}
