// Time stretching at constant pitch: waveform similarity overlap-add (Verhelst and Roelands, "An
// overlap-add technique based on waveform similarity (WSOLA)", ICASSP 1993). Short grains are taken
// at the pace of the new speed, each from the position near by that best continues the previous one,
// and cross-faded. The positions are found in the mix, so that all tracks stay synchronous.

const GRAIN = 0.06; // s; half of it overlaps with the next one
const SEARCH = 0.012; // s to either side: more than half a period of the lowest tones
const COARSE = 4; // samples that the first search puts together

// Every track's samples at `speed` from sample `start` on, a few grains at a time. `tracks` are
// Float32Arrays of one length; with `loop` = [first, last] (samples) it goes round and round.
export class Stretcher {
  constructor(tracks, mix, sr, { speed, start, loop }) {
    Object.assign(this, { tracks, mix, speed, loop });
    this.hop = Math.round((GRAIN * sr) / 2);
    this.reach = Math.round(SEARCH * sr);
    this.at = start; // where the next grain should begin, in samples of the original
    this.last = null; // where the last one did
    // rises and falls of one grain and the next add up to 1
    const turn = (i) => 0.5 - 0.5 * Math.cos((Math.PI * (i + 0.5)) / this.hop);
    this.rise = Float32Array.from({ length: this.hop }, (_, i) => turn(i));
  }

  get ended() {
    return !this.loop && this.at >= this.mix.length;
  }

  // The next `count` hops: one Float32Array a track; and which second of the original (as a
  // sample number) sounds at the start of each hop.
  next(count) {
    const { hop, rise, tracks } = this;
    const output = tracks.map(() => new Float32Array(count * hop));
    const positions = [];
    for (let k = 0; k < count; k++) {
      const from = this.#nextGrain();
      const before = this.last === null ? from : this.last + hop; // the last grain's second half
      tracks.forEach((track, which) => {
        const out = output[which];
        for (let i = 0; i < hop; i++) {
          const fading = track[before + i] ?? 0;
          out[k * hop + i] = fading + rise[i] * ((track[from + i] ?? 0) - fading);
        }
      });
      positions.push(this.at);
      this.last = from;
      this.at += hop * this.speed;
      if (this.loop && this.at >= this.loop[1]) this.at -= this.loop[1] - this.loop[0];
    }
    return { output, positions };
  }

  // Near where the next grain should begin, the sample from which the mix goes on most like it
  // would have gone on by itself.
  #nextGrain() {
    const wanted = Math.round(this.at);
    if (this.last === null) return wanted;
    const natural = this.last + this.hop;
    if (natural === wanted) return natural;
    const rough = this.#best(natural, wanted, this.reach, COARSE);
    return this.#best(natural, rough, COARSE, 1);
  }

  #best(natural, centre, reach, step) {
    const { mix, hop } = this;
    let [best, position] = [-Infinity, centre];
    for (let d = -reach; d <= reach; d += step) {
      const from = centre + d;
      if (from < 0 || from + hop > mix.length) continue;
      let [product, energy] = [0, 1e-9];
      for (let i = 0; i < hop && natural + i < mix.length; i += step) {
        product += mix[natural + i] * mix[from + i];
        energy += mix[from + i] * mix[from + i];
      }
      const likeness = product / Math.sqrt(energy);
      if (likeness > best) [best, position] = [likeness, from];
    }
    return position;
  }
}
