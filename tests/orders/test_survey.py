"""How satisfied a client is: read from a number or words, or told by staff."""

from __future__ import annotations

from tests.orders.world import do, order


def test_staff_tell_what_they_heard() -> None:
    done = do(order(), "satisfaction 4")
    assert (done.order.satisfaction, done.lines[0].said) == (4, "satisfaction is 4 of 5")
    assert done.order.last_contact is None
    again = do(done.order, "satisfaction 2\nsatisfaction 7")
    assert again.order.satisfaction == 2
    assert [line.ok for line in again.lines] == [True, False]
    assert "from 1 to 5" in again.lines[1].said
