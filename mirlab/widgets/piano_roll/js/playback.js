// Playback of the roll: the play button, the position beside it, and the playhead.
import { button, clock, h } from "../../shared/js/dom.js";
import { player } from "./player.js";

// source() gives what `player` plays, and its `seconds`; setPlayhead(seconds, isPlaying) follows the
// position; fail(text) takes the reason why a sound cannot be decoded.
export function playback({ root, source, setPlayhead, fail }) {
  const playButton = button("Play", toggle, { class: "main" });
  const output = h("output");
  const { transport, renew, close } = player(showState, source);
  let frame = 0; // the next animation frame while it plays

  function showState() {
    const { playing } = transport;
    playButton.textContent = playing ? "Pause" : "Play";
    playButton.setAttribute("aria-pressed", playing);
    root.dataset.playing = playing;
    cancelAnimationFrame(frame);
    follow();
  }

  function follow() {
    const { position, playing } = transport;
    setPlayhead(position, playing);
    output.textContent = `${clock(position)} of ${clock(source().seconds)}`;
    if (playing) frame = requestAnimationFrame(follow);
  }

  function seek(seconds) {
    transport.seek(Math.min(Math.max(seconds, 0), source().seconds));
    if (!transport.playing) follow();
  }

  async function toggle() {
    if (!source().seconds) return;
    try {
      await transport.toggle();
    } catch (error) {
      transport.ready = undefined;
      fail(`The sound could not be decoded: ${error.message}`);
    }
  }

  function pause() {
    if (transport.playing) transport.pause();
  }

  return {
    elements: [playButton, output],
    toggle,
    pause,
    seek,
    renew,
    get position() {
      return transport.position;
    },
    get isPlaying() {
      return transport.playing;
    },
    get positionText() {
      return output.textContent;
    },
    // Goes back to the start, for another sound.
    rewind() {
      pause();
      transport.seek(0);
    },
    // Shows the length of the sound, which may be none.
    refresh() {
      playButton.disabled = !source().seconds;
      follow();
    },
    close() {
      cancelAnimationFrame(frame);
      close();
    },
  };
}
