"""Makes a pytest-bdd scenario a drill: its steps declare, the drill runs once they all have, the verdict decides.

``pytest features`` and ``drillbook drill`` are the same thing. Every effectful import is made late: this module is
loaded by every pytest in the environment.
"""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

import pytest

from drillbook.errors import DrillbookError, InputError
from drillbook.scenario import ScenarioDrill
from drillbook.verdict import DrillVerdict, SkippedDrill, Verdict

if TYPE_CHECKING:
    from collections.abc import Generator

    from pytest_bdd.parser import Feature, Scenario, Step

    from drillbook.run import Run

_RUN = pytest.StashKey["Run"]()
_DRILL = pytest.StashKey[ScenarioDrill]()
_EXIT = pytest.StashKey[int]()
_EXIT_CODES = {Verdict.PASS: 0, Verdict.FAIL: 1, Verdict.INCONCLUSIVE: 3}


def pytest_addoption(parser: pytest.Parser) -> None:
    """The options of ``drillbook drill``."""
    group = parser.getgroup("drillbook")
    group.addoption("--runbook", help="the runbook to drill (default: the one drillbook.toml names)")
    group.addoption("--evidence", help="where to put the run's evidence (default: evidence/<run-id>)")
    group.addoption(
        "--controls",
        nargs="?",
        const="all",
        default="",
        help="run each drill again with one part left out: fault, runbook, steps, or all (when it stands alone)",
    )
    group.addoption(
        "--shell",
        choices=["shared", "per-block"],
        default="shared",
        help="one shell for a procedure, or a new one for each code block (default: shared)",
    )
    group.addoption(
        "--outcomes", action="store_true", help="look closer at what each command did, and which cannot fail"
    )


@pytest.fixture
def drill(request: pytest.FixtureRequest) -> ScenarioDrill:
    """The drill that the scenario's steps add to."""
    declared: ScenarioDrill = request.node.stash[_DRILL]
    return declared


@pytest.hookimpl
def pytest_bdd_before_scenario(request: pytest.FixtureRequest, feature: Feature, scenario: Scenario) -> None:
    """Begin an empty drill."""
    path = Path(feature.filename).resolve()
    root = request.config.rootpath
    shown = path.relative_to(root) if path.is_relative_to(root) else path
    request.node.stash[_DRILL] = ScenarioDrill(name=scenario.name, feature=str(shown), line=scenario.line_number)


@pytest.hookimpl
def pytest_bdd_before_step(request: pytest.FixtureRequest, step: Step) -> None:
    """What the step declares is demanded by its line."""
    if declared := request.node.stash.get(_DRILL, None):
        declared.at(step.line_number, f"{step.keyword} {step.name}")


@pytest.hookimpl(wrapper=True)
def pytest_pyfunc_call(pyfuncitem: pytest.Function) -> Generator[None, object, object]:
    """Let the steps declare, then run the drill. A test that is no drill is left alone."""
    try:
        result = yield
        if declared := pyfuncitem.stash.get(_DRILL, None):
            with _uncaptured(pyfuncitem.config):
                verdict = _run_of(pyfuncitem.config).carry_out(declared.build())
            if isinstance(verdict, SkippedDrill):
                pytest.skip(verdict.reason)
            _fail_unless_passed(verdict)
    except DrillbookError as error:
        if declared := pyfuncitem.stash.get(_DRILL, None):
            _refuse(pyfuncitem.config, declared, error)
        raise
    return result


def _refuse(config: pytest.Config, declared: ScenarioDrill, error: DrillbookError) -> NoReturn:
    """Wrong input fails this drill; where one drill could not run, none can."""
    config.stash[_EXIT] = max(error.exit_code, config.stash.get(_EXIT, 0))
    if isinstance(error, InputError):
        if error.path is None:
            error.path, error.line = declared.feature, declared.current_line
        pytest.fail(str(error), pytrace=False)
    pytest.exit(f"the drill could not run: {error}", returncode=error.exit_code)


def _fail_unless_passed(verdict: DrillVerdict) -> None:
    if verdict.verdict is Verdict.PASS:
        return
    clauses = "\n".join(
        f"  {_SIGNS[clause.verdict]} {clause.text}"
        + ("" if clause.verdict is Verdict.PASS else f"\n      {clause.reason}")
        for clause in verdict.clauses
    )
    pytest.fail(f"{verdict.verdict}: {verdict.reason}\n{clauses}", pytrace=False)


_SIGNS = {Verdict.PASS: "✓", Verdict.FAIL: "✗", Verdict.INCONCLUSIVE: "?"}


def _run_of(config: pytest.Config) -> Run:
    """The session's one run, opened with its first drill."""
    if _RUN not in config.stash:
        from drillbook.controls import read_kinds  # noqa: PLC0415 - see the module's docstring
        from drillbook.record import ShellUse  # noqa: PLC0415
        from drillbook.run import open_run  # noqa: PLC0415

        runbook, evidence = config.getoption("--runbook"), config.getoption("--evidence")
        config.stash[_RUN] = open_run(
            config.rootpath,
            runbook=Path(runbook) if runbook else None,
            evidence=Path(evidence) if evidence else None,
            controls=read_kinds(config.getoption("--controls")),
            shell=ShellUse(config.getoption("--shell")),
            outcomes=config.getoption("--outcomes"),
        )
    return config.stash[_RUN]


def _uncaptured(config: pytest.Config) -> AbstractContextManager[None]:
    """A drill takes minutes: what it prints is for the person who waits."""
    capture = config.pluginmanager.get_plugin("capturemanager")
    return capture.global_and_fixture_disabled() if capture else nullcontext()


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    """Judge the run, write verdict and report, and give the exit code of the worst that happened."""
    run = session.config.stash.get(_RUN, None)
    if run is not None:
        with _uncaptured(session.config):
            verdict = run.close()
        session.exitstatus = _EXIT_CODES[verdict.verdict]
        if exitstatus == pytest.ExitCode.INTERRUPTED:
            session.exitstatus = 130
    if code := session.config.stash.get(_EXIT, 0):
        session.exitstatus = code
