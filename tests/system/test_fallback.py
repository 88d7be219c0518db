from hashlib import sha256

import httpx
import pytest


@pytest.fixture
def fallback(fallback_url: str) -> httpx.Client:
    return httpx.Client(base_url=fallback_url)


def test_an_item_carries_the_checksum_of_its_bytes_and_never_changes(fallback: httpx.Client) -> None:
    first, second = fallback.get("/api/items/17"), fallback.get("/api/items/17?ignored=yes")
    assert first.status_code == 200
    assert first.headers["x-checksum-sha256"] == sha256(first.content).hexdigest()
    assert first.content == second.content
    assert first.json()["id"] == 17
    assert fallback.get("/api/items/18").content != first.content
    # Written down: an item of today is an item of next year, or recorded checksums mean nothing.
    assert first.headers["x-checksum-sha256"] == "98a71c25d07e9988366b2304f07488eaf67b4e5cac751537e262a7e690b3a9da"


def test_history_is_bounded(fallback: httpx.Client) -> None:
    assert len(fallback.get("/api/items/5?history=10").json()["history"]) == 10
    assert len(fallback.get("/api/items/5?history=999999").json()["history"]) == 5_000
    assert "history" not in fallback.get("/api/items/5?history=-4").json()


@pytest.mark.parametrize("path", ["/api/items/0", "/api/items/-1", "/api/items/x", "/api/items/99999999", "/nowhere"])
def test_what_is_not_there_is_404(fallback: httpx.Client, path: str) -> None:
    assert fallback.get(path).status_code == 404


def test_digests_are_those_of_the_items(fallback: httpx.Client) -> None:
    digests = fallback.post("/api/digests", json={"ids": [17, 18]}).json()["digests"]
    assert digests == {str(n): sha256(fallback.get(f"/api/items/{n}").content).hexdigest() for n in (17, 18)}


@pytest.mark.parametrize("body", [b"{", b"null", b'{"ids": 4}', b'{"ids": ["x"]}'])
def test_bad_questions_for_digests_are_400_and_harm_nothing(fallback: httpx.Client, body: bytes) -> None:
    assert fallback.post("/api/digests", content=body).status_code == 400
    assert fallback.get("/health").status_code == 200


def test_metrics_count_answers_by_status(fallback: httpx.Client) -> None:
    fallback.get("/nowhere")
    assert 'fallback_requests_total{status="404"}' in fallback.get("/metrics").text
