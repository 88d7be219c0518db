import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from drillbook.fault.journal import JournalError, failure_of, method_failure, read_journal, redacted, rollback_failure

Run = dict[str, Any]


def run(
    name: str = "break it", *, status: str | None = "succeeded", output: object = None, kind: str = "action",
    provider: str = "python", activity: Run | None = None, **more: object,
) -> Run:  # fmt: skip
    described = {"type": kind, "name": name, "provider": {"type": provider}} | (activity or {})
    return {"activity": described, "output": output} | ({"status": status} if status else {}) | more


def journal(
    runs: list[Run], *, before: Run | None = None, after: Run | None = None, rollbacks: list[Run] | None = None,
    planned: int | None = None, status: str | None = "completed",
) -> bytes:  # fmt: skip
    rollbacks = rollbacks or []
    return json.dumps(
        {
            "experiment": {"method": [{}] * (len(runs) if planned is None else planned), "rollbacks": rollbacks},
            "status": status,
            "deviated": False,
            "steady_states": {"before": before, "after": after, "during": []},
            "run": runs,
            "rollbacks": rollbacks,
        }
    ).encode()


UNMET = {"steady_state_met": False, "probes": [run("users are answered", output=503, tolerance_met=False)]}


def test_a_method_that_succeeded_has_no_failure() -> None:
    assert method_failure(read_journal(journal([run()], before={"steady_state_met": True, "probes": []}))) is None


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (journal([], before=UNMET, planned=1), "not met before the fault: 'users are answered': out of tolerance: 503"),
        (
            journal(
                [], before={"steady_state_met": False, "probes": [run("p", status="failed", exception=["a", "b"])]}
            ),
            "'p': b",
        ),
        (journal([], before={"steady_state_met": False}), "no probe was carried out"),
        (journal([], planned=0), "method is empty"),
        (journal([run()], planned=2), "only 1 of 2"),
        (journal([run(status=None)], status="interrupted"), "interrupted"),
        (journal([run(status="failed", exception=["Traceback", "RuntimeError: no\n"])]), "RuntimeError: no"),
        (journal([run(status="failed")]), "status failed"),
        (journal([run()], status="aborted"), "was aborted"),
        (journal([run(output={"status": 2, "stderr": "bad\nthing"}, provider="process")]), "exit code 2: bad thing"),
        (journal([run(output={"status": 500}, provider="http")]), "HTTP status 500"),
        (journal([run(kind="probe", output=False)]), "the probe says no"),
        (journal([run(activity={"dry": "actions"})]), "only pretended"),
        (journal([run(output=1, activity={"tolerance": {"type": "range"}})]), "use a plain value"),
        (journal([run(output={"status": 1}, provider="process", activity={"tolerance": 0})]), "1, not 0"),
        (journal([run(status="failed", exception=["x" * 1000])]), "…"),
    ],
)
def test_what_went_wrong_is_found_whatever_the_exit_code(data: bytes, reason: str) -> None:
    assert reason in (method_failure(read_journal(data)) or "")


def test_codes_that_mean_success_are_no_failure() -> None:
    for fine in (
        run(output={"status": 0}, provider="process"),
        run(output={"status": 3}, provider="process", activity={"tolerance": 3}),
        run(output={"status": 204}, provider="http"),
        run(output={"status": "degraded"}),
        run(kind="probe", output=True),
        run(output=503, tolerance_met=True),
    ):
        assert failure_of(fine) is None


def test_a_run_without_an_activity_is_no_success() -> None:
    assert failure_of({"status": "succeeded"}) == "interrupted"


def test_rollbacks_that_failed_or_are_missing() -> None:
    assert rollback_failure(read_journal(journal([run()], rollbacks=[run()]))) is None
    failed = journal([run()], rollbacks=[run("take it back", status="failed", exception=["RuntimeError: no"])])
    assert rollback_failure(read_journal(failed)) == "'take it back' failed: RuntimeError: no"
    skipped = json.loads(journal([run()], rollbacks=[run()])) | {"rollbacks": []}
    assert rollback_failure(read_journal(json.dumps(skipped).encode())) == "only 0 of 1 activities were carried out"


def test_deviations_are_kept_apart_from_failures() -> None:
    read = read_journal(journal([run()], after=UNMET))
    assert read.afterwards == "'users are answered': out of tolerance: 503"
    assert method_failure(read) is None
    assert rollback_failure(read) is None


def test_deviations_while_the_method_ran() -> None:
    raw = json.loads(journal([run()]))
    raw["steady_states"]["during"] = [UNMET, {"steady_state_met": True, "probes": []}]
    assert len(read_journal(json.dumps(raw).encode()).during) == 1


@pytest.mark.parametrize("data", [b"", b"{}", b"[]", b"null", b'{"experiment": 1, "steady_states": {}}', b"\xff"])
def test_what_is_no_journal_is_an_error(data: bytes) -> None:
    with pytest.raises(JournalError, match="not a journal"):
        read_journal(data)


def test_an_experiment_that_never_ended_says_so() -> None:
    assert read_journal(journal([run()], status=None)).status == "unfinished"


SETTINGS = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)


@SETTINGS
@given(json_values, json_values, json_values)
def test_any_journal_is_read_or_refused(runs: object, before: object, experiment: object) -> None:
    states = {"before": before, "after": None, "during": []}
    raw = {"experiment": experiment, "steady_states": states, "status": "completed", "run": runs, "rollbacks": []}
    try:
        failure = method_failure(read_journal(json.dumps(raw).encode()))
    except JournalError:
        return
    assert failure is None or failure


@SETTINGS
@given(st.text(min_size=1), st.text(), st.text())
def test_no_form_of_a_secret_is_left(secret: str, before: str, after: str) -> None:
    data = json.dumps({"said": before + secret + after}).encode()
    left = redacted(data, [secret])
    if not any(secret in part for part in ("[redacted]", '{"said": ""}')):
        assert json.dumps(secret)[1:-1].encode() not in left.replace(b"[redacted]", b"")
    assert redacted(b"nothing to hide", []) == b"nothing to hide"
