"""Write the repository's public address from pyproject.toml to the files that need it.

The address is set in one place, `[tool.mirlab] repository` in pyproject.toml. If it is empty, no
badge, Colab button or source link is shown.
"""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
ADDRESS = re.compile(r"https://github\.com/[\w.-]+/[\w.-]+")

# Jupyter Book's defaults point at its own repository and at Binder, so both are emptied.
CONFIG_WITHOUT = """\
repository: {url: ""}
launch_buttons: {binderhub_url: ""}
"""
CONFIG_WITH = """\
repository: {{url: "{address}", path_to_book: "", branch: main}}
launch_buttons:
  notebook_interface: jupyterlab
  binderhub_url: ""
  colab_url: https://colab.research.google.com
"""
BUTTONS = """\
  use_repository_button: {shown}
  use_issues_button: {shown}
"""
README_WITH = """\
[![Open in Colab](https://colab.research.google.com/assets/colab-badge.svg)]({notebook})

Press the button, or open any notebook of [{address}]({address}) there: its first cell installs
mirlab when it is missing.
"""
README_WITHOUT = """\
Build a wheel here (`.venv/bin/pip wheel --no-deps -w dist .`), upload it and a notebook from
`notebooks/` to Colab, and put this before the first cell:

```
%pip install --quiet "mirlab[onnx,score] @ file:///content/mirlab-0.1.0-py3-none-any.whl"
%pip install --quiet --no-deps basic-pitch==0.4.0
```
"""


def public_address(root: Path = ROOT) -> str:
    """The address set in pyproject.toml, or "".

    Raises
    ------
    ValueError
        If it is neither empty nor of the form `https://github.com/owner/name`.
    """
    settings = tomllib.loads((root / "pyproject.toml").read_text("utf-8"))
    address = str(settings["tool"]["mirlab"]["repository"])
    if address and not ADDRESS.fullmatch(address):
        raise ValueError(f"pyproject.toml: repository {address!r} is not https://github.com/a/b")
    return address


def between(text: str, mark: str, block: str) -> str:
    """Replace the text between the lines that contain `>>> mark` and `<<< mark`.

    Raises
    ------
    ValueError
        If the text does not have exactly one such block.
    """
    pattern = rf"(?s)([^\n]*>>> {mark}\b[^\n]*\n).*?([^\n]*<<< {mark}\b)"
    stamped, count = re.subn(pattern, lambda m: m[1] + block + m[2], text)
    if count != 1:
        raise ValueError(f"{count} places are marked {mark!r}, not one")
    return stamped


def stamped(root: Path = ROOT) -> dict[Path, str]:
    """Contents of `_config.yml` and `README.md` for the configured address."""
    address = public_address(root)
    config, readme = root / "_config.yml", root / "README.md"
    settings = CONFIG_WITH.format(address=address) if address else CONFIG_WITHOUT
    buttons = BUTTONS.format(shown="true" if address else "false")
    first = min(path.name for path in (root / "book/chapters").glob("*.md"))[: -len(".md")]
    opened = address.replace("github.com", "colab.research.google.com/github")
    notebook = f"{opened}/blob/main/notebooks/{first}.ipynb"
    colab = README_WITH.format(address=address, notebook=notebook) if address else README_WITHOUT
    text = between(config.read_text("utf-8"), "address", settings)
    return {
        config: between(text, "buttons", buttons),
        readme: between(readme.read_text("utf-8"), "colab", colab),
    }


def main() -> None:
    """Write the address into the files of this repository."""
    for path, text in stamped().items():
        path.write_text(text, "utf-8")


if __name__ == "__main__":
    main()
