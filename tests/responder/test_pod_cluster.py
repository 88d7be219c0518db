import os
import secrets
import statistics
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from drillbook.clock import RunClock
from drillbook.cluster.client import ClusterClient, JsonObject
from drillbook.cluster.versions import ClusterVersions
from drillbook.effects import Trial
from drillbook.responder.pod import ForeignResponderError, PodResponder
from drillbook.responder.session import ShellSession
from drillbook.responder.transport import ResponderUnreachableError
from drillbook.settings import load_settings
from drillbook.timeline import CommandEnd

pytestmark = pytest.mark.cluster

ROOT = Path(__file__).parents[2]
KUBECONFIG = Path(os.environ.get("DRILLBOOK_KUBECONFIG", ROOT / ".drillbook" / "kubeconfig"))
NAMESPACE = "drillbook-responder-test"
PODS = f"/api/v1/namespaces/{NAMESPACE}/pods"
DIRECTORY = "/srv/trial"
# Every process of the container by its command line, without the tools that a bare image lacks.
LIST_PROCESSES = "for p in /proc/[0-9]*; do tr '\\0' ' ' <$p/cmdline; echo; done 2>/dev/null"


@pytest.fixture(scope="module")
def client() -> Iterator[ClusterClient]:
    uid = ClusterClient(KUBECONFIG).cluster_uid()
    client = ClusterClient(KUBECONFIG, expected_uid=uid)
    client.apply(f"/api/v1/namespaces/{NAMESPACE}", manifest("v1", "Namespace", {}, NAMESPACE), field_manager="test")
    path = f"/apis/apps/v1/namespaces/{NAMESPACE}/deployments/trial"
    client.apply(path, deployment(image_with_bash(client)), field_manager="test")
    yield client
    client.delete(f"/api/v1/namespaces/{NAMESPACE}", grace_s=0)


def image_with_bash(client: ClusterClient) -> str:
    """The image of the project's own responder, which the node holds once the system is deployed."""
    settings = load_settings(ROOT)
    pods = client.list_items(
        f"/api/v1/namespaces/{settings.system.namespace}/pods", selector=settings.responder.selector
    )
    if not pods:
        pytest.skip("the system is not deployed, so the node holds no responder's image")
    return str(pods[0]["spec"]["containers"][0]["image"])


def manifest(version: str, kind: str, rest: JsonObject, name: str = "trial") -> JsonObject:
    return {"apiVersion": version, "kind": kind, "metadata": {"name": name}} | rest


def deployment(image: str) -> JsonObject:
    container = {
        "name": "trial",
        "image": image,
        "imagePullPolicy": "IfNotPresent",
        "command": ["sleep", "infinity"],
        "workingDir": DIRECTORY,
        "resources": {"requests": {"cpu": "10m"}, "limits": {"memory": "256Mi"}},
    }
    pod = {
        "metadata": {"labels": {"app": "trial"}},
        "spec": {"terminationGracePeriodSeconds": 0, "containers": [container]},
    }
    return manifest("apps/v1", "Deployment", {"spec": {"selector": {"matchLabels": {"app": "trial"}}, "template": pod}})


def responder(*, selector: str = "app=trial", directory: str = DIRECTORY, uid: str | None = None) -> PodResponder:
    return PodResponder(KUBECONFIG, NAMESPACE, selector, "trial", directory, RunClock(), cluster_uid=uid)


@pytest.fixture
def session(client: ClusterClient) -> Iterator[ShellSession]:
    del client
    opened = responder().open()
    yield opened
    opened.close()


def out(session: ShellSession, text: str) -> str:
    result = session.run(text, timeout_s=10)
    assert result.end is CommandEnd.EXITED
    return result.stdout.decode()


def test_the_same_shell_as_on_this_machine(session: ShellSession) -> None:
    result = session.run("echo to out; echo to err >&2; true | (exit 3) | (exit 4)", timeout_s=5)
    assert (result.stdout, result.stderr, result.pipe_status) == (b"to out\n", b"to err\n", (0, 3, 4))
    assert out(session, "x=1; cd /; cat") == ""
    assert out(session, "echo $x; pwd") == "1\n/\n"
    everything = "".join(f"\\{byte:03o}" for byte in range(256))
    assert session.run(f"printf '{everything}'", timeout_s=5).stdout == bytes(range(256))
    assert session.run("exit 3", timeout_s=5).exit_code == 3
    assert out(session, "echo $x; pwd") == f"\n{DIRECTORY}\n"


def test_a_hundred_commands_keep_their_state(session: ShellSession) -> None:
    for number in range(1, 101):
        assert out(session, "n=$((n + 1)); echo $n") == f"{number}\n"


def test_a_large_output_is_counted_and_capped(session: ShellSession) -> None:
    result = session.run("head -c 20000000 /dev/zero; printf end", timeout_s=60)
    assert result.stdout_bytes == 20_000_003
    assert result.stdout.endswith(b"\0end")
    assert len(result.stdout) < 140_000


@pytest.mark.parametrize(
    "text",
    [
        "sleep {} | cat",
        "while true; do :; done",
        "bash -c \"trap '' TERM INT; while :; do sleep {}; done\"",
        "setsid -f sleep {}; sleep {} & sleep {}",
        "yes {}",
    ],
)
def test_a_hung_command_leaves_nothing_behind_and_the_shell_goes_on(session: ShellSession, text: str) -> None:
    number = str(secrets.randbelow(10**9) + 10**9)
    session.run("kept=yes", timeout_s=5)
    result = session.run(text.replace("{}", number), timeout_s=0.5)
    assert result.end is CommandEnd.TIMED_OUT
    assert result.duration_s < 5
    assert number not in out(session, LIST_PROCESSES)
    assert out(session, "echo $kept") == "yes\n"
    assert session.reopenings == ()


def test_closing_leaves_only_the_containers_own_process(session: ShellSession) -> None:
    other = responder().open()
    other.run("sleep 987654 & nohup sleep 987654 >/dev/null 2>&1 & setsid -f sleep 987654", timeout_s=5)
    assert out(session, LIST_PROCESSES).count("sleep 987654") == 3
    other.close()
    assert "987654" not in out(session, LIST_PROCESSES)
    assert out(session, LIST_PROCESSES).count("bash --noediting --login -i \n") == 1


def test_files_are_seen_beside_the_shell(session: ShellSession) -> None:
    out(session, "mkdir -p sub; printf 'a\\0\\377' >'sub/a b'; cd /")
    assert session.read_file("sub/a b") == b"a\0\xff"
    assert session.read_file("none") is None
    assert session.list_files(".")["sub/a b"].size_bytes == 3
    out(session, f"head -c 12000000 /dev/zero >{DIRECTORY}/large")
    content = session.read_file("large")
    assert content is not None
    assert len(content) == 10_000_000
    assert session.list_files("large")["large"].size_bytes == 12_000_000


def test_a_command_costs_no_more_than_its_budget(session: ShellSession) -> None:
    # The quickest quarter: what the session costs, not what else this machine does meanwhile.
    durations_ms = [session.run(":", timeout_s=5).duration_s * 1000 for _ in range(300)]
    assert statistics.quantiles(durations_ms, n=4)[0] <= 2.5


def test_a_session_lost_with_its_pod_is_lost_and_the_next_command_finds_a_new_one(
    client: ClusterClient, session: ShellSession
) -> None:
    out(session, "touch here")
    (pod,) = (
        item for item in client.list_items(PODS, selector="app=trial") if not item["metadata"].get("deletionTimestamp")
    )
    timer = threading.Timer(0.3, client.delete, [f"{PODS}/{pod['metadata']['name']}"], {"grace_s": 0})
    timer.start()
    result = session.run("echo begun; sleep 60", timeout_s=30)
    timer.join()
    assert (result.end, result.exit_code, result.stdout) == (CommandEnd.LOST, None, b"begun\n")
    after = session.run("ls; hostname", timeout_s=30)
    assert after.end is CommandEnd.EXITED
    assert b"here" not in after.stdout
    assert pod["metadata"]["name"].encode() not in after.stdout
    assert len(session.reopenings) == 1


def test_renewing_leaves_no_file_and_no_process(client: ClusterClient) -> None:
    uid = client.cluster_uid()
    place = responder(uid=uid)
    before = place.open()
    out(before, f"touch {DIRECTORY}/left /tmp/left; sleep 54321 &")
    place.renew()
    after = place.open()
    assert out(after, f"ls {DIRECTORY} /tmp | grep left; {LIST_PROCESSES} | grep '^sleep 5432'") == ""
    assert before.run("echo anybody", timeout_s=20).end in {CommandEnd.LOST, CommandEnd.EXITED}
    before.close()
    after.close()


def test_where_nothing_can_be_opened_it_says_why_and_what_to_do(client: ClusterClient) -> None:
    del client
    with pytest.raises(ResponderUnreachableError, match="no pod matches") as caught:
        responder(selector="app=nobody").open(timeout_s=0.5)
    assert "describe pods -l app=nobody" in (caught.value.mend or "")
    with pytest.raises(ResponderUnreachableError, match="No such file or directory"):
        responder(directory="/srv/elsewhere").open(timeout_s=10)


def test_another_cluster_than_the_pinned_one_is_not_touched(client: ClusterClient) -> None:
    del client
    place = responder(uid="00000000-0000-0000-0000-000000000000")
    with pytest.raises(ForeignResponderError, match="nothing was run"):
        place.open(timeout_s=0.5)
    with pytest.raises(ForeignResponderError, match="nothing was run"):
        place.renew(timeout_s=0.5)


def allowed_to_change(client: ClusterClient) -> None:
    """Let the pod's own account change what is in its namespace."""
    role = {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": "edit"}
    subject = {"kind": "ServiceAccount", "name": "default", "namespace": NAMESPACE}
    client.apply(
        f"/apis/rbac.authorization.k8s.io/v1/namespaces/{NAMESPACE}/rolebindings/trial",
        manifest("rbac.authorization.k8s.io/v1", "RoleBinding", {"roleRef": role, "subjects": [subject]}),
        field_manager="test",
    )
    client.apply(
        f"/api/v1/namespaces/{NAMESPACE}/configmaps/kept",
        manifest("v1", "ConfigMap", {"data": {"a": "b"}}, "kept"),
        field_manager="test",
    )


def test_trials_touch_nothing_real_and_tell_what_cannot_fail(client: ClusterClient, session: ShellSession) -> None:
    allowed_to_change(client)
    out(session, "printf '#!/bin/sh\\nexec %s delete configmap kept\\n' $(type -P kubectl) >real.sh; chmod +x real.sh")
    kubectl = out(session, "type -P kubectl").strip()
    curl = out(session, "type -P curl").strip()
    url = f"https://$KUBERNETES_SERVICE_HOST/api/v1/namespaces/{NAMESPACE}/configmaps"
    texts = [
        "kubectl delete configmap kept",
        "kubectl delete configmap kept || true",
        "./real.sh",
        f"sh -c '{kubectl} delete configmap kept'",
        f"sh -c '{curl} --insecure --max-time 1 {url.replace('$KUBERNETES_SERVICE_HOST', '10.96.0.1')}'",
        f"rm -rf {DIRECTORY}/real.sh",
    ]
    versions = ClusterVersions(client, NAMESPACE)
    before = versions.look()
    place = responder()
    place.open().close()
    trials = place.try_commands(texts)
    assert versions.look() == before
    assert before is not None
    assert "configmap/kept" in before
    assert trials[0] == Trial(exit_code=1, calls=("kubectl",))
    assert trials[1] == Trial(exit_code=0, calls=("kubectl",))
    assert all(trial is None or trial.exit_code != 0 for trial in trials[2:5])
    assert out(session, "ls real.sh") == "real.sh\n"
    # And all of it would have been possible.
    assert session.run("./real.sh", timeout_s=10).exit_code == 0
    assert "configmap/kept" not in (versions.look() or {})


def test_versions_tell_what_was_changed_from_what_controllers_write(client: ClusterClient) -> None:
    versions = ClusterVersions(client, NAMESPACE)
    path = f"/apis/apps/v1/namespaces/{NAMESPACE}/deployments/trial"
    before = versions.look()
    assert before is not None
    client.patch(path, {"status": {"observedGeneration": 1}}, "merge")  # without a subresource it changes nothing
    assert versions.look() == before
    client.patch(path, {"metadata": {"labels": {"seen": "yes"}}}, "merge")
    after = versions.look()
    assert after is not None
    assert {name for name in after if after[name] != before.get(name)} == {"deployment/trial"}
