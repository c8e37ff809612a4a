// Cards with plots that play when clicked: the note by every method, and items of a data set.
import { plot } from "../../shared/js/canvas.js";
import { button, h } from "../../shared/js/dom.js";
import { bytes, unpackNotes } from "../../shared/js/notes.js";
import { SAFE_PEAK } from "../../shared/js/transport.js";
import { drawCard, largest, spectrum } from "./plots.js";
import { RATE } from "./voice.js";

const PAUSE = 60; // ms without a change before the cards are drawn, so that controls stay responsive
const LONGEST = 5; // s of an item
const DRUM = 0.04; // s that a drum's note is drawn

// Samples of a sound as Python packs it.
export async function samplesOf(view) {
  const context = new OfflineAudioContext(1, 1, RATE);
  const sound = await context.decodeAudioData(bytes(view).slice().buffer);
  return sound.getChannelData(0);
}

function makeCard(name, label, draw, onclick) {
  const area = h("div", { class: "roll" });
  const element = button(name, onclick, { class: "card", "aria-label": label });
  element.append(area);
  return { element, area, ...plot(area, name, draw) };
}

function row(cards) {
  return {
    element: h("div", { class: "cards" }, ...cards.map(({ element }) => element)),
    paint: () => cards.forEach(({ paint }) => paint()),
    close: () => cards.forEach(({ close }) => close()),
  };
}

// make(method) gives the note's samples, hear(method) plays it. soon(method, hz) draws all anew.
export function methodCards(methods, { make, play }) {
  const cards = Object.entries(methods).map(([method, name]) => {
    const card = makeCard(name, `Hear ${name}`, (...given) => card.shown && drawCard(...given, card.shown),
      () => play(method));
    return Object.assign(card, { method });
  });
  let timer = 0;
  function next([card, ...rest], hz) {
    const samples = make(card.method);
    if (card.shown?.samples !== samples) {
      card.shown = { samples, levels: spectrum(samples), hz };
      card.paint();
    }
    if (rest.length) timer = setTimeout(next, 0, rest, hz);
  }
  const all = row(cards);
  return {
    ...all,
    soon(method, hz) {
      clearTimeout(timer);
      for (const card of cards) card.element.classList.toggle("now", card.method === method);
      timer = setTimeout(next, PAUSE, cards, hz);
    },
    close() {
      clearTimeout(timer);
      all.close();
    },
  };
}

// play(samples, peak, ended) gives a function that stops it.
export function itemCards(sounds, notes, play) {
  return row(Object.keys(sounds).map((name) => {
    const rows = unpackNotes(notes[name]);
    let [stop, samples] = [null, null];
    const card = makeCard(name, `Play ${name}, ${rows.length} notes`, (...given) => drawRoll(...given, rows), toggle);
    card.area.append(h("div", { class: "playhead" })); // it moves while the card is pressed

    async function toggle() {
      if (stop) return stop();
      samples ??= await samplesOf(sounds[name]);
      if (stop) return; // another click was faster
      const end = play(samples, { peak: SAFE_PEAK / largest(samples), ended });
      stop = () => {
        end();
        ended();
      };
      card.element.setAttribute("aria-pressed", true);
    }

    function ended() {
      stop = null;
      card.element.setAttribute("aria-pressed", false);
    }

    return card;
  }));
}

function drawRoll(context, width, height, colours, notes) {
  const pitched = notes.filter(({ drum }) => !drum).map(({ pitch }) => pitch);
  const [low, high] = [Math.min(...pitched, 72) - 2, Math.max(...pitched, 48) + 2];
  const floor = height - 6; // drums are below
  const rowHeight = floor / (high - low);
  for (const { onset, offset, pitch, velocity, drum } of notes) {
    const x = (onset / LONGEST) * width;
    const noteWidth = ((drum ? DRUM : offset - onset) / LONGEST) * width;
    context.globalAlpha = 0.4 + (0.6 * velocity) / 127;
    context.fillStyle = drum ? colours.ink : colours.accent;
    const y = drum ? height - 4 : floor - (pitch - low) * rowHeight;
    context.fillRect(x, y, Math.max(noteWidth, 1.5), drum ? 4 : Math.max(0.8 * rowHeight, 2));
  }
  context.globalAlpha = 1;
}
