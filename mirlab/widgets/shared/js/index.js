// The modules that instruments share, as one script: a page loads it once (see loader.js).
export * as audio_input from "./audio_input.js";
export * as canvas from "./canvas.js";
export * as colours from "./colours.js";
export * as constant_q from "./constant_q.js";
export * as dom from "./dom.js";
export * as engine from "./engine.js";
export * as fft from "./fft.js";
export * as filterbank from "./filterbank.js";
export * as inference from "./inference.js";
export * as notes from "./notes.js";
export * as pad from "./pad.js";
export * as sound from "./sound.js";
export * as timeline from "./timeline.js";
export * as tracks from "./tracks.js";
export * as traits from "./traits.js";
export * as transport from "./transport.js";
