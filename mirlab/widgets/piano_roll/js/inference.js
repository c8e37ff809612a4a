// What was heard, by whoever heard it, as the picture and the decoders take it.
import { bytes } from "../../shared/js/notes.js";

export const NOTHING = { frames: 0, posteriors: new Uint8Array(), picture: new Uint8Array() };

async function inflated(view) {
  const stream = new Blob([bytes(view)]).stream().pipeThrough(new DecompressionStream("deflate"));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

// What `piano_roll_data.hear` or this page has packed.
export async function opened(heard) {
  if (!heard.frames) return NOTHING;
  const [posteriors, picture] = await Promise.all(["posteriors", "picture"].map((name) =>
    (heard.plain ? bytes(heard[name]) : inflated(heard[name]))));
  return { frames: heard.frames, posteriors, picture };
}
