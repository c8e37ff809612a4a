// Decodes a file or a recording to samples: mono, 22,050 Hz, 16 bits.

export const RATE = 22050;

// The samples of a sound file's first `longest` seconds, and how many seconds the whole of it lasts.
export async function decode(bytes, longest) {
  const context = new OfflineAudioContext(1, 1, RATE); // decoding resamples to its rate
  const sound = await context.decodeAudioData(bytes);
  const channels = Array.from({ length: sound.numberOfChannels }, (_, c) => sound.getChannelData(c));
  const samples = new Int16Array(Math.min(sound.length, RATE * longest));
  for (let i = 0; i < samples.length; i++) {
    let sum = 0;
    for (const channel of channels) sum += channel[i];
    const value = Math.round((32768 * sum) / channels.length);
    samples[i] = Math.max(-32768, Math.min(32767, value));
  }
  return { samples, whole: sound.duration };
}

const REFUSALS = {
  NotAllowedError: "The microphone was refused. Allow it for this page (beside its address), then "
    + "press Record again.",
  NotFoundError: "No microphone was found. Plug one in, or choose a file.",
};

// Open the microphone and record at once. `done` is a promise of the file that it becomes, after
// stop() or when the microphone is pulled out; level() is the loudest sample of this moment, 0..1.
export async function record() {
  if (!navigator.mediaDevices) {
    throw new Error("Browsers open the microphone only on https pages and on localhost. "
      + "Choose a file instead.");
  }
  // raw: the noise suppression of browsers would spoil experiments with it
  const raw = { echoCancellation: false, noiseSuppression: false, autoGainControl: false };
  const stream = await navigator.mediaDevices.getUserMedia({ audio: raw }).catch((error) => {
    throw new Error(REFUSALS[error.name] ?? `The microphone failed: ${error.message}`);
  });
  const context = new AudioContext();
  const analyser = new AnalyserNode(context, { fftSize: 2048 });
  context.createMediaStreamSource(stream).connect(analyser);
  const frame = new Float32Array(analyser.fftSize);
  const recorder = new MediaRecorder(stream, { audioBitsPerSecond: 128000 });
  const done = new Promise((resolve) => {
    recorder.ondataavailable = (event) => resolve(event.data); // one piece, when it stops
  });
  recorder.onstop = () => {
    for (const track of stream.getTracks()) track.stop();
    context.close();
  };
  const start = performance.now();
  recorder.start();
  return {
    done,
    seconds: () => (performance.now() - start) / 1000,
    level() {
      analyser.getFloatTimeDomainData(frame);
      return frame.reduce((peak, sample) => Math.max(peak, Math.abs(sample)), 0);
    },
    stop: () => recorder.state === "recording" && recorder.stop(),
  };
}
