"""Where images come from is decided once, by the environment, the record or the network, in this order."""

import http.server
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from drillbook.cluster.state import Supply
from drillbook.setup.node_image import node_image_reference
from drillbook.setup.registry import decide_supply, registry_answers
from drillbook.setup.tools import OFFICIAL_NODE_IMAGE

ROOT = Path(__file__).parents[2]


def _never() -> bool:
    pytest.fail("the network was asked")


def test_the_network_is_asked_once_and_the_answer_is_kept() -> None:
    online = decide_supply(ROOT, None, {}, lambda: True)
    assert online == Supply(registry="", node_image=OFFICIAL_NODE_IMAGE)
    assert decide_supply(ROOT, online, {}, _never) == online
    offline = decide_supply(ROOT, None, {}, lambda: False)
    assert offline == Supply(registry=None, node_image=node_image_reference(ROOT))
    assert decide_supply(ROOT, offline, {}, _never) == offline


def test_a_named_mirror_is_used_without_asking() -> None:
    supply = decide_supply(ROOT, None, {"DRILLBOOK_REGISTRY": "127.0.0.1:5000"}, _never)
    assert supply.registry == "127.0.0.1:5000"
    assert supply.node_image.startswith("127.0.0.1:5000/kindest/node:v")
    assert "@" not in supply.node_image


def test_no_registry_can_be_asked_for() -> None:
    assert decide_supply(ROOT, None, {"DRILLBOOK_REGISTRY": "none"}, _never).offline


def test_a_changed_source_is_another_node_image(tmp_path: Path) -> None:
    source = tmp_path / "offline" / "node"
    source.mkdir(parents=True)
    (source / "go.mod").write_text("module x\n", encoding="utf-8")
    first = node_image_reference(tmp_path)
    (source / "go.mod").write_text("module y\n", encoding="utf-8")
    assert node_image_reference(tmp_path) != first


class _Answer(http.server.BaseHTTPRequestHandler):
    status = 200
    is_registry = False

    def do_GET(self) -> None:
        self.send_response(self.status)
        if self.is_registry:
            self.send_header("Docker-Distribution-Api-Version", "registry/2.0")
        self.end_headers()

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def server() -> Iterator[http.server.HTTPServer]:
    with http.server.HTTPServer(("127.0.0.1", 0), _Answer) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server
        server.shutdown()


@pytest.mark.parametrize(
    ("status", "is_registry", "expected"),
    [(200, True, True), (401, False, True), (200, False, False), (403, False, False), (500, False, False)],
)
def test_only_a_registrys_own_answer_counts(
    server: http.server.HTTPServer, monkeypatch: pytest.MonkeyPatch, *, status: int, is_registry: bool, expected: bool
) -> None:
    monkeypatch.setattr(_Answer, "status", status)
    monkeypatch.setattr(_Answer, "is_registry", is_registry)
    assert registry_answers(f"http://127.0.0.1:{server.server_port}/v2/", 4) is expected


def test_silence_is_given_up_in_time() -> None:
    with http.server.HTTPServer(("127.0.0.1", 0), _Answer) as silent:  # accepts, never answers
        start_s = time.monotonic()
        assert not registry_answers(f"http://127.0.0.1:{silent.server_port}/v2/", 0.3)
        assert time.monotonic() - start_s < 2
