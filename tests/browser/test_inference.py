"""Networks in the page: onnxruntime-web computes what torch does, and gives its memory back."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from scipy.special import expit

from mirlab.examples import load
from mirlab.learning import export_onnx
from mirlab.transcription.detector import NoteDetector
from mirlab.widgets.shared.base import HERE

pytestmark = [pytest.mark.browser, pytest.mark.slow]

PAGE = "<!DOCTYPE html><link rel=icon href=data:,>{head}<body>"
SAMPLES = 2 * 22050
# Runs two slices and a third one that is stopped, after which the model answers still.
RUN = """async ([values, dims]) => {
    const { loadModel } = await import('/shared/inference.js');
    const model = await loadModel('net.onnx');
    const feeds = { input: { data: Float32Array.from(values), dims } };
    const progress = [], sums = [];
    let first;
    for await (const { logits } of model.stream([feeds, feeds], {
        onProgress: (done) => progress.push(done),
    })) {
        first ??= { data: Array.from(logits.data), dims: logits.dims };
        sums.push(logits.data.reduce((sum, value) => sum + value, 0));
    }
    const stop = new AbortController();
    const stopped = model.run(feeds, { signal: stop.signal }).catch((error) => error.name);
    stop.abort();
    const aborted = await stopped;
    const again = (await model.run(feeds)).logits.data.reduce((sum, value) => sum + value, 0);
    await model.close();
    const closed = await model.run(feeds).catch((error) => error.message);
    return { ...first, progress, same: sums[0] === sums[1] && sums[0] === again, aborted, closed };
}"""
FAILURES = """async () => {
    const { loadModel } = await import('/shared/inference.js');
    const why = (model) => loadModel(model).catch((error) => error.message);
    return [await why('page.html'), await why('nothing.onnx')];
}"""


@pytest.fixture
def folder(add_onnxruntime: Callable[[Path], str], tmp_path: Path) -> Path:
    """A folder with the shared JavaScript, onnxruntime-web and an empty page."""
    shutil.copytree(HERE / "js", tmp_path / "shared")
    (tmp_path / "page.html").write_text(PAGE.format(head=add_onnxruntime(tmp_path)))
    return tmp_path


def has_no_worker(page: Any) -> bool:
    """Whether the page's workers end, of which playwright hears a moment later."""
    for _ in range(100):
        if not page.workers:
            return True
        page.wait_for_timeout(20)
    return False


def test_the_page_computes_what_torch_does(
    folder: Path,
    tiny: NoteDetector,
    serve: Callable[[Path], str],
    open_page: Callable[..., tuple[Any, list[str]]],
) -> None:
    y = load("piano").audio.mono().resample(22050).y[:, :SAMPLES]
    seen = tiny.front(torch.from_numpy(y))
    export_onnx(
        tiny.net, seen, folder / "net.onnx", outputs=("logits",), dynamic=(3,), tolerance=1e-3
    )
    with torch.no_grad():
        expected = torch.sigmoid(tiny.net(seen)).numpy()
    page, problems = open_page(f"{serve(folder)}/page.html")
    found = page.evaluate(RUN, [seen.flatten().tolist(), list(seen.shape)])
    logits = np.array(found["data"]).reshape(found["dims"])
    np.testing.assert_allclose(expit(logits), expected, atol=1e-3)
    assert expected.std() > 0.02  # there is something to differ in
    assert found["progress"] == [0.5, 1] and found["same"]
    assert (found["aborted"], found["closed"]) == ("AbortError", "this model was closed")
    assert has_no_worker(page)  # it ended with its last model
    assert not problems


def test_what_is_no_model_or_no_runtime_is_said(
    folder: Path, serve: Callable[[Path], str], open_page: Callable[..., tuple[Any, list[str]]]
) -> None:
    page, _ = open_page(f"{serve(folder)}/page.html")
    no_model, missing = page.evaluate(FAILURES)
    assert no_model and missing and has_no_worker(page)
    (folder / "page.html").write_text(PAGE.format(head=""))
    page, problems = open_page(page.url)
    assert "without onnxruntime-web" in page.evaluate(FAILURES)[0]
    assert page.evaluate("performance.getEntriesByType('resource').length") == 1  # our own script
    assert not problems
