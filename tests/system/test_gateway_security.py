import asyncio
import json
import logging
from pathlib import Path

import httpx
import pytest
from gateway import config, logs, tokens
from gateway.security import MANY_REFUSALS, RECENT_S, SUMMARY_INTERVAL_S, Gate, Reason, Tally
from starlette.types import Receive, Scope, Send
from tests.system.test_gateway_api import OUTSIDE, Gateway, run
from tests.system.test_gateway_config import GOOD, written

TOKENS = tokens.parse("billing right\npartner stolen # of last year", "# holder\npartner")


def bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


async def nothing(scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG001 - an ASGI application
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": b""})


def ask(gate: Gate, path: str, **headers: str) -> int:
    async def once() -> int:
        transport = httpx.ASGITransport(gate.before(nothing), client=OUTSIDE)
        async with httpx.AsyncClient(transport=transport, base_url="http://gateway") as client:
            return (await client.get(path, headers=headers)).status_code

    return asyncio.run(once())


@pytest.mark.parametrize(
    ("headers", "reason"),
    [
        ({}, "no token"),
        ({"Authorization": "Basic cmlnaHQ="}, "no token"),
        (bearer("guessed"), "unknown token"),
        (bearer("stolen"), "revoked token"),
    ],
)
@pytest.mark.parametrize("path", ["/admin/cache/clear", "/api/private/accounts/7"])
def test_from_outside_only_a_good_token_opens_the_protected_part(
    tmp_path: Path, fallback_url: str, path: str, headers: dict[str, str], reason: str
) -> None:
    async def body(gateway: Gateway) -> None:
        method = "POST" if path.startswith("/admin") else "GET"
        refused = await gateway.outside.request(method, path, headers=headers)
        assert (refused.status_code, refused.json()) == (401, {"error": reason})
        assert (await gateway.outside.request(method, path, headers=bearer("right"))).status_code == 200
        metrics = (await gateway.get("/metrics")).text
        assert f'gateway_refused_requests_total{{reason="{reason}"}} 1.0' in metrics
        assert 'gateway_token_requests_total{holder="billing"} 1.0' in metrics
        assert (await gateway.component("security"))["details"] == {
            "refused": 1,
            "refused_last_5_s": 1,
            "accepted": {"billing": 1},
        }

    run(tmp_path, fallback_url, body)


def test_a_search_for_paths_is_counted_and_an_item_that_is_not_there_is_not(tmp_path: Path, fallback_url: str) -> None:
    async def body(gateway: Gateway) -> None:
        assert (await gateway.outside.get("/api/items/0")).status_code == 404
        assert (await gateway.component("security"))["status"] == "healthy"
        for number in range(MANY_REFUSALS + 1):
            assert (await gateway.outside.get(f"/backup-{number}.sql")).status_code == 404
        found = await gateway.component("security")
        assert isinstance(found["details"], dict)
        assert (found["status"], found["details"]["refused"]) == ("degraded", MANY_REFUSALS + 1)

    run(tmp_path, fallback_url, body)


def test_what_was_refused_long_ago_is_no_attack_any_more() -> None:
    now = 0.0
    tally = Tally(lambda: now)
    tally.refuse(Reason.NO_TOKEN)
    assert tally.refused_recently() == 1
    now = RECENT_S + 0.1
    assert (tally.refused_recently(), tally.refused.total()) == (0, 1)


def test_the_audit_names_client_path_reason_and_holder_and_never_a_token(caplog: pytest.LogCaptureFixture) -> None:
    gate = Gate(TOKENS, Tally(), audited=True)
    with caplog.at_level(logging.INFO, "gateway.audit"):
        assert ask(gate, "/api/private/accounts/1", **bearer("stolen")) == 401
        assert ask(gate, "/api/private/accounts/2", **bearer("right")) == 200
    lines = [logs.JsonLines().format(record) for record in caplog.records if record.name == "gateway.audit"]
    refused, let_in = (json.loads(line) for line in lines)
    assert (refused["client"], refused["path"]) == ("10.244.0.1", "/api/private/accounts/1")
    assert (refused["reason"], refused["status"]) == ("revoked token", 401)
    assert (let_in["message"], let_in["holder"]) == ("let in", "billing")
    assert not any(token in line for line in lines for token in ("stolen", "right"))


def test_without_an_audit_only_a_summary_each_second_tells_of_refusals(caplog: pytest.LogCaptureFixture) -> None:
    now = 10.0
    gate = Gate(TOKENS, Tally(lambda: now), audited=False)
    for _ in range(4):
        assert ask(gate, "/admin/cache/clear") == 401
    now += SUMMARY_INTERVAL_S
    assert ask(gate, "/admin/cache/clear") == 401
    found = [record.fields["reasons"] for record in caplog.records if record.name == "gateway.security"]  # type: ignore[attr-defined]
    assert found == [{"no token": 1}, {"no token": 4}]


def test_only_the_loggers_that_are_switched_on_reach_the_audit_file(tmp_path: Path) -> None:
    audit, requests, root = (logging.getLogger(name) for name in ("gateway.audit", "gateway.requests", None))
    before = list(root.handlers)
    try:
        logs.to_file(tmp_path, audited=["gateway.audit"])
        audit.warning("refused")
        requests.warning("request")
        assert "refused" in (tmp_path / "audit.log").read_text()
        assert "request" not in (tmp_path / "audit.log").read_text().replace("gateway.requests", "")
        assert (tmp_path / "gateway.log").read_text().count("\n") == 2
    finally:
        for logger in (audit, requests):
            logger.handlers.clear()
        root.handlers[:] = before


def test_tokens_are_read_beside_the_configuration_and_a_bad_line_is_named_without_it(tmp_path: Path) -> None:
    (tmp_path / "tokens").write_text("billing right\n")
    (tmp_path / "revoked").write_text("billing\n")
    text = GOOD + f"tokens_file = {tmp_path / 'tokens'}\nrevoked_file = {tmp_path / 'revoked'}\n"
    found = config.load(written(tmp_path, text)).tokens
    assert (found.holder("right"), found.holder("wrong"), found.revoked) == ("billing", None, frozenset({"billing"}))
    (tmp_path / "tokens").write_text("billing right\nsecret-alone\n")
    with pytest.raises(config.ConfigError, match="line 2 must be a holder and a token") as complaint:
        config.load(written(tmp_path, text))
    assert "secret-alone" not in str(complaint.value)
