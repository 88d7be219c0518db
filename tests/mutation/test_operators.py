from collections import defaultdict
from pathlib import Path

import pytest

from drillbook.mutation.mutant import Mutant, Operator, mutated
from drillbook.mutation.operators import mutants_of
from drillbook.runbook import parse_runbook

OURS = Path(__file__).parents[2] / "runbooks" / "emergency-procedures.md"

DOCUMENT = """\
# Web

## Web is down

1. **Look**

   ```bash
   kubectl get pods -n prod -l app=web
   kubectl scale deployment/web-front -n prod \\
     --replicas=3
   ```

2. **Go on**

   ```bash
   kubectl rollout status deployment/web-front -n prod --timeout=90s
   kubectl patch service web-front -n prod -p '{"spec": {"selector": {"app": "web"}}}'
   slack-notify '#web' 'done'; echo told
   ```
"""
LINES = tuple(DOCUMENT.splitlines())


def changes() -> dict[Operator, list[str]]:
    """By operator, the lines that differ in each mutant."""
    found: dict[Operator, list[str]] = defaultdict(list)
    for mutant in mutants_of(parse_runbook(DOCUMENT.encode(), "web.md"), LINES):
        lines = mutated(LINES, mutant).splitlines()
        assert len(lines) == len(LINES)
        found[mutant.operator].append(
            "\n".join(new.strip() for old, new in zip(LINES, lines, strict=True) if old != new)
        )
    return found


@pytest.mark.parametrize(
    ("operator", "expected"),
    [
        (Operator.DROP, ["", "\n", "", ""]),
        (
            Operator.NAMESPACE,
            [
                "kubectl get pods -n prod-old -l app=web",
                "kubectl scale deployment/web-front -n prod-old \\",
                "kubectl rollout status deployment/web-front -n prod-old --timeout=90s",
                """kubectl patch service web-front -n prod-old -p '{"spec": {"selector": {"app": "web"}}}'""",
            ],
        ),
        (Operator.DEADLINE, ["kubectl rollout status deployment/web-front -n prod --timeout=1s"]),
        (Operator.PATCH, ["""kubectl patch service web-front -n prod -p '{"spec": {"selector": {"app": "web"}}'"""]),
        (
            Operator.SELECTOR,
            [
                "kubectl get pods -n prod -l app=we",
                """kubectl patch service web-front -n prod -p '{"spec": {"selector": {"app": "we"}}}'""",
            ],
        ),
    ],
)
def test_what_an_operator_makes(operator: Operator, expected: list[str]) -> None:
    assert changes()[operator] == expected


def test_a_command_of_two_lines_cannot_fail_at_its_end() -> None:
    assert "--replicas=3 || true" in changes()[Operator.OR_TRUE]


def test_commands_that_share_a_line_are_left_alone() -> None:
    assert Operator.CHANNEL not in changes()


def test_steps_are_swapped_with_their_titles() -> None:
    (swap,) = (each for each in mutants() if each.operator is Operator.SWAP)
    titles = [line.strip() for line in mutated(LINES, swap).splitlines() if "**" in line]
    assert titles == ["2. **Go on**", "1. **Look**"]


def mutants() -> tuple[Mutant, ...]:
    return mutants_of(parse_runbook(DOCUMENT.encode(), "web.md"), LINES)


def test_every_mutant_of_our_own_runbook_is_another_runbook_of_the_same_length() -> None:
    source = OURS.read_bytes()
    lines = tuple(source.decode().splitlines())
    original = "\n".join(lines) + "\n"
    found = mutants_of(parse_runbook(source, str(OURS)), lines)
    assert {mutant.operator for mutant in found} == set(Operator)
    documents = [mutated(lines, mutant) for mutant in found]
    assert original not in documents
    assert {document.count("\n") for document in documents} == {original.count("\n")}
