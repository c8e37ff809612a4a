// Plots on canvases at the resolution of the screen, in the colours of the widget.

// Appends a plot to `parent`. paint() and a change of size call draw(context, width, height, colours).
export function plot(parent, label, draw) {
  const canvas = document.createElement("canvas");
  canvas.setAttribute("role", "img");
  canvas.setAttribute("aria-label", label);
  parent.append(canvas);
  const paint = () => {
    const { clientWidth: width, clientHeight: height } = canvas;
    if (!width || !height) return;
    const ratio = window.devicePixelRatio || 1;
    const [pixelWidth, pixelHeight] = [Math.round(width * ratio), Math.round(height * ratio)];
    if (canvas.width !== pixelWidth) canvas.width = pixelWidth; // setting it clears, even to the same
    if (canvas.height !== pixelHeight) canvas.height = pixelHeight;
    const context = canvas.getContext("2d");
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    context.clearRect(0, 0, width, height);
    context.font = "11px system-ui, sans-serif";
    draw(context, width, height, colours(canvas));
    canvas.dataset.painted = performance.now();
  };
  const observer = new ResizeObserver(paint);
  observer.observe(canvas);
  const describe = (text) => canvas.setAttribute("aria-label", text);
  return { paint, describe, close: () => observer.disconnect() };
}

function colours(element) {
  const style = getComputedStyle(element);
  const of = (name) => style.getPropertyValue(name).trim();
  return { ink: of("--ink"), soft: of("--soft"), line: of("--line"), accent: of("--accent") };
}

// Strokes a line through points in pixels.
export function line(context, xs, ys, colour, width = 1.5) {
  context.beginPath();
  for (let i = 0; i < xs.length; i++) context.lineTo(xs[i], ys[i]);
  context.strokeStyle = colour;
  context.lineWidth = width;
  context.stroke();
}

// Text that stays inside the plot.
export function label(context, text, x, y, colour, width) {
  const textWidth = context.measureText(text).width;
  context.fillStyle = colour;
  context.fillText(text, Math.min(Math.max(x, 2), width - textWidth - 2), y);
}
