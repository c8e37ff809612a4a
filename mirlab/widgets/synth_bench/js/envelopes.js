// Which envelopes a method has, and how its settings change with them.

// The envelopes of a method by name, and whether they cannot change between held and struck.
export function envelopesOf(method, settings) {
  if (method === "fm") {
    return [settings.operators.map(({ envelope }, i) => [`operator ${i + 1}`, envelope]), false];
  }
  if (method === "plucked") return [[["string", { t60: settings.t60, release: settings.release }]], true];
  const envelopes = [["loudness", settings.envelope]];
  if (method === "subtractive") envelopes.push(["filter", settings.filter_envelope]);
  return [envelopes, method === "breath"];
}

// The changes of the method's settings that replace one of its envelopes.
export function withEnvelope({ method, settings }, index, envelope) {
  if (method === "fm") {
    const { operators } = settings.fm;
    return { operators: operators.with(index, { ...operators[index], envelope }) };
  }
  if (method === "plucked") return envelope;
  return { [index ? "filter_envelope" : "envelope"]: envelope };
}
