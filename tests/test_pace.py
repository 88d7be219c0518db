import pytest

from drillbook.pace import command_timeout_s, written_files


@pytest.mark.parametrize(
    ("text", "budget_left_s", "expected_s"),
    [
        ("kubectl get pods", None, 60),
        ("kubectl get pods", 300, 300),
        ("kubectl get pods", 20, 60),  # late already: a person goes on all the same
        ("kubectl get pods", -5, 60),
        ("kubectl rollout status deployment/web --timeout=300s", None, 305),
        ("kubectl rollout status deployment/web --timeout=2m", 600, 600),
        ("timeout 90 tcpdump -c 10", None, 95),
        ("timeout -k 5 90 tcpdump -c 10", None, 60),  # not understood, so the default
        ("curl --max-time 5 http://web", None, 60),
    ],
)
def test_a_command_gets_the_time_that_the_runbook_gives_it(
    text: str, budget_left_s: float | None, expected_s: float
) -> None:
    assert command_timeout_s(text, budget_left_s=budget_left_s, default_s=60) == expected_s


@pytest.mark.parametrize(
    ("text", "files"),
    [
        ("kubectl logs web > incident/web.log", ("incident/web.log",)),
        ("kubectl logs web >>web.log 2>errors.log", ("web.log",)),
        ('kubectl logs web | grep -i "a" > /tmp/x.txt', ("/tmp/x.txt",)),
        ("curl -s http://web > /dev/null", ()),
        ("kubectl get all > /tmp/state-$(date +%s).yaml", ()),
        ("kubectl describe nodes > 'nodes.txt'", ("nodes.txt",)),
        ("kubectl get pods -o 'jsonpath={a=>b}'", ()),
        ("test 1 -ge 2 && echo ->x", ()),
        ("ls > one; ls > two && ls > one", ("one", "two")),
        ("jq 'select(.count > 0)' pods.json > 'some.json' && test 'a' > b", ("some.json", "b")),
        ('jq "select(.name == \\"x\\" and .count > 0 )" pods.json', ()),
        ("echo don\\'t > out.txt", ("out.txt",)),
    ],
)
def test_the_files_that_a_command_writes(text: str, files: tuple[str, ...]) -> None:
    assert written_files(text) == files
