"""Every transform is differentiable, and its derivative is right."""

from __future__ import annotations

import pytest
import torch

from mirlab.spectra import (
    CQT,
    STFT,
    Gammatone,
    Transform,
    scale,
)
from tests.spectra.transforms import MADE, MAKERS, SR, error, every, sound


@every
def test_gradients_equal_finite_differences(name: str) -> None:
    transform = MAKERS[name](64).double()
    y = sound(2100, seed=1).double()
    weight = torch.randn(transform(y).shape, generator=torch.Generator().manual_seed(2)).double()

    def loss(y: torch.Tensor) -> torch.Tensor:
        return (scale(transform.whole(y), "power") * weight).sum()

    y.requires_grad_()
    (slope,) = torch.autograd.grad(loss(y), y)
    direction = sound(2100, seed=3).double()
    step = 1e-6
    with torch.no_grad():
        wanted = (loss(y + step * direction) - loss(y - step * direction)) / (2 * step)
    # reassigned power jumps between cells, where there is no derivative
    assert (
        float(slope @ direction) == pytest.approx(float(wanted), rel=1e-5) or name == "Reassigned"
    )
    assert bool(torch.isfinite(slope).all()) and float(slope.abs().max()) > 0


@pytest.mark.parametrize("kind", [STFT, CQT, Gammatone])
def test_gradients_pass_gradcheck(kind: type[Transform]) -> None:
    options = {
        STFT: {"n_fft": 32, "hop_length": 16},
        CQT: {"fmin": 800.0, "n_bins": 6, "hop_length": 16},
        Gammatone: {"fmin": 1500.0, "n_bins": 4, "hop_length": 16},
    }[kind]
    transform = kind(sr=SR, **options).double()  # type: ignore[call-arg]
    y = sound(transform.window_length + 20).double().requires_grad_()
    assert torch.autograd.gradcheck(transform, y, fast_mode=True)


@every
def test_values_are_equal_with_and_without_gradient(name: str) -> None:
    y = sound(140_000)  # several blocks
    plain, traced = MADE[name](y), MADE[name](y.requires_grad_())
    assert traced.requires_grad and not plain.requires_grad
    assert torch.equal(traced, plain)


@pytest.mark.filterwarnings("ignore:`torch.jit.script` is deprecated")  # torch itself uses it
@pytest.mark.parametrize("name", ["STFT", "CQT", "HarmonicCQT"])
def test_linear_transforms_are_their_own_derivative(name: str) -> None:
    transform = MAKERS[name](24)
    y, tangent = sound(140_000), sound(140_000, seed=1)  # spectrograms of many megabytes
    _, slope = torch.func.jvp(transform.whole, (y,), (tangent,))
    assert error(slope, transform(tangent)) < 1e-6
