// Playback of the sound, of the notes, or of both on either side.
import { bytes } from "../../shared/js/notes.js";
import { RATE } from "../../shared/js/sound.js";
import { decode } from "../../shared/js/tracks.js";
import { FADE, SAFE_PEAK, Transport } from "../../shared/js/transport.js";

const [RISE, FALL, RELEASE] = [0.006, 0.6, 0.04]; // s
const PARTIALS = [0, 1, 0.45, 0.25, 0.12, 0.07, 0.04]; // of a note's wave
const CHANNEL_GAINS = { original: [[1, 0], [1, 0]], notes: [[0, 1], [0, 1]], both: [[1, 0], [0, 1]] };
const SETTLED = 250; // ms after a change until what plays is made anew

// Notes as sound, `length` samples long.
async function play(notes, length) {
  const context = new OfflineAudioContext(1, length, RATE);
  const wave = context.createPeriodicWave(new Float32Array(PARTIALS.length), Float32Array.from(PARTIALS));
  for (const { onset, offset, pitch, velocity } of notes) {
    if (onset >= length / RATE) continue;
    const source = new OscillatorNode(context, { frequency: 440 * 2 ** ((pitch - 69) / 12) });
    source.setPeriodicWave(wave);
    const gain = new GainNode(context, { gain: 0 });
    const level = 0.2 * (velocity / 127) ** 2;
    const top = onset + RISE;
    gain.gain.setValueAtTime(0, onset).linearRampToValueAtTime(level, top);
    gain.gain.setTargetAtTime(0.1 * level, top, FALL);
    gain.gain.setTargetAtTime(0, Math.max(offset, top), RELEASE);
    source.connect(gain).connect(context.destination);
    source.start(onset);
    source.stop(offset + 6 * RELEASE);
  }
  return (await context.startRendering()).getChannelData(0);
}

const power = (y) => y.reduce((sum, value) => sum + value * value, 0) / y.length;

// Renders both channels at the safe level, and plays them.
class Player extends Transport {
  prepare() {
    this.ready ??= this.render();
    return this.ready;
  }

  async render() {
    const { seconds, sound, samples, notes, listen } = this.given();
    const length = Math.max(Math.round(seconds * RATE), 1);
    if (this.source !== (samples ?? sound)) {
      this.original = new Float32Array(length);
      if (samples) this.original.set(Float32Array.from(new Int16Array(bytes(samples).slice().buffer), (v) => v / 32768));
      else this.original.set(await decode(this.context, bytes(sound), length));
      this.source = samples ?? sound;
    }
    const parts = [this.original, await play(notes, length)];
    const [loud, ours] = parts.map(power);
    const gains = [1, ours && loud ? Math.sqrt(loud / ours) : 1];
    const buffer = this.context.createBuffer(2, length, RATE);
    let peak = 1e-9;
    CHANNEL_GAINS[listen].forEach((shares, channel) => {
      const y = buffer.getChannelData(channel);
      parts.forEach((part, i) => part.forEach((value, t) => (y[t] += shares[i] * gains[i] * value)));
      for (const value of y) peak = Math.max(peak, Math.abs(value));
    });
    this.made = { buffer, level: peak > 1e-6 ? SAFE_PEAK / peak : 0 };
  }

  get duration() {
    return this.given().seconds;
  }

  start() {
    this.stop();
    const { buffer, level } = this.made;
    const source = new AudioBufferSourceNode(this.context, { buffer });
    const gain = new GainNode(this.context, { gain: 0 });
    const now = this.context.currentTime;
    gain.gain.setValueAtTime(0, now).linearRampToValueAtTime(level, now + FADE);
    source.connect(gain).connect(this.context.destination);
    if (this.offset >= this.duration) this.offset = 0;
    source.start(now, this.offset);
    const voice = { source, gain };
    source.onended = () => {
      if (this.voice !== voice) return;
      this.playing = false;
      this.offset = 0;
      this.changed();
    };
    this.voice = voice;
    this.started = now;
  }
}

// given() gives {seconds, sound (a file) or samples (16 bits), notes, listen}.
export function player(changed, given) {
  const transport = new Player(changed);
  Object.assign(transport, { given, loop: false });
  let timer = 0;
  return {
    transport,
    // Renders the sound again after a change; during playback once there are no further changes.
    renew() {
      transport.ready = undefined;
      clearTimeout(timer);
      if (!transport.playing) return;
      timer = setTimeout(async () => {
        await transport.prepare();
        if (transport.playing) transport.seek(transport.position);
      }, SETTLED);
    },
    close() {
      clearTimeout(timer);
      transport.close();
    },
  };
}
