"""onnxruntime-web comes in the pinned version and content, or the book goes without and says so."""

from __future__ import annotations

import json
import shutil
import sys
from pathlib import Path

import onnxruntime_web
import pytest
from onnxruntime_web import FOLDER, PINNED, STATIC, bring_onnxruntime, is_complete, pinned_hashes
from page_networks import NETWORKS, export_networks

from mirlab import load_model
from mirlab.transcription.detector import NoteDetector
from mirlab.widgets.piano_roll.net import onnx_name


def test_version_and_hashes_are_pinned(root: Path) -> None:
    packages = json.loads((root / PINNED / "package-lock.json").read_text("utf-8"))["packages"]
    version = packages["node_modules/onnxruntime-web"]["version"]
    assert packages[""]["dependencies"] == {"onnxruntime-web": version}
    assert not any("resolved" in package for package in packages.values())
    assert all("integrity" in package for name, package in packages.items() if name)
    assert len(pinned_hashes(root)) == 2
    assert all(len(digest) == 64 for digest in pinned_hashes(root).values())
    assert f"onnxruntime-web {version}\n" in (root / PINNED / "LICENSE").read_text("utf-8")


def test_without_npm_the_book_goes_without(
    root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    shutil.copytree(root / PINNED, tmp_path / PINNED)
    folder = tmp_path / STATIC / FOLDER
    folder.mkdir(parents=True)
    for name in pinned_hashes(root):
        (folder / name).write_text("something else")
    monkeypatch.setattr(onnxruntime_web.shutil, "which", lambda name: None)
    assert not is_complete(tmp_path) and not bring_onnxruntime(tmp_path)
    assert "without onnxruntime-web: there is no npm" in capsys.readouterr().err
    assert not folder.exists()  # a file of another content is not served


def test_the_build_exports_the_network_of_the_shipped_weights(tmp_path: Path) -> None:
    folder = tmp_path / STATIC / NETWORKS
    folder.mkdir(parents=True)
    (folder / "notes-of-other-weights.onnx").touch()
    assert export_networks(tmp_path)
    detector = load_model("transcription/mirlab-notes-tiny")
    assert isinstance(detector, NoteDetector)
    (made,) = folder.iterdir()
    assert made.name == onnx_name(detector)


def test_without_onnx_pages_keep_their_javascript(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(sys.modules, "onnx", None)
    assert not export_networks(tmp_path)
    assert "run the note network in JavaScript: export_onnx needs onnx" in capsys.readouterr().err
