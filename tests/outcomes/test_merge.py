import pytest
from msgspec.structs import replace
from tests.judge.scenes import DRILL, Command, Scene, Step, drill_record
from tests.outcomes.test_claims import finding

from drillbook.outcomes import command_outcomes, findings_told
from drillbook.record import ShellUse
from drillbook.timeline import AnyEvent, CommandEnd, CommandTried
from drillbook.verdict import Finding, Running

HUNG = Command(47, "watch kubectl get pods", None, end=CommandEnd.TIMED_OUT, pipe_status=())


def told(
    rule: str,
    command: Command,
    *extra: AnyEvent,
    shell: ShellUse = ShellUse.SHARED,
    differences: tuple[str, ...] = (),
) -> Finding:
    scene = Scene(steps=(Step("One step", 44, (command,)),), extra=extra, differences=differences)
    record, suspicions = drill_record(scene), (finding(rule),)
    (found,) = findings_told(record, suspicions, command_outcomes(record, suspicions), shell=shell)
    return found


@pytest.mark.parametrize(
    ("rule", "command", "running", "because"),
    [
        ("RB020", HUNG, Running.CONFIRMED, "line 47 hung"),
        ("RB020", Command(47, "kubectl logs -f job"), Running.REFUTED, "line 47 ended by itself"),
        ("RB024", HUNG, Running.CONFIRMED, "line 47 hung"),
        ("RB024", Command(47, "kubectl rollout status d"), Running.UNTOLD, ""),  # another time it may
        ("RB044", Command(47, "kubectl exec w -- ls /dev/x*", 2), Running.CONFIRMED, "line 47 exited 2"),
        ("RB044", Command(47, "kubectl exec w -- ls /dev/x*"), Running.REFUTED, "line 47 worked"),
        ("RB022", HUNG, Running.CONFIRMED, "line 47: nobody was there to answer it"),
        (
            "RB003",
            Command(47, "kubectl delete pod NAME", 1),
            Running.CONFIRMED,
            "line 47: words in it were never replaced",
        ),
        ("RB003", Command(47, "curl -d TOKEN http://x"), Running.UNTOLD, ""),
        ("RB030", Command(47, "kubectl a | cat", pipe_status=(1, 0)), Running.CONFIRMED, "line 47: kubectl a exited 1"),
        ("RB030", Command(47, "kubectl a | cat", pipe_status=(0, 0)), Running.UNTOLD, ""),
        ("RB041", Command(47, "kubectl delete pod w"), Running.UNTOLD, ""),
        ("RB066", Command(47, "true"), Running.UNTOLD, ""),
    ],
)
def test_what_running_tells(rule: str, command: Command, running: Running, because: str) -> None:
    found = told(rule, command)
    assert (found.running, found.because) == (running, because)


def test_a_trial_confirms_or_refutes_that_a_failure_is_hidden() -> None:
    command = Command(47, "kubectl a | cat", pipe_status=(0, 0))
    tried = CommandTried(at_s=121.0, line=47, text=command.text, exit_code=0, calls=("kubectl",))
    assert told("RB030", command, tried).because == "line 47: it exits 0 even where kubectl fails"
    found = told("RB030", command, replace(tried, exit_code=7))
    assert (found.running, found.because) == (Running.REFUTED, "line 47 exits 7 where what it calls fails")
    assert told("RB030", command, replace(tried, exit_code=7, calls=())).running is Running.UNTOLD


def test_state_across_blocks_is_only_told_by_a_shell_per_block() -> None:
    failed, worked = Command(47, "echo ${NODE:?}", 1), Command(47, "echo $NODE")
    assert told("RB009", failed).running is Running.UNTOLD
    assert told("RB009", failed, shell=ShellUse.PER_BLOCK).running is Running.CONFIRMED
    assert told("RB009", worked, shell=ShellUse.PER_BLOCK).running is Running.REFUTED


def test_what_is_never_restored_is_still_different_at_the_end() -> None:
    command = Command(47, "kubectl scale deployment web -n shop --replicas=0", changed=("deployment/web",))
    found = told("RB047", command, differences=("deployment/web spec.replicas: 2 → 0",))
    assert (found.running, found.because) == (
        Running.CONFIRMED,
        "still different at the end: deployment/web spec.replicas: 2 → 0",
    )
    assert told("RB047", command, differences=("deployment/web-green spec.replicas: 2 → 0",)).running is Running.REFUTED
    assert told("RB047", replace_changed(command)).running is Running.UNTOLD


def replace_changed(command: Command) -> Command:
    return Command(command.line, command.text, changed=None)


def test_a_finding_where_no_command_ran_is_unreached_and_one_of_another_procedure_is_left_out() -> None:
    record = drill_record(Scene(steps=(Step("One step", 44, (Command(47, "true"),)),)))
    here = replace(finding("RB061", line=90), procedure=DRILL.procedure)
    elsewhere = replace(finding("RB061", line=200), procedure="Another one")
    (found,) = findings_told(record, (here, elsewhere), command_outcomes(record, ()))
    assert (found.line, found.running, found.because) == (90, Running.UNREACHED, "")
