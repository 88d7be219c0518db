import re
import time
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml
from tests.load.loopback_server import Server, answer

from drillbook.drill import Load
from drillbook.load import LocustLoad

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.parametrize("user", ["Attacker", "EntrenchedAttacker"])
def test_the_attack_guesses_uses_the_stolen_token_and_searches_paths(
    user: str, serve: Callable[[bytes | None], Server], tmp_path: Path
) -> None:
    server = serve(answer(status=401))
    generator = LocustLoad(ROOT, server.url, clock_offset_s=-time.monotonic(), request_timeout_s=0.5)
    run = generator.start(Load(locustfile="loadtests/attackers.py", user=user, rate_per_s=60), tmp_path / "a.csv")
    try:
        deadline_s = time.monotonic() + 10
        while len(run.records()) < 180 and time.monotonic() < deadline_s:
            time.sleep(0.05)
    finally:
        run.kill()
    sent = [request.decode() for request in server.requests]
    stolen = [request for request in sent if request.startswith("GET /api/private/accounts/")]
    guessed = [request for request in sent if request.startswith("GET /admin/")]
    searched = [request for request in sent if "Authorization" not in request]
    assert min(len(stolen), len(guessed), len(searched)) >= 50
    assert len(stolen) + len(guessed) + len(searched) == len(sent)
    secret = yaml.safe_load((ROOT / "system" / "manifests" / "tokens.yaml").read_text().partition("\n---\n")[0])
    held = set(secret["stringData"]["tokens"].split())
    assert all(_token(request) in held for request in stolen)
    assert not any(_token(request) in held for request in guessed)
    assert (server.connections < len(sent) / 2) == (user == "EntrenchedAttacker")


def _token(request: str) -> str:
    found = re.search(r"Authorization: Bearer (\S+)", request)
    assert found, request
    return found[1]
