import asyncio
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml
from starlette.types import ASGIApp
from switchboard import accounts
from switchboard.app import NAMES, administration, services
from switchboard.deliveries import Deliveries, Delivery

MANIFESTS = Path(__file__).parents[2] / "system" / "manifests"
TOKEN = "xoxb-switchboard-only"  # noqa: S105 - opens nothing but this
KEY = "00000000000000000000000000d0d111"
EVENT = {
    "routing_key": KEY,
    "event_action": "trigger",
    "dedup_key": "emergency-1",
    "payload": {"summary": "down", "source": "responder", "severity": "critical"},
}


class Client:
    """Asks an application, under one of the names it answers to."""

    def __init__(self, app: ASGIApp, url: str) -> None:
        self._app, self._url = app, url

    def ask(self, method: str, path: str, **parts: Any) -> httpx.Response:  # noqa: ANN401 - as httpx takes them
        async def once() -> httpx.Response:
            async with httpx.AsyncClient(transport=httpx.ASGITransport(self._app), base_url=self._url) as client:
                return await client.request(method, path, **parts)

        return asyncio.run(once())

    def get(self, path: str, **parts: Any) -> httpx.Response:  # noqa: ANN401 - as above
        return self.ask("GET", path, **parts)

    def post(self, path: str, **parts: Any) -> httpx.Response:  # noqa: ANN401 - as above
        return self.ask("POST", path, **parts)


class Switchboard:
    def __init__(self, known: accounts.Accounts) -> None:
        self.deliveries = Deliveries()
        self._app = services(known, self.deliveries)
        self.operator = Client(administration(self.deliveries, "the certificate"), "http://switchboard")

    def at(self, name: str) -> Client:
        return Client(self._app, f"https://{name}")

    @property
    def last(self) -> Delivery:
        return self.deliveries.since(0)[-1]


@pytest.fixture
def switchboard(tmp_path: Path) -> Switchboard:
    objects = yaml.safe_load_all((MANIFESTS / "switchboard.yaml").read_text())
    text = next(found["stringData"]["accounts.json"] for found in objects if found["kind"] == "Secret")
    (tmp_path / "accounts.json").write_text(text)
    return Switchboard(accounts.load(tmp_path / "accounts.json"))


def slack(switchboard: Switchboard, token: str = TOKEN, **message: str) -> dict[str, object]:
    headers = {"Authorization": f"Bearer {token}"}
    answer = switchboard.at("slack.com").post("/api/chat.postMessage", json=message, headers=headers)
    assert answer.status_code == 200
    found: dict[str, object] = answer.json()
    return found


def test_slack_takes_a_message_and_the_record_holds_its_text(switchboard: Switchboard) -> None:
    answer = slack(switchboard, channel="#ultra-cpp-alerts", text="SEV1")
    assert (answer["ok"], answer["channel"]) == (True, "#ultra-cpp-alerts")
    assert switchboard.last.details == {"channel": "#ultra-cpp-alerts", "text": "SEV1", "error": None}


@pytest.mark.parametrize(
    ("token", "channel", "text", "error"),
    [
        ("", "#ultra-cpp-alerts", "x", "not_authed"),
        ("xoxb-other", "#ultra-cpp-alerts", "x", "invalid_auth"),
        (TOKEN, "#nowhere", "x", "channel_not_found"),
        (TOKEN, "#ultra-cpp-alerts", " ", "no_text"),
        (TOKEN, "#ultra-cpp-alerts", "x" * 40_001, "msg_too_long"),
    ],
)
def test_slack_refuses_with_200_and_a_word(
    switchboard: Switchboard, token: str, channel: str, text: str, error: str
) -> None:
    assert slack(switchboard, token, channel=channel, text=text) == {"ok": False, "error": error}
    assert (switchboard.last.accepted, switchboard.last.details["error"]) == (False, error)


@pytest.mark.parametrize(
    ("hook", "body", "status", "answer"),
    [
        ("T000/B000/switchboard", b'{"text": "hello"}', 200, "ok"),
        ("T000/B000/switchboard", b"{}", 400, "no_text"),
        ("T000/B000/switchboard", b"hello", 400, "invalid_payload"),
        ("T000/B000/other", b'{"text": "hello"}', 404, "no_service"),
    ],
)
def test_slack_webhooks(switchboard: Switchboard, hook: str, body: bytes, status: int, answer: str) -> None:
    found = switchboard.at("hooks.slack.com").post(f"/services/{hook}", content=body)
    assert (found.status_code, found.text) == (status, answer)


def test_a_webhooks_form_holds_json_in_its_payload(switchboard: Switchboard) -> None:
    path = "/services/T000/B000/switchboard"
    assert switchboard.at("hooks.slack.com").post(path, data={"payload": '{"text": "hi"}'}).text == "ok"
    assert switchboard.last.details["text"] == "hi"


def test_pagerduty_opens_and_closes_and_tells_only_the_record_what_met_nothing(switchboard: Switchboard) -> None:
    events = switchboard.at("events.pagerduty.com")
    assert events.post("/v2/enqueue", json=EVENT).json()["dedup_key"] == "emergency-1"
    assert switchboard.last.details["routed_to"] == "ULTRA_CPP_SERVICE"
    resolve = {"routing_key": KEY, "event_action": "resolve", "dedup_key": "emergency-TIMESTAMP"}
    assert events.post("/v2/enqueue", json=resolve).status_code == 202
    assert switchboard.last.details["met_open_incident"] is False
    assert events.post("/v2/enqueue", json=resolve | {"dedup_key": "emergency-1"}).status_code == 202
    assert switchboard.last.details["met_open_incident"] is True


@pytest.mark.parametrize(
    ("change", "error"),
    [
        ({"routing_key": "ULTRA_CPP_SERVICE"}, "Length of 'routing_key' is incorrect (should be 32 characters)"),
        ({"routing_key": None}, "'routing_key' is missing or blank"),
        ({"routing_key": "f" * 32}, "Invalid routing key"),
        ({"event_action": "resolve", "dedup_key": ""}, "'dedup_key' is missing or blank"),
        ({"payload": {"source": "x", "severity": "info"}}, "'payload.summary' is missing or blank"),
    ],
)
def test_pagerduty_refuses_with_its_reasons(switchboard: Switchboard, change: dict[str, object], error: str) -> None:
    answer = switchboard.at("events.pagerduty.com").post("/v2/enqueue", json=EVENT | change)
    assert answer.status_code == 400
    assert (answer.json()["status"], answer.json()["errors"]) == ("invalid event", [error])


def test_statuspage_creates_and_updates(switchboard: Switchboard) -> None:
    page = "/v1/pages/ultracppstat/incidents"
    headers = {"Authorization": "OAuth switchboard-only-statuspage-key"}
    client = switchboard.at("api.statuspage.io")
    made = client.post(page, json={"incident": {"name": "down", "status": "investigating"}}, headers=headers)
    assert made.status_code == 201
    changed = client.ask(
        "PATCH", f"{page}/{made.json()['id']}", json={"incident": {"status": "resolved"}}, headers=headers
    )
    assert (changed.status_code, changed.json()["name"], changed.json()["status"]) == (200, "down", "resolved")
    assert [found["status"] for found in client.get(page, headers=headers).json()] == ["resolved"]


@pytest.mark.parametrize(
    ("page", "key", "content_type", "body", "status"),
    [
        ("ultracppstat", "TOKEN", "application/json", b"{}", 401),
        ("PAGE_ID", "switchboard-only-statuspage-key", "application/json", b"{}", 404),
        ("ultracppstat", "switchboard-only-statuspage-key", "application/x-www-form-urlencoded", b"{}", 400),
        ("ultracppstat", "switchboard-only-statuspage-key", "application/json", b"[", 400),
        ("ultracppstat", "switchboard-only-statuspage-key", "application/json", b'{"incident":{}}', 422),
    ],
)
def test_statuspage_refuses(
    switchboard: Switchboard, page: str, key: str, content_type: str, body: bytes, status: int
) -> None:
    headers = {"Authorization": f"OAuth {key}", "Content-Type": content_type}
    client = switchboard.at("api.statuspage.io")
    answer = client.post(f"/v1/pages/{page}/incidents", content=body, headers=headers)
    assert answer.status_code == status
    assert answer.json()["error"]
    assert not switchboard.last.accepted


def test_httpbin(switchboard: Switchboard) -> None:
    client = switchboard.at("httpbin.org")
    assert [client.get(f"/status/{code}").status_code for code in (200, 503)] == [200, 503]
    assert client.get("/get?a=1").json()["args"] == {"a": "1"}


def test_each_service_answers_only_under_its_own_name(switchboard: Switchboard) -> None:
    answering = [name for name in NAMES if switchboard.at(name).get("/get").status_code == 200]
    assert answering == ["httpbin.org"]


def test_the_operator_lists_what_came_after_a_number(switchboard: Switchboard) -> None:
    slack(switchboard, channel="#ultra-cpp-alerts", text="one")
    slack(switchboard, channel="#ultra-cpp-alerts", text="two")
    found = switchboard.operator.get("/deliveries?after=1&service=slack").json()["deliveries"]
    assert [delivery["details"]["text"] for delivery in found] == ["two"]
    assert switchboard.operator.get("/deliveries?service=pagerduty").json() == {"deliveries": []}
    assert switchboard.operator.ask("DELETE", "/deliveries").json() == {"forgotten": 2}
    assert switchboard.operator.get("/ca.pem").text == "the certificate"


def test_accounts_with_a_misspelt_key_are_refused(tmp_path: Path) -> None:
    (tmp_path / "accounts.json").write_text('{"slack_token": []}')
    with pytest.raises(accounts.AccountsError, match="slack_tokens"):
        accounts.load(tmp_path / "accounts.json")
