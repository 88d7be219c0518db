import json
from pathlib import Path

import pytest

from drillbook.clock import RunClock
from drillbook.responder.pod import PodResponder
from drillbook.responder.transport import ConnectionLostError, ResponderUnreachableError
from drillbook.responder.websocket import one_line, read_status


def report(**parts: object) -> bytes:
    return json.dumps({"kind": "Status", "metadata": {}} | parts).encode()


def test_success_is_exit_code_0() -> None:
    assert read_status(report(status="Success")) == 0


def test_a_failure_tells_the_exit_code() -> None:
    causes = [{"reason": "Other", "message": "x"}, {"reason": "ExitCode", "message": "137"}]
    assert read_status(report(status="Failure", reason="NonZeroExitCode", details={"causes": causes})) == 137


@pytest.mark.parametrize("details", [None, {}, {"causes": None}])
def test_a_failure_without_an_exit_code_is_a_lost_connection(details: object) -> None:
    with pytest.raises(ConnectionLostError, match="container not found"):
        read_status(report(status="Failure", message="container not found", details=details))


def test_an_error_of_the_client_library_is_cut_to_its_gist() -> None:
    assert (
        one_line(ValueError("Handshake status 404 Not Found -+-+- {'headers': 1}")) == "Handshake status 404 Not Found"
    )
    assert one_line(ValueError("a\n  b")) == "a b"


def test_an_absent_kubeconfig_is_named(tmp_path: Path) -> None:
    place = PodResponder(tmp_path / "none", "n", "app=x", "c", "/", RunClock())
    with pytest.raises(ResponderUnreachableError, match="kubeconfig") as caught:
        place.open(timeout_s=0.2)
    assert caught.value.mend == "drillbook cluster up"


def test_an_api_server_that_is_not_there_is_reported_at_the_deadline(tmp_path: Path) -> None:
    kubeconfig = tmp_path / "kubeconfig"
    kubeconfig.write_text(
        json.dumps(
            {
                "apiVersion": "v1",
                "kind": "Config",
                "current-context": "c",
                "contexts": [{"name": "c", "context": {"cluster": "c", "user": "u"}}],
                "clusters": [{"name": "c", "cluster": {"server": "http://127.0.0.1:1"}}],
                "users": [{"name": "u", "user": {}}],
            }
        )
    )
    place = PodResponder(kubeconfig, "n", "app=x", "c", "/", RunClock())
    with pytest.raises(ResponderUnreachableError, match="does not answer"):
        place.open(timeout_s=0.2)
