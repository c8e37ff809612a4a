"""Draw the README's figure: the analysis of the melody of the first page."""

from __future__ import annotations

from typing import Any

import jupytext
from stamp_address import ROOT

PICTURE = ROOT / "book/assets/ode_to_joy.png"


def first_page() -> dict[str, Any]:
    """Run the first page up to its analysis; return its variables."""
    chapter = ROOT / "book/chapters/first_steps.md"
    names: dict[str, Any] = {}
    for cell in jupytext.read(chapter, fmt="md:myst").cells:
        if cell.cell_type == "code":
            exec(cell.source, names)
        if "found" in names:
            return names
    raise ValueError(f"{chapter}: makes no analysis called found")


def main() -> None:
    """Write the figure with few colours and a small size, since the README loads it."""
    from PIL import Image

    from mirlab.analysis.pictures import save_spectrogram

    found = first_page()["found"]
    save_spectrogram(PICTURE, found.spectrogram, found.chords, found.notes)
    small = Image.open(PICTURE).convert("RGB").resize((800, 512), Image.Resampling.LANCZOS)
    small.quantize(64, dither=Image.Dither.NONE).save(PICTURE, optimize=True)


if __name__ == "__main__":
    main()
