"""The flow: invertible, with the right volume change, in pieces as in one."""

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from yinse.engine.models.acoustic.sovits.config import FlowConfig
from yinse.engine.models.acoustic.sovits.flow import ActNorm, Flow

CONFIG = FlowConfig(steps=3, channels=8, hidden=8, depth=1, kernel=3)


@pytest.fixture
def flow(shake):
    flow = Flow(4, 2, CONFIG)
    flow(torch.randn(3, 4, 9) * 2 + 1, torch.randn(3, 2, 9))  # settles every ActNorm
    return shake(flow)


def test_inverse_undoes_forward(flow):
    z_BDF, condition_BHF = torch.randn(2, 4, 11), torch.randn(2, 2, 11)
    u_BDF, _ = flow(z_BDF, condition_BHF)
    assert not torch.allclose(u_BDF, z_BDF, atol=0.1)
    torch.testing.assert_close(flow.inverse(u_BDF, condition_BHF), z_BDF, atol=1e-4, rtol=1e-4)


def test_log_determinant_is_that_of_the_jacobian(flow):
    z_BDF, condition_BHF = torch.randn(1, 4, 3), torch.randn(1, 2, 3)
    jacobian = torch.autograd.functional.jacobian(lambda z: flow(z, condition_BHF)[0].flatten(), z_BDF)
    _, determinant_BF = flow(z_BDF, condition_BHF)
    expected = torch.linalg.slogdet(jacobian.reshape(12, 12)).logabsdet
    assert determinant_BF.shape == (1, 3)
    torch.testing.assert_close(determinant_BF.sum(), expected, atol=1e-4, rtol=1e-4)


def test_the_inverse_in_pieces_equals_the_whole(flow, feed):
    u_BDF, condition_BHF = torch.randn(2, 4, 19), torch.randn(2, 2, 19)
    streamed = feed(
        lambda u, c, state, last: flow.stream_inverse(u, c, state, last=last), u_BDF, condition_BHF
    )
    torch.testing.assert_close(streamed, flow.inverse(u_BDF, condition_BHF), atol=1e-5, rtol=1e-4)


def test_the_condition_matters(flow):
    z_BDF = torch.randn(1, 4, 5)
    one, _ = flow(z_BDF, torch.zeros(1, 2, 5))
    other, _ = flow(z_BDF, torch.ones(1, 2, 5))
    assert not torch.allclose(one, other)


def test_actnorm_settles_on_its_first_batch_and_only_there():
    norm = ActNorm(3)
    x_BDF = torch.randn(4, 3, 50) * torch.tensor([0.1, 2.0, 5.0])[:, None] + 7
    y_BDF, log_determinant = norm(x_BDF)
    torch.testing.assert_close(y_BDF.mean((0, 2)), torch.zeros(3), atol=1e-4, rtol=0)
    torch.testing.assert_close(y_BDF.std((0, 2)), torch.ones(3), atol=1e-4, rtol=0)
    torch.testing.assert_close(log_determinant, -x_BDF.std((0, 2)).log().sum())
    again, _ = norm(x_BDF * 3)
    assert float(again.detach().std()) > 2
    torch.testing.assert_close(norm.inverse(y_BDF), x_BDF, atol=1e-4, rtol=1e-4)


def test_actnorm_does_not_settle_while_evaluated():
    norm = ActNorm(3).eval()
    x_BDF = torch.randn(2, 3, 8) + 5
    torch.testing.assert_close(norm(x_BDF)[0], x_BDF)
    assert not norm.ready


@settings(max_examples=15)
@given(
    steps=st.integers(1, 4),
    channels=st.sampled_from([2, 4, 6]),
    frames=st.integers(1, 4),
    seed=st.integers(0, 99),
)
def test_every_flow_is_invertible_with_the_volume_of_its_jacobian(steps, channels, frames, seed):
    torch.manual_seed(seed)
    flow = Flow(channels, 2, FlowConfig(steps=steps, channels=4, hidden=4, depth=1, kernel=3))
    for parameter in flow.parameters():
        torch.nn.init.normal_(parameter, std=0.4)
    flow.eval().requires_grad_(False)
    z_BDF, condition_BHF = torch.randn(1, channels, frames), torch.randn(1, 2, frames)
    u_BDF, determinant_BF = flow(z_BDF, condition_BHF)
    torch.testing.assert_close(flow.inverse(u_BDF, condition_BHF), z_BDF, atol=1e-3, rtol=1e-3)
    jacobian = torch.autograd.functional.jacobian(lambda z: flow(z, condition_BHF)[0].flatten(), z_BDF)
    size = channels * frames
    wanted = torch.linalg.slogdet(jacobian.reshape(size, size)).logabsdet
    torch.testing.assert_close(determinant_BF.sum(), wanted, atol=1e-3, rtol=1e-3)
