"""Which words make a step wait for a failure, which make it conditional otherwise, and which do neither."""

import pytest

from drillbook.runbook import Condition, Step, parse_runbook

AFTER, OTHER, NONE = "after_failure", "other", None


def steps_of(text: str) -> tuple[Step, ...]:
    return parse_runbook(text.encode(), "doc.md").procedures[0].steps


def kind(condition: Condition | None) -> str | None:
    return condition.kind.value if condition else None


SENTENCES = [
    (AFTER, "Divert traffic to Node.js fallback if rollback fails"),
    (AFTER, "If the rollback failed, divert traffic"),
    (AFTER, "If this does not help, purge the queue"),
    (AFTER, "If that didn't work, restart the node"),
    (AFTER, "If that didn\u2019t work, restart the node"),
    (AFTER, "When the restart has not helped, drain the node"),
    (AFTER, "Should the failover fail, restore the backup"),
    (AFTER, "In case the previous step fails, use the mirror"),
    (AFTER, "Only if step 2 failed: use the mirror"),
    (AFTER, "If the service is still down, divert traffic"),
    (AFTER, "If errors persist, scale out"),
    (AFTER, "If the system has not recovered, fail over"),
    (AFTER, "Fail over if the issue remains unresolved"),
    (AFTER, "As a last resort, delete the volume"),
    (AFTER, "Failing that, use the mirror"),
    (AFTER, "Unless the rollback succeeded, divert traffic"),
    (AFTER, "If none of these worked, rebuild the index"),
    (AFTER, "If no improvement is seen after the restart, reboot"),
    (AFTER, "Escalate if the rollback fails"),
    (AFTER, "In case of a rollback failure, divert traffic"),
    (AFTER, "If nothing helped, rebuild the node"),
    (OTHER, "Clear cache if possible"),
    (OTHER, "If a node fails to drain, look at its pods"),
    (OTHER, "If the service is still reachable, compare its answers"),
    (OTHER, "If not, correct the annotation"),
    (OTHER, "Restore from backup if available"),
    (OTHER, "Restart networking (if safe)"),
    (OTHER, "Conduct training if needed"),
    (OTHER, "Where possible, drain first"),
    (OTHER, "If a certificate has expired, renew it"),
    (OTHER, "If the disk of the broker failed, replace it"),
    (OTHER, "Unless it is a holiday, call the office"),
    (NONE, "Check if the pods are still failing"),
    (NONE, "Verify whether the rollback failed"),
    (NONE, "See if this does not help"),
    (NONE, "Determine if the service is still down"),
    (NONE, "If the rollback fails, go to step 4"),
    (NONE, "If this fails, skip to the next section"),
    (NONE, "When the deployment finishes, look at the logs"),
    (NONE, "Restart the failed pods"),
    (NONE, "Collect logs of the failed deployment"),
    (NONE, "You should see that it is still there"),
    (NONE, "Reset all failed jobs"),
]


@pytest.mark.parametrize(("expected", "sentence"), SENTENCES)
def test_as_a_title(expected: str | None, sentence: str) -> None:
    assert kind(steps_of(f"# A\n1. **{sentence}**\n")[0].condition) == expected


@pytest.mark.parametrize(("expected", "sentence"), SENTENCES)
def test_as_a_comment_before_the_first_command(expected: str | None, sentence: str) -> None:
    step = steps_of(f"# A\n1. **B**\n```bash\n# {sentence}\ntrue\n```\n")[0]
    assert kind(step.condition) == expected
    assert kind(step.commands[0].condition) == expected


@pytest.mark.parametrize(("expected", "sentence"), SENTENCES)
def test_as_prose_between_two_blocks(expected: str | None, sentence: str) -> None:
    steps = steps_of(f"# A\n```bash\none\n```\n{sentence}:\n```bash\ntwo\n```\n")
    assert [kind(step.condition) for step in steps] == [None, expected]


@pytest.mark.parametrize(
    "text",
    [
        "1. **Restart the pods**\n\n   If this does not help, reboot.\n",
        "1. Restart the pods. If that fails, tell the owner.\n",
        "1. **Fail over**\n\n   If the failover fails, call the database team.\n",
        "1. **Scale out**\n\n   If the rollback failed, escalate to level 2.\n",
        "1. **Restart**\n```bash\nrestart\n```\n   If this fails, reboot.\n",
        "1. **Restart**\n```bash\n# if [ -f x ]; then fail; fi\nrestart\n```\n",
    ],
)
def test_what_comes_after_a_step_does_not_make_it_conditional(text: str) -> None:
    assert steps_of(f"# A\n{text}")[0].condition is None


def test_a_sentence_may_speak_of_a_step_before_by_its_title() -> None:
    steps = steps_of("# A\n1. **Promote the replica**\n2. **Copy**\n\n   Do this only if the promotion failed.\n")
    assert kind(steps[1].condition) == AFTER


def test_one_after_a_failure_goes_before_another() -> None:
    (step,) = steps_of("# A\n1. **Purge if possible**\n\n   Only if the rollback fails.\n")
    assert step.condition
    assert (step.condition.text, step.condition.line, step.condition.column) == ("Only if the rollback fails.", 4, 4)
    assert kind(step.condition) == AFTER


def test_when_in_the_middle_of_prose_explains() -> None:
    steps = steps_of("# A\n1. **Look**\n2. **Ask**\n\n   Ask it. The query returns 1 when the restart failed.\n")
    assert steps[1].condition is None


def test_a_sentence_over_two_comments() -> None:
    (step,) = steps_of("# A\n1. **B**\n```bash\n# Divert traffic when the\n# rollback fails\ntrue\n```\n")
    assert step.condition
    assert (step.condition.text, step.condition.line) == ("Divert traffic when the rollback fails", 4)


def test_a_comment_far_down_belongs_to_its_command_only() -> None:
    (step,) = steps_of("# A\n1. **B**\n```bash\none\ntwo # if possible\n# if one fails\n```\n")
    assert step.condition is None
    assert [kind(command.condition) for command in step.commands] == [None, OTHER]
