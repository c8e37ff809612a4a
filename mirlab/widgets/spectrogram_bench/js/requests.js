// Requests of the bench: spectrograms that are out of date, and the sound of a region.
import { floats } from "./clips.js";
import { hertzText } from "./reading.js";

// bench: {get, engine, playback, announce, fail}. The user's sound changes under one name, so its
// sides are marked by outdate(), until updated(side). forget() drops a region that was asked for.
export function requests(bench, sides, words) {
  const { get } = bench;
  const state = {
    outdated: new Set(), // sides that show another sound of the user's
    awaited: null, // {settings, region, from, id}: what is to be played once it was computed
  };

  function isStale(side) {
    const shown = get(`_${side}`);
    const differs = ([name, value]) => shown.settings[name] !== value;
    return state.outdated.has(side) || shown.clip !== get("clip")
      || Object.entries(get(side)).some(differs);
  }

  // Ask for whatever does not show what the traits say, all in one request: of several only the
  // newest waits, and what an older one was for would be lost.
  function refresh() {
    const clip = get("clip");
    if (!clip) return;
    const stale = sides.filter(isStale);
    const settings = Object.fromEntries(stale.map((side) => [side, get(side)]));
    if (stale.length || state.awaited) {
      bench.engine.request("show", { clip, sides: settings, sound: state.awaited });
    }
  }

  // Play a region alone, from a time on.
  function play(settings, region, from) {
    bench.playback.stop();
    state.awaited = { settings, region, from, id: Math.random() };
    bench.announce("");
    refresh();
  }

  // The region that was waited for has been computed.
  function playAnswer() {
    const { id, settings, region, from, samples, refused } = get("_sound");
    if (id !== state.awaited?.id) return;
    state.awaited = null;
    if (refused) return bench.fail(refused);
    const audio = floats(samples);
    const [low, high] = region.slice(2).map(hertzText);
    const { name } = words.kinds[settings.kind];
    const isSilent = audio.every((value) => !value);
    bench.announce(isSilent ? "silent there" : `${low} to ${high} alone, by ${name}`);
    if (!isSilent) bench.playback.playRegion(audio, region, from);
  }

  return {
    refresh,
    play,
    playAnswer,
    forget: () => (state.awaited = null),
    updated: (side) => state.outdated.delete(side),
    outdate: () => sides.forEach((side) => state.outdated.add(side)),
  };
}
