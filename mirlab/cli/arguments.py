"""Argument parser of the command line."""

from __future__ import annotations

import argparse
from typing import NoReturn

from .._version import __version__
from ..core.names import printable


class _Parser(argparse.ArgumentParser):
    """Parser whose messages are one line, whatever was typed."""

    def error(self, message: str) -> NoReturn:
        super().error(printable(message))


def parser() -> argparse.ArgumentParser:
    """The parser of `mirlab COMMAND ...`; its result has `command` and the command's options."""
    parser = _Parser(
        prog="mirlab",
        description="Music information retrieval: analyse and transcribe recordings.",
    )
    parser.add_argument("--version", action="version", version=f"mirlab {__version__}")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    _add_analyze(commands)
    _add_report(commands)
    _add_transcribe(commands)
    _add_learning(commands)
    return parser


def _add_analyze(commands: argparse._SubParsersAction[_Parser]) -> None:
    """Add the command `analyze`."""
    analyze = commands.add_parser(
        "analyze",
        help="find notes, chords, key, beats, stems and score of audio files",
        description=(
            "Analyse recordings. The results of each FILE (wav, flac, ogg, mp3) are written to a "
            "subfolder of DIR: report.html, score.svg, score.musicxml, notes.mid, chords.lab, "
            "key.lab, beats.lab, sections.lab, spectrogram.png, stems/*.flac and analysis.json. "
            "The report is a single page with all results, playable and offline. It is smaller "
            "than 20 MB, so it can be mailed; of recordings longer than about seven minutes it "
            "contains only the beginning. For several files an index.html is written as well."
        ),
        epilog="example: mirlab analyze song.mp3 --out results",
    )
    analyze.add_argument(
        "files", nargs="+", metavar="FILE", help="audio files, or folders of audio files"
    )
    analyze.add_argument(
        "--out", default="analysis", metavar="DIR", help="folder for the results (%(default)s)"
    )
    analyze.add_argument(
        "--corrections",
        metavar="FILE",
        help="corrections.json, as the Listening desk saves it; for several recordings, the folder "
        "with their results",
    )
    analyze.add_argument(
        "--device", default="auto", metavar="NAME", help="device, such as cpu or cuda (%(default)s)"
    )
    analyze.add_argument(
        "--n-jobs",
        type=_positive,
        default=-1,
        metavar="N",
        help="number of files analysed in parallel (default: number of CPU cores)",
    )


def _add_report(commands: argparse._SubParsersAction[_Parser]) -> None:
    """Add the command `report`."""
    report = commands.add_parser(
        "report",
        help="write an index page for a folder of analysed pieces",
        description=(
            "Write DIR/index.html: a table of the pieces that `mirlab analyze` has analysed into "
            "DIR, with length, key, tempo and a link to each report. The table can be sorted by "
            "any column and works offline. The recordings are not needed."
        ),
        epilog="example: mirlab report results",
    )
    report.add_argument("folder", metavar="DIR", help="folder with the results of `mirlab analyze`")


def _add_transcribe(commands: argparse._SubParsersAction[_Parser]) -> None:
    """Add the command `transcribe`."""
    transcribe = commands.add_parser(
        "transcribe",
        help="transcribe an audio file to MIDI or to a score",
        description=(
            "Transcribe FILE (wav, flac, ogg, mp3). The suffix of each output file gives its "
            "format: .mid for the notes as played; .musicxml for the score, quantized to the "
            "detected beats, with the estimated key and meter; .svg for the engraved score. "
            "Several names may follow --out. If an error occurs, no file is written."
        ),
        epilog="example: mirlab transcribe song.mp3 --out song.mid song.musicxml song.svg",
    )
    transcribe.add_argument("file", metavar="FILE", help="audio file")
    transcribe.add_argument("--out", nargs="+", required=True, metavar="NAME", help="output files")
    transcribe.add_argument(
        "--model", default="mirlab-notes", metavar="NAME", help="transcription model (%(default)s)"
    )
    transcribe.add_argument(
        "--device", default="auto", metavar="NAME", help="device, such as cpu or cuda (%(default)s)"
    )


def _add_learning(commands: argparse._SubParsersAction[_Parser]) -> None:
    """Add the commands `models` and `train`."""
    commands.add_parser(
        "models",
        help="list the available models",
        description="List the available models: size, licence, training data and score.",
    )
    train = commands.add_parser(
        "train",
        help="train a model from scratch",
        description=(
            "Run a recipe: make the data, train the model, score it, and write its weights "
            "(safetensors) and its card (JSON) to DIR. If the training is interrupted, the same "
            "command resumes it. Without NAME, list the recipes."
        ),
        epilog="example: mirlab train transcription/mirlab-notes-tiny --out weights",
    )
    train.add_argument("name", nargs="?", metavar="NAME", help="name of the recipe, TASK/NAME")
    train.add_argument(
        "--out", default="weights", metavar="DIR", help="folder for the weights (%(default)s)"
    )
    train.add_argument(
        "--steps",
        type=_positive,
        metavar="N",
        help="training steps (default: those of the recipe)",
    )
    train.add_argument(
        "--seed", type=_natural, default=0, metavar="N", help="random seed (%(default)s)"
    )
    train.add_argument(
        "--device", default="auto", metavar="NAME", help="device, such as cpu or cuda (%(default)s)"
    )


def _positive(text: str) -> int:
    """Parse an integer of at least 1."""
    if not text.isdigit() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"must be an integer of at least 1, not {text!r}")
    return int(text)


def _natural(text: str) -> int:
    """Parse an integer of at least 0."""
    if not text.isdigit():
        raise argparse.ArgumentTypeError(f"must be an integer of at least 0, not {text!r}")
    return int(text)
