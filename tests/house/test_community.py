"""What GitHub and pre-commit read: templates, the workflow, the hooks."""

from __future__ import annotations

import os
import re
from pathlib import Path

import yaml


def test_the_workflow_runs_what_ci_runs(root: Path) -> None:
    workflow = yaml.safe_load((root / ".github/workflows/test.yml").read_text("utf-8"))
    assert workflow[True].keys() == {"push", "pull_request"}  # YAML reads `on` as true
    (job,) = workflow["jobs"].values()
    assert job["runs-on"].startswith("ubuntu-")
    [python] = [s["with"] for s in job["steps"] if "setup-python" in s.get("uses", "")]
    assert python["python-version"] == "3.11"  # of constraints.txt
    assert [s["run"] for s in job["steps"] if "run" in s] == [".ci/run"]
    assert os.access(root / ".ci/run", os.X_OK)


def test_the_hooks_use_the_versions_that_make_check_uses(root: Path) -> None:
    repos = yaml.safe_load((root / ".pre-commit-config.yaml").read_text("utf-8"))["repos"]
    revisions = {repo["repo"].rsplit("/", 1)[-1]: repo.get("rev") for repo in repos}
    [ruff] = re.findall(r"(?m)^ruff==(.+)$", (root / "constraints.txt").read_text("utf-8"))
    assert revisions == {"ruff-pre-commit": f"v{ruff}", "local": None}
    local = [hook for repo in repos if repo["repo"] == "local" for hook in repo["hooks"]]
    assert all(hook["entry"].startswith(".venv/bin/") for hook in local)
    scripts = [word for hook in local for word in hook["entry"].split() if word.endswith(".py")]
    assert scripts
    assert all((root / script).exists() for script in scripts)


def test_every_issue_template_says_what_it_is_for(root: Path) -> None:
    templates = sorted((root / ".github/ISSUE_TEMPLATE").glob("*.md"))
    assert [path.stem for path in templates] == ["bug", "course_text", "idea"]
    for path in templates:
        _, head, body = path.read_text("utf-8").split("---\n", 2)
        assert yaml.safe_load(head).keys() == {"name", "about", "labels"}
        assert body.count("**") >= 6, path.name


def test_pull_requests_are_asked_for_the_files_of_the_recipe(root: Path) -> None:
    template = (root / ".github/PULL_REQUEST_TEMPLATE.md").read_text("utf-8")
    assert "make check" in template
    for name in ("CONTRIBUTING.md", "CHANGELOG.md"):
        assert name in template
        assert (root / name).exists()
