"""The words that `mirlab` understands."""

from __future__ import annotations

import argparse

from .._version import __version__


def parser() -> argparse.ArgumentParser:
    """The parser of `mirlab COMMAND ...`; what it gives has `command` and that one's options."""
    parser = argparse.ArgumentParser(
        prog="mirlab", description="Hear what is in a piece of music, and write it down."
    )
    parser.add_argument("--version", action="version", version=f"mirlab {__version__}")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    _add_analyze(commands)
    _add_report(commands)
    _add_transcribe(commands)
    _add_learning(commands)
    return parser


def _add_analyze(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """The command `analyze`."""
    analyze = commands.add_parser(
        "analyze",
        help="notes, chords, key, beats, stems and score of sound files",
        description=(
            "Take recordings apart. Each FILE (wav, flac, ogg, mp3) gets a folder of its own "
            "in DIR with report.html, score.svg, score.musicxml, notes.mid, chords.lab, key.lab, "
            "beats.lab, spectrogram.png, stems/*.flac and analysis.json. The report is one page "
            "with all of it to hear and to see, which opens without a network and can be mailed: "
            "it stays under 20 MB, so of a recording of more than seven minutes or so it plays "
            "the beginning. Several files get an index.html, too."
        ),
        epilog="example: mirlab analyze song.mp3 --out results",
    )
    analyze.add_argument("files", nargs="+", metavar="FILE", help="sound files, or folders of them")
    analyze.add_argument(
        "--out", default="analysis", metavar="DIR", help="folder for the results (%(default)s)"
    )
    analyze.add_argument(
        "--device", default="auto", metavar="NAME", help="such as cpu or cuda (%(default)s)"
    )
    analyze.add_argument(
        "--n-jobs",
        type=_positive,
        default=-1,
        metavar="N",
        help="files to work on at a time (one for each processor core)",
    )


def _add_report(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """The command `report`."""
    report = commands.add_parser(
        "report",
        help="an index page of a folder of analysed songs",
        description=(
            "Write DIR/index.html: a table of the songs that `mirlab analyze` has put into DIR, "
            "with length, key, tempo and a link to the report of each. It sorts by any column, "
            "opens without a network, and needs no sound."
        ),
        epilog="example: mirlab report results",
    )
    report.add_argument("folder", metavar="DIR", help="folder with the results of `mirlab analyze`")


def _add_transcribe(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """The command `transcribe`."""
    transcribe = commands.add_parser(
        "transcribe",
        help="the notes of a sound file as MIDI or as a score",
        description=(
            "Write down what is played in FILE (wav, flac, ogg, mp3). What is written follows the "
            "name: .mid holds the notes as they were played; .musicxml the score, on the beats "
            "that were found, in the key and meter that fit; .svg the score engraved. Several "
            "names may follow --out. When something fails, nothing is written."
        ),
        epilog="example: mirlab transcribe song.mp3 --out song.mid song.musicxml song.svg",
    )
    transcribe.add_argument("file", metavar="FILE", help="a sound file")
    transcribe.add_argument(
        "--out", nargs="+", required=True, metavar="NAME", help="files to write"
    )
    transcribe.add_argument(
        "--model", default="mirlab-notes", metavar="NAME", help="note detector (%(default)s)"
    )
    transcribe.add_argument(
        "--device", default="auto", metavar="NAME", help="such as cpu or cuda (%(default)s)"
    )


def _add_learning(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """The commands `models` and `train`."""
    commands.add_parser(
        "models",
        help="the models that mirlab knows",
        description="List the models: size, licence, what they were trained on, what they score.",
    )
    train = commands.add_parser(
        "train",
        help="train one of the course's models from nothing",
        description=(
            "Follow a recipe: make the data, train the model, score it, and write its weights "
            "(safetensors) and its card (JSON) into DIR. Interrupted at any moment, the same "
            "command goes on where it was. Without NAME, list the recipes."
        ),
        epilog="example: mirlab train TASK/NAME --out weights",
    )
    train.add_argument("name", nargs="?", metavar="NAME", help="a recipe, TASK/NAME")
    train.add_argument(
        "--out", default="weights", metavar="DIR", help="folder for the weights (%(default)s)"
    )
    train.add_argument(
        "--steps", type=_positive, metavar="N", help="training steps (what the recipe says)"
    )
    train.add_argument(
        "--seed", type=_natural, default=0, metavar="N", help="of all that is drawn (%(default)s)"
    )
    train.add_argument(
        "--device", default="auto", metavar="NAME", help="such as cpu or cuda (%(default)s)"
    )


def _positive(text: str) -> int:
    """A whole number of at least 1."""
    if not text.isdigit() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"must be a whole number of at least 1, not {text!r}")
    return int(text)


def _natural(text: str) -> int:
    """A whole number of at least 0."""
    if not text.isdigit():
        raise argparse.ArgumentTypeError(f"must be a whole number of at least 0, not {text!r}")
    return int(text)
