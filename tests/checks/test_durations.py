import pytest

from drillbook.checks.durations import seconds_of, spoken


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("90", 90), ("1.5m", 90), ("1m30s", 90), ("250ms", 0.25), ("2h", 7200), ("0", 0), ("1d", 86_400)],
)
def test_a_duration_is_read(text: str, seconds: float) -> None:
    assert seconds_of(text) == seconds


@pytest.mark.parametrize("text", ["", "$WAIT", "soon", "-1s", "5 m", "5w"])
def test_what_is_no_duration_is_none(text: str) -> None:
    assert seconds_of(text) is None


@pytest.mark.parametrize(("seconds", "words"), [(90, "90 s"), (0.5, "0.5 s"), (300, "5 min"), (312.4, "5 min 12 s")])
def test_a_duration_is_said(seconds: float, words: str) -> None:
    assert spoken(seconds) == words
