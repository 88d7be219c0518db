import json

import pytest
from callers import inside_user


def test_due_times_lie_on_a_grid() -> None:
    times = inside_user.due_times(0.2)
    first, second, third = (next(times) for _ in range(3))
    assert (second - first, third - first) == pytest.approx((0.2, 0.4))


def test_one_line_for_each_request_answered_or_not(fallback_url: str, capsys: pytest.CaptureFixture[str]) -> None:
    for url, status in ((fallback_url, 200), ("http://127.0.0.1:9", 0)):
        inside_user.say(url, 17, 1000.0)
        line = json.loads(capsys.readouterr().out)
        assert (line["due"], line["status"]) == (1000.0, status)
        assert line["ms"] > 0
