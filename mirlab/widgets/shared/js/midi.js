// The user's MIDI keyboard, by Web MIDI.
import { button, h } from "./dom.js";

// A button that connects it, and a line that says how that went, in `words`: connect, from, none, missing
// and refused. keys.press(id, pitch, velocity, stamp) and keys.release(id) get what is played.
export function midi(words, keys) {
  const output = h("output", { class: "help", "aria-live": "polite" });
  const connect = button(words.connect, open);
  let access = null;

  function listen() {
    const names = [];
    for (const input of access.inputs.values()) {
      input.onmidimessage = receive;
      if (input.state === "connected") names.push(input.name);
    }
    output.textContent = names.length ? `${words.from} ${names.join(", ")}` : words.none;
  }

  function receive({ data: [status, pitch, velocity], timeStamp }) {
    const kind = status & 0xf0;
    if (kind === 0x90 && velocity) keys.press(`midi ${pitch}`, pitch, velocity, timeStamp);
    else if (kind === 0x80 || kind === 0x90) keys.release(`midi ${pitch}`);
  }

  async function open() {
    if (!navigator.requestMIDIAccess) {
      return void (output.textContent = words.missing);
    }
    try {
      access = await navigator.requestMIDIAccess();
      access.onstatechange = listen;
      listen();
    } catch (error) {
      output.textContent = `${words.refused} (${error.message})`;
    }
  }

  return {
    elements: [connect, output],
    close() {
      if (!access) return;
      access.onstatechange = null;
      for (const input of access.inputs.values()) input.onmidimessage = null;
    },
  };
}
