// Playback of several tracks: mixed, panned, looped in a region, at any speed with constant pitch, with
// clicks on the beats.
import { Stretcher } from "./stretch.js";
import { FADE, SAFE_PEAK, Transport } from "./transport.js";

const HOPS = 6; // stretched pieces are made of so many, about 0.2 s
const TICK = 100; // ms between looks at what must be scheduled
const LEAD = 0.03; // s until the first sample
export const CLICKS = [1000, 1600]; // Hz, of beats and of downbeats
export const CLICK_PEAK = 0.7 * SAFE_PEAK; // but for their decay
const LAG = 1105; // samples of silence that a decoder leaves in front which does not read the MP3's
// own word on it: 576 of the encoder and 529 of the decoder

// What a sound file holds, from its first sample to the `length` samples that went into it.
export async function decode(context, bytes, length) {
  const copy = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength);
  const buffer = await context.decodeAudioData(copy);
  const samples = buffer.getChannelData(0);
  return samples.subarray(samples.length >= length + LAG ? LAG : 0).subarray(0, length);
}

export class Tracks extends Transport {
  // load(context) gives the tracks [{name, group, samples}] at the rate `sr`. A group is stretched
  // as one.
  constructor(changed, { sr, duration, load }) {
    super(changed);
    Object.assign(this, { sr, load, length: duration });
    this.ahead = 1.5; // s that are scheduled; a page in the background wakes once a second
    this.loop = false;
    this.region = null; // [start, end] in s of what is looped; all of it when null
    this.beats = []; // [{time, high}]
    this.mix = {}; // {name: {level, pan}}; "clicks" is the metronome
  }

  get duration() {
    return this.length;
  }

  get position() {
    if (!this.playing) return this.offset;
    return this.positionAt(this.context.currentTime - (this.context.outputLatency || 0));
  }

  // Seconds into the sound at a time of the context's clock, while it plays.
  positionAt(time) {
    const { pieces, first } = this.voice;
    const piece = pieces.findLast((candidate) => candidate.time <= time);
    if (!piece) return first;
    return Math.min(piece.from + (time - piece.time) * piece.speed, this.duration);
  }

  // Other beats, whose clicks are heard at once, also while it plays.
  setBeats(beats) {
    this.beats = beats;
    if (!this.playing) return;
    const now = this.context.currentTime;
    for (const click of this.voice.clicks) if (click.time > now) click.source.stop();
    this.voice.clicks = [];
    for (const piece of this.voice.pieces) this.#scheduleClicks(piece, now);
  }

  setRegion(region) {
    this.region = region;
    if (this.playing && this.loop) this.seek(this.position);
  }

  // How loud (0..1) and where (-1 left, 1 right) a track is.
  setMix(name, level, pan = 0) {
    this.mix[name] = { level, pan };
    const channel = this.channels?.[name];
    if (!channel) return;
    channel.gain.gain.setTargetAtTime(level, this.context.currentTime, FADE);
    channel.panner.pan.setTargetAtTime(pan, this.context.currentTime, FADE);
  }

  open() {
    return new AudioContext({ sampleRate: this.sr }); // pieces meet to the sample
  }

  prepare() {
    this.prepared ??= this.load(this.context).then((tracks) => this.#wire(tracks));
    return this.prepared;
  }

  #wire(tracks) {
    this.tracks = tracks;
    this.groups = [...new Set(tracks.map(({ group }) => group))].map((group) => {
      const members = tracks.filter((track) => track.group === group);
      return { members, mix: sum(members.map(({ samples }) => samples)) };
    });
    const peak = Math.max(...this.groups.map(({ mix }) => highest(mix)));
    this.master = new GainNode(this.context, { gain: peak > 1e-9 ? SAFE_PEAK / peak : 0 });
    this.master.connect(this.context.destination);
    const channel = (name, output) => {
      const { level = 1, pan = 0 } = this.mix[name] ?? {};
      const gain = new GainNode(this.context, { gain: level });
      const panner = new StereoPannerNode(this.context, { pan });
      gain.connect(panner).connect(output);
      return [name, { gain, panner }];
    };
    this.channels = Object.fromEntries([
      ...tracks.map(({ name }) => channel(name, this.master)),
      channel("clicks", this.context.destination),
    ]);
    for (const track of tracks) track.buffer = this.#buffer(track.samples);
    this.clicks = CLICKS.map((f) => this.#buffer(click(f, this.sr)));
  }

  #buffer(samples) {
    const buffer = this.context.createBuffer(1, samples.length, this.sr);
    buffer.copyToChannel(samples, 0);
    return buffer;
  }

  start() {
    this.stop();
    const { context, sr, speed } = this;
    const [begin, end] = this.#bounds();
    const first = this.offset >= end ? begin : this.offset;
    const loop = this.loop && [begin, end].map((t) => Math.round(t * sr));
    const frame = Math.ceil((context.currentTime + LEAD) * sr);
    this.voice = { first, at: first, frame, sources: new Set(), pieces: [], clicks: [] };
    this.voice.inputs = Object.fromEntries(
      Object.keys(this.channels).map((name) => {
        const input = new GainNode(context, { gain: 0 });
        input.gain.setValueAtTime(0, frame / sr);
        input.gain.linearRampToValueAtTime(1, frame / sr + FADE);
        input.connect(this.channels[name].gain);
        return [name, input];
      }),
    );
    this.voice.stretchers =
      speed !== 1 &&
      this.groups.map(
        ({ members, mix }) =>
          new Stretcher(
            members.map(({ samples }) => samples),
            mix,
            sr,
            { speed, loop, start: Math.round(first * sr) },
          ),
      );
    this.fill();
    this.timer = setInterval(() => this.fill(), TICK);
  }

  #bounds() {
    return (this.loop && this.region) || [0, this.duration];
  }

  // Schedules the next seconds; stops at the end.
  fill() {
    const { voice, context, sr } = this;
    const now = context.currentTime;
    while (!voice.over && voice.frame / sr < now + this.ahead) {
      if (voice.stretchers) this.#stretched();
      else this.#plain();
    }
    while (voice.pieces.length > 1 && voice.pieces[1].time < now - 1) voice.pieces.shift();
    while (voice.clicks[0]?.time < now - 1) voice.clicks.shift();
    if (!voice.over || now < voice.frame / sr) return;
    this.playing = false;
    this.offset = 0;
    this.stop();
    this.changed();
  }

  // Schedules everything up to the end, or up to the end of the loop, with a cross-fade into the next.
  #plain() {
    const { voice, context, sr, loop } = this;
    const [begin, end] = this.#bounds();
    const [time, length] = [voice.frame / sr, end - voice.at];
    for (const { name, buffer } of this.tracks) {
      const fade = new GainNode(context, { gain: 0 });
      fade.gain.setValueAtTime(0, time);
      fade.gain.linearRampToValueAtTime(1, time + FADE);
      if (loop)
        fade.gain.setValueAtTime(1, time + length).linearRampToValueAtTime(0, time + length + FADE);
      fade.connect(voice.inputs[name]);
      this.#play(buffer, fade, time, voice.at, length + FADE);
    }
    this.#passed(time, voice.at, length, 1);
    voice.frame += Math.round(length * sr);
    voice.at = begin;
    voice.over = !loop;
  }

  #stretched() {
    const { voice, sr, speed } = this;
    const made = voice.stretchers.map((stretcher) => stretcher.next(HOPS));
    const { hop } = voice.stretchers[0];
    made.forEach(({ output }, which) =>
      output.forEach((samples, member) => {
        const { name } = this.groups[which].members[member];
        this.#play(this.#buffer(samples), voice.inputs[name], voice.frame / sr);
      }),
    );
    made[0].positions.forEach((position, k) =>
      this.#passed((voice.frame + k * hop) / sr, position / sr, hop / sr, speed),
    );
    voice.frame += HOPS * hop;
    voice.over = voice.stretchers[0].ended;
  }

  // Notes that `from` plays at `time`, for `length` s, and schedules the clicks of its beats.
  #passed(time, from, length, speed) {
    const piece = { time, from, length, speed };
    this.voice.pieces.push(piece);
    this.#scheduleClicks(piece);
  }

  // Schedules the clicks of a piece that come after a time of the context's clock.
  #scheduleClicks({ time, from, length, speed }, after = -Infinity) {
    const { clicks, inputs } = this.voice;
    for (const beat of this.beats) {
      if (beat.time < from - 1e-6 || beat.time >= from + length * speed - 1e-6) continue;
      const start = time + (beat.time - from) / speed;
      if (start <= after) continue;
      const source = this.#play(this.clicks[Number(beat.high)], inputs.clicks, start);
      clicks.push({ time: start, source });
    }
  }

  #play(buffer, to, ...when) {
    const { sources } = this.voice;
    const source = new AudioBufferSourceNode(this.context, { buffer });
    source.connect(to);
    source.start(...when);
    sources.add(source);
    source.onended = () => {
      source.disconnect();
      sources.delete(source);
    };
    return source;
  }

  stop() {
    clearInterval(this.timer);
    if (!this.voice) return;
    const { sources, inputs } = this.voice;
    this.voice = undefined;
    const now = this.context.currentTime;
    for (const { gain } of Object.values(inputs)) {
      gain.cancelScheduledValues(now);
      gain.setTargetAtTime(0, now, FADE / 4);
    }
    for (const source of sources) source.stop(now + 2 * FADE);
  }
}

function sum(tracks) {
  if (tracks.length === 1) return tracks[0];
  const mix = new Float32Array(tracks[0].length);
  for (const track of tracks) for (let i = 0; i < track.length; i++) mix[i] += track[i];
  return mix;
}

function highest(samples) {
  let peak = 0;
  for (const sample of samples) peak = Math.max(peak, Math.abs(sample));
  return peak;
}

// A short tone of `f` Hz.
export function click(f, sr) {
  const at = (i) => Math.exp(-i / (0.008 * sr)) * Math.sin((2 * Math.PI * f * i) / sr);
  return Float32Array.from({ length: Math.round(0.05 * sr) }, (_, i) => CLICK_PEAK * at(i));
}
