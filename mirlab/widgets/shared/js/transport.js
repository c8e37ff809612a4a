// Playback: play, pause, seek, loop and speed, with a peak of at most -12 dBFS.

export const SAFE_PEAK = 10 ** (-12 / 20);
export const FADE = 0.012; // seconds; shorter ones click

// The gain that normalises samples to the safe peak; 0 for silence.
export function safeGain(samples) {
  let peak = 0;
  for (const sample of samples) peak = Math.max(peak, Math.abs(sample));
  return peak > 1e-9 ? SAFE_PEAK / peak : 0;
}

// Plays samples (at the rate `sr`) in an AudioContext or an OfflineAudioContext.
export function connect(context, samples, sr, { loop = false, speed = 1, offset = 0 } = {}) {
  const buffer = context.createBuffer(1, samples.length, sr);
  buffer.getChannelData(0).set(samples);
  const source = new AudioBufferSourceNode(context, { buffer, loop, playbackRate: speed });
  const gain = new GainNode(context, { gain: safeGain(samples) });
  source.connect(gain).connect(context.destination);
  source.start(context.currentTime, offset);
  return { source, gain };
}

export class Transport {
  // changed() is called whenever it starts or stops.
  constructor(changed) {
    this.changed = changed;
    this.playing = false;
    this.loop = true;
    this.speed = 1;
    this.offset = 0; // seconds into the sound at which the current source started
    this.samples = new Float32Array(1);
    this.sr = 48000;
  }

  get duration() {
    return this.samples.length / this.sr;
  }

  // Seconds into the sound, now.
  get position() {
    if (!this.playing) return this.offset;
    const at = this.offset + (this.context.currentTime - this.started) * this.speed;
    return this.loop ? at % this.duration : Math.min(at, this.duration);
  }

  // Sets the sound; make() returns its samples. Playback continues in it at the same position, once
  // the plots are drawn; while paused, the sound is made when it is played.
  setSound(make) {
    this.make = make;
    if (this.playing) this.pending ??= setTimeout(() => this.#renew());
  }

  seek(seconds) {
    this.offset = seconds;
    if (this.playing) this.start();
  }

  setSpeed(speed) {
    const at = this.position;
    this.speed = speed;
    this.seek(at);
  }

  setLoop(loop) {
    const at = this.position;
    this.loop = loop;
    this.seek(at);
  }

  async play() {
    this.context ??= this.open();
    await Promise.all([this.context.resume(), this.prepare()]);
    if (this.closed) return;
    this.#make(); // while it is paused: what was sought may lie beyond the old sound
    this.playing = true;
    this.start();
    this.changed();
  }

  pause() {
    this.offset = this.position;
    this.playing = false;
    this.stop();
    this.changed();
  }

  toggle() {
    return this.playing ? this.pause() : this.play();
  }

  close() {
    this.closed = true;
    clearTimeout(this.pending);
    this.stop();
    this.context?.close();
  }

  // Overridden by subclasses: the context, the preparation before playback, start and stop.
  open() {
    return new AudioContext();
  }

  prepare() {}

  #make() {
    clearTimeout(this.pending);
    this.pending = undefined;
    if (!this.make) return;
    const at = this.position;
    this.samples = this.make();
    this.make = undefined;
    this.offset = at % this.duration;
  }

  #renew() {
    this.#make();
    if (this.playing) this.start();
  }

  start() {
    this.stop();
    const { loop, speed, offset } = this;
    const voice = connect(this.context, this.samples, this.sr, { loop, speed, offset });
    const { gain } = voice.gain;
    const now = this.context.currentTime;
    const level = gain.value;
    gain.setValueAtTime(0, now);
    gain.linearRampToValueAtTime(level, now + FADE);
    voice.source.onended = () => {
      if (this.voice !== voice) return;
      this.playing = false;
      this.offset = 0;
      this.changed();
    };
    this.voice = voice;
    this.started = now;
  }

  stop() {
    if (!this.voice) return;
    const { source, gain } = this.voice;
    this.voice = undefined;
    const now = this.context.currentTime;
    gain.gain.cancelScheduledValues(now);
    gain.gain.setValueAtTime(gain.gain.value, now);
    gain.gain.linearRampToValueAtTime(0, now + FADE);
    source.stop(now + FADE);
  }
}
