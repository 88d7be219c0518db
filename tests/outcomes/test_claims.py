import pytest
from tests.judge.scenes import Command, Scene, Step, drill_record

from drillbook.checks.model import Finding, Severity
from drillbook.outcomes import command_outcomes
from drillbook.record import DrillRecord
from drillbook.timeline import AnyEvent, ChangesWatched, CommandEnd, CommandTried, SecretFound
from drillbook.verdict import CommandOutcome, Outcome

WATCHED = ChangesWatched(at_s=40.0, namespace="shop", kinds=("deployment", "service", "pod"))
PATCH = "kubectl patch service front-door -n shop -p '{\"spec\": {}}'"


def finding(rule: str, line: int = 47) -> Finding:
    return Finding(
        rule=rule,
        name=rule,
        severity=Severity.WARNING,
        line=line,
        column=1,
        end_line=line,
        end_column=2,
        message="suspect",
    )


def scene(command: Command, *extra: AnyEvent, stderr: str = "", changed_files: tuple[str, ...] = ()) -> DrillRecord:
    step = Step("One step", 44, (command,), changed_files=changed_files)
    return drill_record(Scene(steps=(step,), extra=extra, outputs={"commands/47.err": stderr}))


def outcome(
    command: Command,
    *extra: AnyEvent,
    stderr: str = "",
    rules: tuple[str, ...] = (),
    changed_files: tuple[str, ...] = (),
) -> CommandOutcome:
    record = scene(command, *extra, stderr=stderr, changed_files=changed_files)
    (found,) = command_outcomes(record, tuple(finding(rule) for rule in rules))
    return found


@pytest.mark.parametrize(
    ("exit_code", "end", "expected"),
    [
        (0, CommandEnd.EXITED, Outcome.WORKED),
        (1, CommandEnd.EXITED, Outcome.FAILED),
        (None, CommandEnd.TIMED_OUT, Outcome.HUNG),
        (None, CommandEnd.LOST, Outcome.LOST),
    ],
)
def test_without_more_facts_the_end_is_all_that_is_claimed(
    exit_code: int | None, end: CommandEnd, expected: Outcome
) -> None:
    found = outcome(Command(47, PATCH, exit_code, end=end, pipe_status=()), rules=("RB020", "RB030", "RB041"))
    assert (found.outcome, found.reason, found.also) == (expected, "", ())


def test_a_member_of_the_pipeline_failed_behind_exit_0() -> None:
    found = outcome(Command(47, "kubectl get pods -n shop | tail -20", pipe_status=(1, 0)))
    assert (found.outcome, found.reason) == (Outcome.MASKED, "kubectl get pods -n shop exited 1")


@pytest.mark.parametrize(
    ("text", "status", "reason"),
    [
        ("kubectl exec web -- df |\n  jq . > out", (1, 0), "kubectl exec web -- df exited 1"),
        ("kubectl get pods -o json | jq '.a | .b'", (1, 0), "kubectl get pods -o json exited 1"),
        ("kubectl get pods 2>&1 |& tee out | tail -1", (1, 0, 0), "kubectl get pods 2>&1 exited 1"),
        ("cat list | jq . | sort", (0, 5, 0), "jq . exited 5"),
    ],
)
def test_the_member_that_failed_is_named_as_it_is_written(text: str, status: tuple[int, ...], reason: str) -> None:
    found = outcome(Command(47, text, pipe_status=status))
    assert (found.outcome, found.reason) == (Outcome.MASKED, reason)


@pytest.mark.parametrize(
    ("text", "status"),
    [
        ("kubectl get pods | grep -c Error | cat", (0, 1, 0)),
        ("kubectl logs web | head -1", (141, 0)),
        ("curl -s http://web | head -1", (23, 0)),
        ("diff a b | cat", (1, 0)),
        ("kubectl get pods | (cat | cat)", (1, 0)),  # which member it was cannot be told
        ("kubectl get pods -o json | jq '.a | .b'", (0, 0)),
        ("kubectl logs $(kubectl get pods -o name | head -1) | cat", (1, 0)),
        ("kubectl logs `kubectl get pods -o name | head -1` | cat", (1, 0)),
        ("for pod in a b; do kubectl exec $pod -- df | jq .; done", (1, 0)),  # in which turn, and of which pod
        ("while kubectl get pods | jq -e .a; do sleep 1; done", (0, 4)),  # that is how it ends
        ("! kubectl get pods | jq -e .a", (0, 4)),
        ("echo a; kubectl get pods | cat", (1, 0)),  # PIPESTATUS is of a part of it, and does not say which
        ("kubectl get pods | cat && echo a", (1, 0)),
        ("{ kubectl get pods | cat\n}", (1, 0)),
        ("kubectl get pods | 'cat", (1, 0)),
    ],
)
def test_what_is_an_answer_or_not_certain_is_not_masked(text: str, status: tuple[int, ...]) -> None:
    assert outcome(Command(47, text, pipe_status=status)).outcome is Outcome.WORKED


def test_a_test_that_says_no_is_not_masked_but_one_that_breaks_is() -> None:
    text = "grep -q x file | cat"
    assert outcome(Command(47, text, pipe_status=(1, 0))).outcome is Outcome.WORKED
    assert outcome(Command(47, text, pipe_status=(2, 0))).outcome is Outcome.MASKED


def test_a_command_that_fails_is_failed_whatever_failed_in_it() -> None:
    assert outcome(Command(47, "false | false", 1, pipe_status=(1, 1))).outcome is Outcome.FAILED


def tried(exit_code: int | None, *calls: str) -> CommandTried:
    return CommandTried(at_s=121.0, line=47, text="kubectl get pods || true", exit_code=exit_code, calls=calls)


def test_it_cannot_fail_if_it_exits_0_where_all_that_it_calls_fails() -> None:
    command = Command(47, "kubectl get pods || true")
    found = outcome(command, tried(0, "kubectl"))
    assert (found.outcome, found.reason) == (Outcome.CANNOT_FAIL, "it exits 0 even where kubectl fails")
    assert outcome(command, tried(0)).outcome is Outcome.WORKED
    assert outcome(command, tried(1, "kubectl")).outcome is Outcome.WORKED
    assert outcome(command, tried(None, "kubectl")).outcome is Outcome.WORKED
    assert outcome(Command(47, command.text, 1), tried(0, "kubectl")).outcome is Outcome.FAILED
    assert outcome(Command(48, command.text), tried(0, "kubectl")).outcome is Outcome.WORKED


def test_no_op_is_a_change_that_exited_0_and_changed_nothing() -> None:
    found = outcome(Command(47, PATCH, changed=()), WATCHED, changed_files=("other",))
    assert (found.outcome, found.reason) == (Outcome.NO_OP, "nothing in the system is different from before")


@pytest.mark.parametrize(
    ("text", "changed"),
    [
        (PATCH, None),
        (PATCH, ("service/front-door",)),
        ("kubectl get pods -n shop", ()),
        ("kubectl patch service front-door -p '{}'", ()),  # in whichever namespace
        ("kubectl patch service front-door -n elsewhere -p '{}'", ()),
        ("kubectl patch virtualservice front-door -n shop -p '{}'", ()),  # of a kind that nobody watched
        ("kubectl apply -n shop -f web.yaml", ()),
        ("kubectl delete pod web -n shop --dry-run=client", ()),
        ("kubectl patch service front-door -n shop -p '{}' && ./more.sh > said.txt", ()),
        ("kubectl exec -n shop web -- rm -rf /cache", ()),
        ("kubectl patch service 'front-door -n shop", ()),
    ],
)
def test_no_op_is_not_claimed_of_what_was_not_watched(text: str, changed: tuple[str, ...] | None) -> None:
    found = outcome(Command(47, text, changed=changed), WATCHED, changed_files=("said.txt",))
    assert found.outcome is Outcome.WORKED


def test_no_op_needs_somebody_who_watched() -> None:
    assert outcome(Command(47, PATCH, changed=())).outcome is Outcome.WORKED


def test_a_command_that_did_not_work_and_holds_a_placeholder() -> None:
    assert outcome(Command(47, "kubectl delete pod NAME", 1), rules=("RB003",)).outcome is Outcome.PLACEHOLDER
    assert outcome(Command(47, "kubectl delete pod NAME", 0), rules=("RB003",)).outcome is Outcome.WORKED
    assert outcome(Command(48, "kubectl delete pod NAME", 1), rules=("RB003",)).outcome is Outcome.FAILED


def test_a_command_that_wanted_somebody() -> None:
    said = "Unable to use a TTY - input is not a terminal or the right kind of file\n"
    text = "kubectl exec -it web -- top"
    found = outcome(Command(47, text, 1), stderr=said)
    assert (found.outcome, found.reason) == (Outcome.NEEDS_HUMAN, "it says “Unable to use a TTY”")
    hung = Command(47, text, None, end=CommandEnd.TIMED_OUT, pipe_status=())
    assert outcome(hung, rules=("RB022",)).outcome is Outcome.NEEDS_HUMAN
    assert outcome(Command(47, text, 0), stderr=said, rules=("RB022",)).outcome is Outcome.WORKED


def secret(path: str) -> SecretFound:
    return SecretFound(at_s=90.0, path=path, secret="front-door-tokens")


def test_a_secret_in_an_output_or_in_a_file_that_it_writes() -> None:
    command = Command(47, "kubectl get secrets -o yaml > ./kept/secrets.yaml")
    for path in ("commands/47.out", "commands/47.err", "kept/secrets.yaml"):
        found = outcome(command, secret(path))
        assert (found.outcome, found.reason) == (Outcome.LEAKED_SECRET, "it shows a value of front-door-tokens")
    assert outcome(command, secret("kept/other.yaml")).outcome is Outcome.WORKED


def test_the_worst_comes_first_and_the_rest_is_kept() -> None:
    command = Command(47, "kubectl get secrets -o yaml | tee all.yaml", pipe_status=(1, 0))
    found = outcome(command, secret("commands/47.out"))
    assert (found.outcome, found.also) == (Outcome.LEAKED_SECRET, (Outcome.MASKED,))
