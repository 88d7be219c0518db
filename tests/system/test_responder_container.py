import json
from typing import Any

import httpx
import pytest
import yaml
from tests.system.system_containers import SYSTEM, Containers, url_of, wait_until

pytestmark = pytest.mark.component

NAMES = ("slack.com", "hooks.slack.com", "events.pagerduty.com", "api.statuspage.io", "httpbin.org")
SCRIPTS = "./k8s/ultra-cpp/scripts"
KEY = "00000000000000000000000000d0d111"


def manifest(file: str, kind: str) -> dict[str, Any]:
    objects = yaml.safe_load_all((SYSTEM / "manifests" / file).read_text())
    found: dict[str, Any] = next(found for found in objects if found["kind"] == kind)
    return found


class Responder:
    """A responder that trusts and reaches the switchboard, and the record of what reached it."""

    def __init__(self, container: Any, switchboard_url: str) -> None:  # noqa: ANN401 - untyped library
        self._container, self._operator = container, httpx.Client(base_url=switchboard_url)

    def run(self, command: str) -> tuple[int, str]:
        done = self._container.exec(["bash", "-c", f"export CURL_CA_BUNDLE=/tmp/ca.pem; {command}"])
        return done.exit_code, done.output.decode()

    def delivered(self) -> list[dict[str, Any]]:
        """What arrived since the last question."""
        found: list[dict[str, Any]] = self._operator.get("/deliveries").json()["deliveries"]
        self._operator.delete("/deliveries")
        return found


@pytest.fixture
def responder(connected: Responder) -> Responder:
    connected.delivered()
    return connected


@pytest.fixture(scope="module")
def connected(containers: Containers, tmp_path_factory: pytest.TempPathFactory) -> Responder:
    accounts = tmp_path_factory.mktemp("accounts") / "accounts.json"
    accounts.write_text(manifest("switchboard.yaml", "Secret")["stringData"]["accounts.json"])
    switchboard = containers.start(
        "ultra-cpp/switchboard",
        "switchboard",
        *NAMES,
        ports=(8080,),
        environment={"SWITCHBOARD_TLS_PORT": "443"},
        files={accounts: "/etc/switchboard-accounts/accounts.json"},
    )
    url = url_of(switchboard, 8080)
    wait_until(lambda: httpx.get(f"{url}/health").status_code == 200, "the switchboard is healthy")
    contacts = manifest("responder.yaml", "Secret")["stringData"]
    container = containers.start("ultra-cpp/responder", "responder", environment=contacts)
    responder = Responder(container, url)
    assert responder.run("curl -fsS http://switchboard:8080/ca.pem -o /tmp/ca.pem")[0] == 0
    return responder


def test_the_working_directory_holds_the_scripts_and_nothing_else(responder: Responder) -> None:
    found = responder.run("pwd; find . -type f | sort")
    assert found == (0, f"/srv/responder\n{SCRIPTS}/performance-test.sh\n{SCRIPTS}/rollback.sh\n")


def test_a_message_reaches_its_channel_as_an_argument_and_from_a_pipe(responder: Responder) -> None:
    assert responder.run("""slack-notify '#ultra-cpp-alerts' 'SEV1: "quoted" & $odd'""")[0] == 0
    assert responder.run("printf 'two\\nlines' | slack-notify '#security-incidents'")[0] == 0
    first, second = (found["details"] for found in responder.delivered())
    assert (first["channel"], first["text"]) == ("#ultra-cpp-alerts", 'SEV1: "quoted" & $odd')
    assert (second["channel"], second["text"]) == ("#security-incidents", "two\nlines")


def test_an_unquoted_channel_is_a_usage_error_and_nothing_is_sent(responder: Responder) -> None:
    code, output = responder.run('slack-notify #ultra-cpp-alerts "SEV1"')
    assert (code, responder.delivered()) == (2, [])
    assert "written without quotes?" in output


def test_a_channel_that_does_not_exist_is_a_failure_though_slack_answers_200(responder: Responder) -> None:
    code, output = responder.run("slack-notify '#nowhere' text")
    assert (code, "channel_not_found" in output) == (1, True)


def test_an_incident_is_closed_by_the_key_that_opened_it(responder: Responder) -> None:
    trigger = "pagerduty-trigger --service-key=ULTRA_CPP_SERVICE --incident-key emergency-7 --description='it is down'"
    assert responder.run(trigger) == (0, "triggered: incident key emergency-7\n")
    assert responder.run("pagerduty-resolve --incident-key=emergency-TIMESTAMP")[0] == 0
    assert responder.run("pagerduty-resolve --incident-key=emergency-7")[0] == 0
    opened, missed, closed = responder.delivered()
    assert (opened["action"], opened["details"]["summary"]) == ("trigger", "it is down")
    assert [found["details"]["met_open_incident"] for found in (missed, closed)] == [False, True]


@pytest.mark.parametrize(
    "command",
    [
        "pagerduty-trigger --service-key=ULTRA_CPP_SERVICE --incident-key=x",
        "pagerduty-trigger --unknown=x",
        "pagerduty-trigger --service-key=",
        "pagerduty-resolve",
        "pagerduty-resolve emergency-7",
        "slack-notify ultra-cpp-alerts text",
        "slack-notify '#ultra-cpp-alerts' two arguments",
        "echo ' ' | slack-notify '#ultra-cpp-alerts'",
        f"{SCRIPTS}/rollback.sh",
        f"{SCRIPTS}/rollback.sh urgently",
        f"{SCRIPTS}/rollback.sh emergency --timeout soon",
        f"{SCRIPTS}/performance-test.sh",
        f"{SCRIPTS}/performance-test.sh --full --requests 999999",
        f"{SCRIPTS}/performance-test.sh --full --p99-ms fast",
    ],
)
def test_wrong_usage_is_2_and_says_how(responder: Responder, command: str) -> None:
    code, output = responder.run(command)
    assert (code, "usage: " in output) == (2, True)
    assert responder.delivered() == []


def test_a_refused_event_is_a_failure_with_pagerdutys_reason(responder: Responder) -> None:
    code, output = responder.run("pagerduty-trigger --service-key=NO_SUCH --incident-key=x --description=y")
    assert (code, "should be 32 characters" in output) == (1, True)


def test_what_cannot_be_delivered_is_said(responder: Responder) -> None:
    code, output = responder.run("CURL_CA_BUNDLE=/etc/ssl/certs/ca-certificates.crt slack-notify '#ultra-cpp-alerts' x")
    assert (code, "not delivered" in output) == (1, True)
    code, output = responder.run("unset SLACK_TOKEN; slack-notify '#ultra-cpp-alerts' x")
    assert (code, "SLACK_TOKEN is not set" in output) == (1, True)


def test_statuspage_by_plain_curl(responder: Responder) -> None:
    incident = json.dumps({"incident": {"name": "Issues", "status": "investigating"}})
    code, output = responder.run(
        f"""curl -fsS "https://api.statuspage.io/v1/pages/$STATUSPAGE_PAGE_ID/incidents" \
        -H "Authorization: OAuth $STATUSPAGE_API_KEY" -H 'Content-Type: application/json' -d '{incident}'"""
    )
    assert (code, json.loads(output)["name"]) == (0, "Issues")


def test_the_performance_test_passes_on_a_well_gateway_and_fails_without_one(
    containers: Containers, responder: Responder
) -> None:
    containers.start("ultra-cpp/fallback", "well")
    ready = "curl -fs --retry 30 --retry-connrefused --retry-delay 1 http://well:3005/health"
    assert responder.run(ready)[0] == 0
    quick = f"{SCRIPTS}/performance-test.sh --quick-validation"
    code, output = responder.run(f"{quick} --url http://well:3005 --p99-ms 2000")
    assert (code, "requests: 300  answered: 300  errors: 0" in output, "PASS" in output) == (0, True, True)
    code, output = responder.run(f"{quick} --url http://well:3005 --p99-ms 0.001")
    assert (code, "the 99th percentile is over 0.001 ms" in output) == (1, True)
    code, output = responder.run(f"{quick} --url http://127.0.0.1:9 --p99-ms 2000")
    assert (code, "more than 1 % of the requests failed" in output) == (1, True)
    assert responder.run(f"{quick} --dry-run")[0] == 0


def test_the_routing_key_itself_is_taken_for_a_service(responder: Responder) -> None:
    command = f"pagerduty-resolve --service-key={KEY} --incident-key=a"
    assert responder.run(command)[0] == 0
