"""Export of the networks that the book's pages run with onnxruntime-web."""

from __future__ import annotations

import sys
from pathlib import Path

from onnxruntime_web import STATIC

NETWORKS = "networks"


def export_networks(root: Path) -> bool:
    """Export the networks to the folder that becomes `_static/networks`.

    Existing files are kept, and networks with other weights are removed. If onnx is not installed,
    a message is printed, and pages run the networks in JavaScript.

    Returns
    -------
    bool
        Whether the files exist.
    """
    from mirlab.core import MissingPartError
    from mirlab.learning import load_model
    from mirlab.transcription.detector import NoteDetector
    from mirlab.widgets.piano_roll.net import export_net, onnx_name
    from mirlab.widgets.piano_roll.widget import TINY

    folder = root / STATIC / NETWORKS
    folder.mkdir(parents=True, exist_ok=True)
    detector = load_model(f"transcription/{TINY}")
    assert isinstance(detector, NoteDetector)
    path = folder / onnx_name(detector)
    for other in {*folder.iterdir()} - {path}:
        other.unlink()
    try:
        if not path.exists():
            export_net(detector, folder)
    except MissingPartError as reason:
        print(f"pages run the note network in JavaScript: {reason}", file=sys.stderr)
        return False
    return True
