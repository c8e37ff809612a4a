"""Draw the figure of ARCHITECTURE.md: the layers of the import contract in pyproject.toml."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from html import escape
from pathlib import Path

from stamp_address import ROOT

PICTURE = Path("book/assets/layers.svg")
LETTER, PADDING, GAP = 8.6, 11, 8  # px: width of a letter, beside a name, between boxes
BOX, LAYER = 30, 40  # px: height of a box, distance between layers
LEFT, TOP, BOTTOM = 44, 24, 44  # px around the layers
# The figure has its own background, so that it is readable on any page.
STYLE = """
svg { background: #fff; font: 14px ui-monospace, "DejaVu Sans Mono", monospace; }
text { fill: #1f2328; text-anchor: middle; }
.note { fill: #59636e; font-size: 12px; text-anchor: start; }
.number { fill: #59636e; }
rect { fill: #eef3fb; stroke: #8ba3c7; }
.private { stroke: #2f5d9b; stroke-width: 2.5; }
.planned { fill: none; stroke-dasharray: 5 4; }
path { stroke: #d8dee4; }
@media (prefers-color-scheme: dark) {
  svg { background: #16191d; }
  text { fill: #e6e8eb; }
  .note, .number { fill: #9aa4af; }
  rect { fill: #202a38; stroke: #55698a; }
  .private { stroke: #8fb4e8; }
  .planned { fill: none; }
  path { stroke: #2c3238; }
}
"""


@dataclass(frozen=True)
class Room:
    """A package of `mirlab` in the import contracts.

    Attributes
    ----------
    name
        Name of its folder or file.
    planned
        Whether it is planned but does not exist yet.
    private
        Whether other rooms may import only its public names.
    """

    name: str
    planned: bool = False
    private: bool = False


def read_layers(root: Path = ROOT) -> list[list[Room]]:
    """Read the layers of the import contract, highest first.

    Raises
    ------
    ValueError
        If pyproject.toml has no contract of type `layers`.
    """
    settings = tomllib.loads((root / "pyproject.toml").read_text("utf-8"))
    contracts = {c["type"]: c for c in settings["tool"]["importlinter"]["contracts"]}
    if "layers" not in contracts:
        raise ValueError('pyproject.toml: tool.importlinter has no contract of type "layers"')
    private = contracts.get("forbidden", {}).get("source_modules", [])
    return [
        [_room(name.strip(), private) for name in layer.split("|")]
        for layer in contracts["layers"]["layers"]
    ]


def _room(text: str, private: list[str]) -> Room:
    """Parse a room of the contract; parentheses mark one that may be missing."""
    name = text.strip("()")
    return Room(name, planned=text != name, private=f"mirlab.{name}" in private)


def layers_svg(layers: list[list[Room]]) -> str:
    """Draw the layers as SVG; the lowest is number 1."""
    widths = [[2 * PADDING + LETTER * len(room.name) for room in layer] for layer in layers]
    inner = max(sum(row) + GAP * (len(row) - 1) for row in widths)
    width, height = round(LEFT + inner + GAP), TOP + LAYER * len(layers) + BOTTOM
    names = "; ".join(", ".join(room.name for room in layer) for layer in layers)
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" '
        f'width="{width}" height="{height}" role="img" aria-label="Layers, from the top: {names}">',
        f"<style>{STYLE}</style>",
        f'<text class="note" x="{LEFT}" y="16">A room imports rooms of lower layers only.</text>',
    ]
    for i, (layer, row) in enumerate(zip(layers, widths, strict=True)):
        y = TOP + LAYER * i + (LAYER - BOX) / 2
        lines.append(
            f'<text class="number" x="{LEFT / 2:g}" y="{y + 20:g}">{len(layers) - i}</text>'
        )
        if i:
            edge = TOP + LAYER * i
            lines.append(f'<path d="M{GAP} {edge} H{width - GAP}"/>')
        x = LEFT + (inner - sum(row) - GAP * (len(row) - 1)) / 2
        for room, box_width in zip(layer, row, strict=True):
            lines.append(_box(room, x, y, box_width))
            x += box_width + GAP
    y = TOP + LAYER * len(layers) + 16
    lines += [
        f'<text class="note" x="{LEFT}" y="{y}">Thick outline: other rooms import its public names '
        "only, never its files.</text>",
        f'<text class="note" x="{LEFT}" y="{y + 17}">Dashed: planned.</text>',
        "</svg>",
    ]
    return "\n".join(lines) + "\n"


def _box(room: Room, x: float, y: float, width: float) -> str:
    """Draw the box of a room with its name."""
    kinds = [kind for kind in ("planned", "private") if getattr(room, kind)]
    marked = f' class="{" ".join(kinds)}"' if kinds else ""
    return (
        f'<rect{marked} x="{x:.1f}" y="{y:g}" width="{width:.1f}" height="{BOX}" rx="6"/>'
        f'<text x="{x + width / 2:.1f}" y="{y + 20:g}">{escape(room.name)}</text>'
    )


def main() -> None:
    """Write the figure of this repository."""
    (ROOT / PICTURE).write_text(layers_svg(read_layers()), "utf-8")


if __name__ == "__main__":
    main()
