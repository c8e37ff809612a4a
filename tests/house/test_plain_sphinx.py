"""The way out of Jupyter Book 1: the same sources build on plain Sphinx 9 with myst-nb."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

PACKAGES = (
    "sphinx>=9,<10",
    "myst-nb>=1.4,<2",
    "sphinx-book-theme>=1.4,<2",
    "sphinx-external-toc>=1.0.1",
    "sphinxcontrib-bibtex>=2.6",
)
SETTINGS = """
project = "mirlab"
extensions = ["myst_nb", "sphinx_external_toc", "sphinxcontrib.bibtex"]
external_toc_path = "book/_toc.yml"
bibtex_bibfiles = ["book/references.bib"]
nb_execution_mode = "off"
myst_enable_extensions = ["dollarmath"]
html_theme = "sphinx_book_theme"
"""


@pytest.mark.slow
def test_the_sources_build_on_plain_sphinx(root: Path, tmp_path: Path) -> None:
    """Without executing anything; every warning is an error."""
    sources = tmp_path / "sources"
    shutil.copytree(root / "notebooks", sources / "notebooks")
    for page in (root / "book").glob("*.*"):
        (sources / "book").mkdir(exist_ok=True)
        shutil.copy(page, sources / "book")
    (sources / "conf.py").write_text(SETTINGS, "utf-8")
    subprocess.run([sys.executable, "-m", "venv", tmp_path / "venv"], check=True)
    python = tmp_path / "venv/bin/python"
    subprocess.run([python, "-m", "pip", "install", "-q", *PACKAGES], check=True)
    build = [python, "-m", "sphinx", "-q", "-W", "-n", "-b", "html", sources, tmp_path / "html"]
    done = subprocess.run(build, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    page = (tmp_path / "html/notebooks/01_signals.html").read_text("utf-8")
    assert "What sound is made of" in page
    assert "math notranslate" in page
