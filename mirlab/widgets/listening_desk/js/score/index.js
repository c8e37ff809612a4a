// What is derived from notes and beats: tempo map, MIDI and MusicXML. The page loads this script
// when an analysis is corrected (see ../export.js).
export { midiFile } from "./midi.js";
export { musicxml } from "./musicxml.js";
export { spellChord } from "./spelling.js";
export { tempoMap, tempoOfBeats } from "./tempo.js";
