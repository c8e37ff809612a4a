// The audio clock against the clock of events and animation frames.

// Time of the context's clock that is audible at a time stamp (ms) of an event or a frame.
export function audibleTime(context, stamp) {
  const { contextTime = 0, performanceTime = 0 } = context.getOutputTimestamp?.() ?? {};
  if (contextTime > 0) return contextTime + (stamp - performanceTime) / 1000;
  const delay = context.outputLatency || context.baseLatency || 0; // before the first output
  return context.currentTime - delay + (stamp - performance.now()) / 1000;
}
