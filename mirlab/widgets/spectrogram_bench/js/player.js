// What is heard: the whole clip, or a part of it alone that stands where it lies in the clip.
import { button, seekBar } from "../../shared/js/dom.js";
import { RATE } from "../../shared/js/sound.js";
import { Transport } from "../../shared/js/transport.js";

// moved(t) is called whenever the playhead moves.
export function player(root, positionChanged) {
  let clip = new Float32Array(1);
  let frame = 0;
  const play = button("Play", () => toggle(), { class: "main" });
  const transport = new Transport(() => {
    play.textContent = transport.playing ? "Pause" : "Play";
    play.setAttribute("aria-pressed", transport.playing);
    root.dataset.playing = transport.playing;
    seek.follow();
    follow();
  });
  transport.sr = RATE;
  transport.setLoop(false);
  const seek = seekBar(transport, () => clip.length / RATE);
  seek.element.addEventListener("input", () => follow());

  function follow() {
    cancelAnimationFrame(frame);
    positionChanged(transport.position);
    if (transport.playing) frame = requestAnimationFrame(follow);
  }

  function start(samples, from) {
    stop();
    transport.setSound(() => samples);
    transport.seek(from);
    transport.play();
  }

  function stop() {
    if (transport.playing) transport.pause();
  }

  function toggle() {
    if (transport.playing) return transport.pause();
    const at = transport.position;
    start(clip, at < clip.length / RATE - 0.01 ? at : 0);
  }

  return {
    elements: [play, seek.element],
    stop,
    setClip(samples) {
      stop();
      clip = samples;
      play.disabled = samples.length < 2;
      transport.seek(0);
      seek.follow();
      follow();
    },
    // A region's sound, heard from the time `from`. It is longer than the region, by as much on
    // either side as the clip has room for.
    playPart(samples, [first, last], from) {
      const room = (samples.length / RATE - (last - first)) / 2;
      const begin = Math.round(Math.max(first - room, 0) * RATE);
      const before = Math.max(Math.min(begin, clip.length - samples.length), 0);
      const placed = new Float32Array(before + samples.length);
      placed.set(samples, before);
      start(placed, from);
    },
    close() {
      cancelAnimationFrame(frame);
      seek.close();
      transport.close();
    },
  };
}
