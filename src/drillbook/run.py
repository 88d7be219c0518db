"""Opens all that a run needs, runs its drills, and makes verdict and report from the evidence that they left."""

import contextlib
import re
import secrets
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from importlib.metadata import version
from pathlib import Path

import msgspec
from rich.console import Console

from drillbook.checks import check_document
from drillbook.clock import RunClock
from drillbook.cluster.client import ClusterClient
from drillbook.cluster.deploy import deploy_system
from drillbook.cluster.images import image_references
from drillbook.cluster.kind import Health, verify_cluster
from drillbook.cluster.observer import ClusterObserver
from drillbook.cluster.state import ClusterRecord, hold_cluster, read_record
from drillbook.cluster.system import ClusterSystem
from drillbook.cluster.versions import ClusterVersions
from drillbook.cluster.witnesses import ClusterWitnesses
from drillbook.controls import announcement, controls_of, left_out_of
from drillbook.drill import ControlKind, Drill, FaultAlone, RunbookAlone, WithoutStep
from drillbook.effects import Snapshot
from drillbook.errors import CannotRunError
from drillbook.evidence import EvidenceStore, read_evidence
from drillbook.fault.injector import ChaosInjector
from drillbook.fault.undo import close_fault, open_fault, recover
from drillbook.judge import judge_drill, judge_run
from drillbook.load import LocustLoad
from drillbook.record import RunInfo, RunRecord, ShellUse
from drillbook.report.terminal import LiveProgress, print_summary
from drillbook.responder.pod import PodResponder
from drillbook.results import write_results
from drillbook.runbook import Runbook, find_procedure, load_runbook
from drillbook.runner import DrillRun, Effects, Pace
from drillbook.settings import Settings, load_settings
from drillbook.setup.workshop import open_workshop
from drillbook.timeline import DrillStarted
from drillbook.verdict import DrillVerdict, RunbookDigest, RunVerdict, SkippedDrill


class Run:
    """One run: its drills share a clock, a timeline and an evidence directory."""

    def __init__(  # noqa: PLR0913 - what a run is opened with
        self,
        settings: Settings,
        runbook: Runbook,
        effects: Effects,
        store: EvidenceStore,
        console: Console,
        *,
        cleanup: contextlib.ExitStack,
        controls: frozenset[ControlKind],
        outcomes: bool = False,
    ) -> None:
        """``open_run`` makes these."""
        self._settings, self._runbook, self._effects, self._store = settings, runbook, effects, store
        self._console, self._cleanup, self._controls = console, cleanup, controls
        self._outcomes = outcomes
        self._drills = 0

    def carry_out(self, drill: Drill) -> DrillVerdict | SkippedDrill:
        """Run one drill and judge it from what it left on disk; it is skipped where its fault is not to be had.

        Its controls are run after it: what they tell is part of its verdict.
        """
        run = self._carry_out(drill)
        record = run.drills[-1]
        if record.skipped:
            return record.skipped
        planned = controls_of(record, judge_drill(record), self._controls)
        if planned:
            self._console.print(f"\n {announcement(record, planned)}", style="dim")
        controls = tuple(self._carry_out(msgspec.structs.replace(drill, control=one)).drills[-1] for one in planned)
        return judge_drill(record, controls, run.findings, shell=run.info.shell)

    def _carry_out(self, drill: Drill) -> RunRecord:
        """The run so far, of which the drill is the last."""
        procedure = find_procedure(self._runbook, drill.procedure)
        self._drills += 1
        slug = f"{self._drills:02}-{_slug(drill)}"
        self._store.append(DrillStarted(at_s=self._effects.clock.now_s(), drill=drill, slug=slug))
        system, pace = self._settings.system, self._settings.responder
        DrillRun(
            self._effects,
            drill,
            slug,
            self._store,
            root=self._settings.root,
            pace=Pace(
                command_timeout_s=pace.command_timeout_s,
                patience_s=pace.patience_s,
                ready_timeout_s=system.ready_timeout_s,
                working_directory=pace.working_directory,
                shell_per_block=self._store.info.shell is ShellUse.PER_BLOCK,
                outcomes=self._outcomes,
            ),
        ).carry_out(left_out_of(procedure, drill.control))
        return read_evidence(self._store.directory)

    def close(self) -> RunVerdict:
        """Judge the whole run, write verdict and report, and print the summary."""
        self._cleanup.close()
        record = read_evidence(self._store.directory)
        verdict = judge_run(record)
        report = write_results(self._store.directory, record, verdict)
        print_summary(self._console, record, verdict, report=str(report))
        return verdict


def open_run(
    root: Path,
    *,
    runbook: Path | None,
    evidence: Path | None,
    controls: frozenset[ControlKind] = frozenset(),
    shell: ShellUse = ShellUse.SHARED,
    outcomes: bool = False,
) -> Run:
    """Check the inputs, find the cluster, put back what an earlier run left broken, and bring the system up.

    Raises:
        InputError: the runbook or ``drillbook.toml`` is wrong.
        CannotRunError: there is no cluster, or the system does not come up in it.
    """
    settings = load_settings(root)
    path = runbook or root / settings.system.runbook
    document = load_runbook(path)
    with contextlib.ExitStack() as stack:
        cluster = stack.enter_context(open_cluster(settings))
        clock, console = RunClock(), Console()
        run_id = f"{datetime.now(UTC):%Y%m%dT%H%M%SZ}-{secrets.token_hex(2)}"
        info = RunInfo(
            run_id=run_id,
            started_at=clock.started_at,
            drillbook_version=version("drillbook"),
            system=settings.system.name,
            runbook=RunbookDigest(path=_shown(path, root), sha256=document.sha256),
            cluster=f"Kubernetes {_version(cluster.client)}, UID {cluster.uid}",
            fidelity=settings.system.fidelity,
            shell=shell,
        )
        source = path.read_bytes()
        store = EvidenceStore(evidence or root / "evidence" / run_id, info, source)
        store.write_findings(check_document(source, str(path)))
        stack.callback(store.close)
        store.observe(stack.enter_context(LiveProgress(console)).observe)
        effects = _effects(settings, cluster, clock, run_id)
        return Run(
            settings,
            document,
            effects,
            store,
            console,
            cleanup=stack.pop_all(),
            controls=controls,
            outcomes=outcomes,
        )


@dataclass(frozen=True)
class Cluster:
    """The cluster with the system ready in it."""

    client: ClusterClient
    uid: str
    system: ClusterSystem


@contextlib.contextmanager
def open_cluster(settings: Settings) -> Iterator[Cluster]:
    """Hold the cluster, take back what earlier runs left open, bring the system up."""
    client, uid = connect(settings)
    with hold_cluster(_record(settings).name, "drillbook drill"):
        cluster = Cluster(client, uid, _system(settings, client))
        _recover(settings, cluster)
        deploy_system(
            client,
            kubectl=str(settings.state_dir / "bin" / "kubectl"),
            manifests=settings.root / settings.system.manifests,
            images=image_references(settings),
            namespace=settings.system.namespace,
            timeout_s=settings.system.ready_timeout_s,
        )
        yield cluster


def _effects(settings: Settings, cluster: Cluster, clock: RunClock, run_id: str) -> Effects:
    namespace, responder = settings.system.namespace, settings.responder

    def undo_on_disk(experiment: str, before: Snapshot, renew: tuple[str, ...]) -> Callable[[], None]:
        return partial(close_fault, open_fault(settings.state_dir, run_id, experiment, before, cluster.uid, renew))

    return Effects(
        clock=clock,
        load=LocustLoad(settings.root, settings.system.entry_url, clock_offset_s=clock.offset_s),
        faults=ChaosInjector(
            settings.root,
            kubeconfig=settings.kubeconfig,
            cluster_uid=cluster.uid,
            namespace=namespace,
            environment={"DRILLBOOK_ENTRY_URL": settings.system.entry_url},
        ),
        system=cluster.system,
        witnesses=ClusterWitnesses(
            cluster.client,
            namespace,
            contacts=settings.contacts,
            inside=settings.inside,
            started_at=clock.started_at,
        ),
        versions=ClusterVersions(cluster.client, namespace),
        observer=ClusterObserver(settings.kubeconfig, namespace, clock, settings.components),
        responder=PodResponder(
            kubeconfig=settings.kubeconfig,
            namespace=namespace,
            selector=responder.selector,
            container=responder.container,
            working_directory=responder.working_directory,
            clock=clock,
            cluster_uid=cluster.uid,
        ),
        undo_on_disk=undo_on_disk,
    )


def connect(settings: Settings) -> tuple[ClusterClient, str]:
    """A client for the project's own cluster (resumed if it was paused), and that cluster's UID.

    Raises CannotRunError where there is none.
    """
    cluster = open_workshop(settings).cluster
    if cluster.find().health is Health.PAUSED:
        cluster.resume()
    verify_cluster(settings)
    record = _record(settings)
    return ClusterClient(settings.kubeconfig, expected_uid=record.uid), str(record.uid)


def _record(settings: Settings) -> ClusterRecord:
    record = read_record(settings.state_dir)
    if record is None or record.uid is None:
        raise CannotRunError("this project has no cluster yet", mend="drillbook cluster up")
    return record


def recover_open_faults(settings: Settings) -> int:
    """Take back what interrupted runs left open; returns how many faults that were."""
    client, uid = connect(settings)
    with hold_cluster(_record(settings).name, "drillbook recover"):
        return _recover(settings, Cluster(client, uid, _system(settings, client)))


def _system(settings: Settings, client: ClusterClient) -> ClusterSystem:
    return ClusterSystem(client, settings.system.namespace, secrets_file=settings.state_dir / "secrets.json")


def _recover(settings: Settings, cluster: Cluster) -> int:
    recovered = recover(
        settings.state_dir,
        cluster_uid=cluster.uid,
        restore=lambda snapshot, renew: cluster.system.restore(
            snapshot, timeout_s=settings.system.ready_timeout_s, renew=renew
        ),
    )
    return len(recovered)


def _version(client: ClusterClient) -> str:
    answer = client.get("/version") or {}
    return str(answer.get("gitVersion", "of unknown version"))


def _slug(drill: Drill) -> str:
    """A name for the drill's files."""
    words = re.sub(r"[^a-z0-9]+", "-", drill.name.lower())[:40].strip("-")
    match drill.control:
        case FaultAlone():
            return f"{words}-fault-alone"
        case RunbookAlone():
            return f"{words}-runbook-alone"
        case WithoutStep():
            return f"{words}-without-line-{drill.control.line}"
        case None:
            return words


def _shown(path: Path, root: Path) -> str:
    absolute = path.resolve()
    return str(absolute.relative_to(root)) if absolute.is_relative_to(root) else path.name
