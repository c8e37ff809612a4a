"""The way out of Jupyter Book 1: the same sources build on plain Sphinx 9 with myst-nb."""

from __future__ import annotations

import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path

import pytest

PACKAGES = (
    "sphinx>=9,<10",
    "myst-nb>=1.4,<2",
    "sphinx-book-theme>=1.4,<2",
    "sphinx-external-toc>=1.0.1",
    "sphinxcontrib-bibtex>=2.6",
)
# The library's pages are read from the library: it comes last on the path, so that Sphinx and its
# themes are those of the environment that is tried out here.
SETTINGS = """
import sys
sys.path += {path}
project = "mirlab"
extensions = ["myst_nb", "sphinx_external_toc", "sphinxcontrib.bibtex"]
extensions += ["api_pages", "run_pages", "model_reports"]
external_toc_path = "book/_toc.yml"
bibtex_bibfiles = ["book/references.bib"]
nb_execution_mode = "off"
myst_enable_extensions = ["dollarmath"]
myst_heading_anchors = 3
html_theme = "sphinx_book_theme"
"""


@pytest.mark.slow
def test_the_sources_build_on_plain_sphinx(root: Path, tmp_path: Path) -> None:
    """Without executing anything; every warning is an error."""
    sources = tmp_path / "sources"
    shutil.copytree(root / "notebooks", sources / "notebooks")
    shutil.copytree(
        root / "book", sources / "book", ignore=shutil.ignore_patterns("chapters", "runtime")
    )
    path = [str(root), str(root / "book/scripts"), sysconfig.get_path("purelib")]
    (sources / "conf.py").write_text(SETTINGS.format(path=path), "utf-8")
    subprocess.run([sys.executable, "-m", "venv", tmp_path / "venv"], check=True)
    python = tmp_path / "venv/bin/python"
    subprocess.run([python, "-m", "pip", "install", "-q", *PACKAGES], check=True)
    build = [python, "-m", "sphinx", "-q", "-W", "-n", "-b", "html", sources, tmp_path / "html"]
    done = subprocess.run(build, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    page = (tmp_path / "html/notebooks/01_signals.html").read_text("utf-8")
    assert "What sound is made of" in page
    assert "math notranslate" in page
    page = (tmp_path / "html/book/api/mirlab.html").read_text("utf-8")
    assert 'id="mirlab.analyze"' in page
    assert 'href="#mirlab.Audio"' in page  # names lead to what they name
