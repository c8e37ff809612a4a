"""Engrave a score in a process of its own: `python verovio_child.py PAGE_HEIGHT < score`.

verovio ends its process on some damaged scores. This file imports nothing of mirlab, so that the
process starts quickly.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

WIDTH = 2100  # verovio's units: tenths of a millimetre, the width of an A4 page
SCALE = 40  # per cent of a printed page; a pixel is 2.5 units
NO_SCORE = 3  # exit code
MAX_MEMORY = 4 << 30  # bytes


def main(height: int) -> int:
    """Read MusicXML, write JSON: the pages as SVG and the time map; return the exit code."""
    _limit_memory()
    toolkit = _toolkit(height)
    text = sys.stdin.buffer.read().decode("utf-8")
    if not toolkit.loadData(text) or toolkit.getPageCount() < 1:
        return NO_SCORE
    pages = [toolkit.renderToSVG(1 + i) for i in range(toolkit.getPageCount())]
    if 'class="measure"' not in pages[0]:
        return NO_SCORE
    times = toolkit.renderToTimemap({"includeMeasures": True})
    sys.stdout.buffer.write(json.dumps({"pages": pages, "times": times}).encode())
    return 0


def _toolkit(height: int) -> Any:
    """Verovio with this maximum page height and deterministic ids."""
    import verovio

    verovio.enableLog(verovio.LOG_OFF)
    toolkit = verovio.toolkit(False)
    toolkit.setResourcePath(str(Path(verovio.__file__).parent / "data"))
    toolkit.setOptions(
        {
            "pageWidth": WIDTH,
            "pageHeight": height,
            "adjustPageHeight": True,
            "breaks": "auto",
            "footer": "none",
            "scale": SCALE,
            "svgRemoveXlink": True,
            "xmlIdSeed": 1,
        }
    )
    return toolkit


def _limit_memory() -> None:
    """Let this process take no more than `MAX_MEMORY`, and leave no core file, where possible."""
    try:
        import resource
    except ImportError:  # Windows
        return
    resource.setrlimit(resource.RLIMIT_AS, (MAX_MEMORY, MAX_MEMORY))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1])))
