// A perceptual colour map: in OKLab (Ottosson 2020) its lightness rises evenly from dark to light
// while the hue turns from blue to yellow, so that equal steps look equal, in grey too.

const STEPS = 256;
const [DARK, LIGHT] = [0.18, 0.94]; // OKLab lightness at either end
const [BLUE, YELLOW] = [285, 465]; // degrees of hue: from blue through purple and red

const gamma = (x) => (x <= 0.0031308 ? 12.92 * x : 1.055 * x ** (1 / 2.4) - 0.055);

// OKLab to sRGB, each in 0..1 where the screen can show it.
function toRgb(lightness, a, b) {
  const l = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3;
  const m = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3;
  const s = (lightness - 0.0894841775 * a - 1.291485548 * b) ** 3;
  return [
    4.0767416621 * l - 3.3077115913 * m + 0.2309699292 * s,
    -1.2684380046 * l + 2.6097574011 * m - 0.3413193965 * s,
    -0.0041960863 * l - 0.7034186147 * m + 1.707614701 * s,
  ].map(gamma);
}

// The most colourful shade of this lightness and hue, up to a limit, that a screen can show.
function shade(lightness, hue) {
  for (let chroma = 0.16; ; chroma -= 0.005) {
    const rgb = toRgb(lightness, chroma * Math.cos(hue), chroma * Math.sin(hue));
    if (chroma <= 0 || rgb.every((value) => value >= 0 && value <= 1)) return rgb;
  }
}

// 256 colours as [red, green, blue] bytes, for the values 0..255 of a picture.
export function colourMap() {
  return Array.from({ length: STEPS }, (_, i) => {
    const at = i / (STEPS - 1);
    const hue = ((BLUE + at * (YELLOW - BLUE)) * Math.PI) / 180;
    return shade(DARK + at * (LIGHT - DARK), hue).map((value) => Math.round(255 * value));
  });
}

// The same as pixels of an ImageData: a Uint32Array of 256 opaque colours.
export function palette() {
  return Uint32Array.from(colourMap(), ([r, g, b]) => (255 << 24) | (b << 16) | (g << 8) | r);
}
