"""What is asked of the cluster about those who saw a drill from outside it."""

import base64
import json
from typing import Any

from drillbook.cluster.client import ApiError, ClusterClient
from drillbook.cluster.witnesses import ClusterWitnesses
from drillbook.effects import Delivery
from drillbook.observation import InsideAnswer
from drillbook.settings import ContactsSettings, InsideSettings

STARTED = "2026-11-23T10:25:00+00:00"
CONTACTS = ContactsSettings(service="phone", port=80, path="/sent", address_keys=("channel", "routed_to"))
INSIDE = InsideSettings(selector="app=inside", container="user")


class Client(ClusterClient):
    """Answers from a table by path; lists by the last part of the path."""

    def __init__(self, answers: dict[str, bytes], items: list[dict[str, Any]]) -> None:
        self.answers, self.items = answers, items

    def read_answer(self, path: str) -> bytes:
        return self.answers[path]

    def read_text(self, path: str) -> str:
        if path not in self.answers:
            raise ApiError("GET", path, 400, "waiting to start")
        return self.answers[path].decode()

    def list_items(self, path: str, *, selector: str = "") -> list[dict[str, Any]]:
        assert (path, selector) in {
            ("/api/v1/namespaces/shop/pods", "app=inside"),
            ("/api/v1/namespaces/shop/secrets", ""),
        }
        return self.items


def witnesses(answers: dict[str, bytes] | None = None, *items: dict[str, Any]) -> ClusterWitnesses:
    client = Client(answers or {}, list(items))
    return ClusterWitnesses(client, "shop", contacts=CONTACTS, inside=INSIDE, started_at=STARTED)


def sent(**details: object) -> dict[str, Any]:
    time = "2026-11-23T10:26:00.500+00:00"
    return {"number": 4, "time": time, "service": "chat", "accepted": True, "details": details}


def test_messages_have_the_run_s_time_and_an_address() -> None:
    path = "/api/v1/namespaces/shop/services/phone:80/proxy/sent?after=3"
    entries = [sent(channel="#help", routed_to=None), sent(channel=None, routed_to="FRONT_DOOR"), sent(errors=["no"])]
    found = witnesses({path: json.dumps({"deliveries": entries}).encode()}).deliveries(3)
    assert found is not None
    assert found[0] == Delivery(number=4, at_s=60.5, service="chat", address="#help", accepted=True)
    assert [delivery.address for delivery in found] == ["#help", "FRONT_DOOR", ""]


def test_where_nobody_answers_nothing_is_known() -> None:
    path = "/api/v1/namespaces/shop/services/phone:80/proxy/sent?after=0"
    assert witnesses({path: b'{"kind": "Status", "code": 503}'}).deliveries() is None
    assert witnesses({path: b"no endpoints available"}).deliveries() is None
    unasked = ClusterWitnesses(Client({}, []), "shop", contacts=None, inside=None, started_at=STARTED)
    assert (unasked.deliveries(), unasked.inside_answers(0.0)) == (None, None)


def test_answers_inside_are_those_of_every_pod_in_order() -> None:
    query = "/log?container=user&sinceTime=2026-11-23T10:25:10Z"
    logs = {
        f"/api/v1/namespaces/shop/pods/a{query}": b'starting\n{"due": 1795429522.0, "status": 0, "ms": 1.5}\n[1]\n',
        f"/api/v1/namespaces/shop/pods/b{query}": b'{"due": 1795429521.5, "status": 200, "ms": 1.5}\n{"due": 17',
    }
    pods = ({"metadata": {"name": name}} for name in "abc")
    assert witnesses(logs, *pods).inside_answers(10.5) == (
        InsideAnswer(at_s=21.5, status=200),
        InsideAnswer(at_s=22.0, status=0),
    )


def words(**values: str) -> tuple[bytes, ...]:
    data = {name: base64.b64encode(value.encode()).decode() for name, value in values.items()}
    return witnesses({}, {"metadata": {"name": "keys"}, "data": data}).secrets()["keys"]


def test_a_value_is_secret_whole_and_as_the_api_shows_it() -> None:
    assert words(token="xoxb-only\n", short="a1") == (base64.b64encode(b"xoxb-only\n"), b"xoxb-only")


def test_of_several_words_those_with_a_digit_are_secret_and_names_are_not() -> None:
    found = words(tokens="partner-north  drill-2f61b9a4\nFRONT_DOOR_KEY=00000000d111\n")
    assert set(found[1:]) == {b"drill-2f61b9a4", b"00000000d111"}


def test_a_certificate_is_no_secret_and_the_key_beside_it_is() -> None:
    certificate = "-----BEGIN CERTIFICATE-----\nMIIB0000\n-----END CERTIFICATE-----\n"
    key = "-----BEGIN PRIVATE KEY-----\nMIIE1234abcd\n-----END PRIVATE KEY-----\n"
    assert words(crt=certificate) == ()
    assert b"MIIB0000" not in words(both=certificate + key)
    assert b"MIIE1234abcd" in words(both=certificate + key)
