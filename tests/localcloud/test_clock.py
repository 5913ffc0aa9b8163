"""The account's own time."""

import pytest

from localcloud import clock


@pytest.mark.parametrize(
    ("elapsed", "waited"),
    [
        (0.0, 0.1),  # a fifth of the half second that fifteen seconds are
        (0.4, 0.1),
        (1.0, 0.25),  # a quarter of what has passed
        (2.0, 0.5),
        (3600.0, 0.5),
    ],
)
def test_work_is_asked_after_the_less_often_the_longer_it_takes(elapsed: float, waited: float) -> None:
    assert clock.scaled(15) == pytest.approx(0.5)
    assert clock.between_looks(15, elapsed) == pytest.approx(waited)
