// Layout of the roll: strips of controls above and below the plot.
import { button, h } from "../../shared/js/dom.js";
import { save } from "../../shared/js/download.js";
import { midi } from "./files.js";

const strip = (...children) => h("div", { class: "strip" }, ...children);

// The elements of a PianoRoll, from top to bottom.
export function layout(roll) {
  const { audioInput, editor, playback, readings, requests, surface, words } = roll;
  const saveMidi = () =>
    save(midi(editor.notes, roll.traits.get("bpm")), `${roll.title}.mid`, "audio/midi");
  return [
    strip(roll.soundPicker.element, ...audioInput.elements, roll.engineLabel),
    strip(...playback.elements, roll.listenChoice.element),
    strip(...roll.decoderControls.elements),
    strip(roll.drawButton, ...editor.buttons, ...roll.zoomButtons, ...roll.layers.elements),
    surface.area,
    strip(...readings.elements),
    strip(
      button("Save MIDI", saveMidi),
      button("Save MusicXML", () => requests.exportScore()),
    ),
    h("details", { class: "help" }, h("summary", {}, "Mouse and keys"), words.help),
    roll.announcer,
    roll.status.element,
  ];
}
