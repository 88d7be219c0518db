import gzip
from pathlib import Path

import pytest

from drillbook.checks import check_document
from drillbook.drill import Baseline, Drill, Follow, Load
from drillbook.effects import CommandResult
from drillbook.errors import InputError
from drillbook.evidence import EvidenceStore, read_evidence, traffic_prefix
from drillbook.objective import Recovery
from drillbook.record import RunInfo
from drillbook.timeline import AnyEvent, CommandEnd, DrillFinished, DrillStarted, LoadStarted, Phase, PhaseStarted
from drillbook.verdict import RunbookDigest

INFO = RunInfo(
    run_id="r1",
    started_at="2026-11-23T00:00:00+00:00",
    drillbook_version="0",
    system="web",
    runbook=RunbookDigest(path="runbook.md", sha256="0" * 64),
    cluster="none",
)
DRILL = Drill(
    name="Outage",
    feature="features/outage.feature",
    line=3,
    load=Load(locustfile="loadtests/users.py", user="Reader", rate_per_s=10),
    baseline=Baseline(thresholds=(), window_s=10),
    fault="experiments/one.yaml",
    symptoms=(),
    procedure="Outage",
    follow=Follow.LITERALLY,
    recovery=Recovery(thresholds=(), window_s=20, deadline_s=300),
)
EVENTS: tuple[AnyEvent, ...] = (
    DrillStarted(at_s=0, drill=DRILL, slug="01-outage"),
    LoadStarted(at_s=1, records="load/01-outage.csv", clock_offset_s=-100),
    DrillFinished(at_s=2),
    DrillStarted(at_s=3, drill=DRILL, slug="02-outage"),
    PhaseStarted(at_s=4, phase=Phase.BASELINE),
)


def written(directory: Path) -> Path:
    store = EvidenceStore(directory, INFO, b"# Web\n")
    for event in EVENTS:
        store.append(event)
    store.path("load/01-outage.csv").write_text(
        "due_us,start_us,end_us,status,corrupt\n100500000,100500100,100502000,200,0\n"
    )
    store.close()
    return directory


def test_what_was_written_is_read_back(tmp_path: Path) -> None:
    record = read_evidence(written(tmp_path / "run"))
    assert record.info == INFO
    assert [drill.events for drill in record.drills] == [EVENTS[:3], EVENTS[3:]]
    first, second = record.drills
    assert first.load is not None
    assert first.load.due_s.tolist() == pytest.approx([0.5])
    assert second.load is None
    assert (tmp_path / "run" / "runbook.md").read_bytes() == b"# Web\n"


def test_findings_and_outputs_are_read_back(tmp_path: Path) -> None:
    directory = tmp_path / "run"
    store = EvidenceStore(directory, INFO, b"# Web\n")
    findings = check_document(b"# Web\n\n1. Look\n\n   ```bash\n   kubectl get pods -w\n   ```\n", "web.md")
    assert findings
    store.write_findings(findings)
    store.append(DrillStarted(at_s=0, drill=DRILL, slug="01-outage"))
    store.path("commands/01-outage/001.stdout").write_bytes(b"said \xff\n")
    store.path("commands/02-other/001.stdout").write_bytes(b"other\n")
    store.close()
    record = read_evidence(directory)
    assert record.findings == findings
    assert record.drills[0].outputs == {"commands/01-outage/001.stdout": "said \ufffd\n"}
    (directory / "findings.json").write_bytes(b"{}")
    with pytest.raises(InputError, match="not a list of findings"):
        read_evidence(directory)


def test_every_event_is_on_disk_before_anybody_hears_of_it(tmp_path: Path) -> None:
    store = EvidenceStore(tmp_path / "run", INFO, b"")
    seen: list[int] = []
    store.observe(lambda _: seen.append((tmp_path / "run" / "timeline.jsonl").read_bytes().count(b"\n")))
    for event in EVENTS:
        store.append(event)
    assert seen == [1, 2, 3, 4, 5]


def test_a_timeline_cut_in_the_middle_of_a_line_is_read_as_far_as_it_goes(tmp_path: Path) -> None:
    timeline = written(tmp_path / "run") / "timeline.jsonl"
    timeline.write_bytes(timeline.read_bytes()[:-10])
    record = read_evidence(tmp_path / "run")
    assert [len(drill.events) for drill in record.drills] == [3, 1]


def test_load_is_read_before_it_is_packed_too(tmp_path: Path) -> None:
    load = written(tmp_path / "run") / "load"
    packed = load / "01-outage.csv.gz"
    (load / "01-outage.csv").write_bytes(gzip.decompress(packed.read_bytes()))
    packed.unlink()
    drill = read_evidence(tmp_path / "run").drills[0]
    assert drill.load is not None
    assert len(drill.load.due_s) == 1


def test_a_fault_s_own_traffic_is_read_by_its_name_packed_or_not(tmp_path: Path) -> None:
    directory = tmp_path / "run"
    store = EvidenceStore(directory, INFO, b"")
    for event in EVENTS:
        store.append(event)
    rows = "due_us,start_us,end_us,status,corrupt\n100500000,100500100,100502000,401,0\n"
    for name in ("attack", "busting"):
        store.path(f"{traffic_prefix('01-outage')}{name}.csv").write_text(rows)
    store.path("load/01-outage.csv").write_text(rows)

    for _ in ("while it happens", "at the end"):
        first, second = read_evidence(directory).drills
        assert sorted(first.traffic) == ["attack", "busting"]
        assert first.traffic["attack"].due_s.tolist() == pytest.approx([0.5]), "with the offset of the drill's users"
        assert first.traffic["attack"].status.tolist() == [401]
        assert second.traffic == {}
        if (directory / "load" / "01-outage+attack.csv").exists():
            store.close()
    assert sorted(path.name for path in (directory / "load").iterdir()) == [
        "01-outage+attack.csv.gz",
        "01-outage+busting.csv.gz",
        "01-outage.csv.gz",
    ]


def test_load_that_is_gone_is_no_load(tmp_path: Path) -> None:
    (written(tmp_path / "run") / "load" / "01-outage.csv.gz").unlink()
    assert read_evidence(tmp_path / "run").drills[0].load is None


@pytest.mark.parametrize(
    ("name", "content", "what"),
    [
        ("timeline.jsonl", b'{"event": "nonsense", "at_s": 1}\n', "not an event"),
        ("timeline.jsonl", b'{"event":"drill.finished","at_s":2}\n{"event":"drill.finished","at_s":1}\n', "backwards"),
        ("run.json", b"{}", "not a run's description"),
        ("load/01-outage.csv.gz", b"\x1f\x8b", "cannot be unpacked"),
    ],
)
def test_damaged_evidence_is_a_located_error(tmp_path: Path, name: str, content: bytes, what: str) -> None:
    (written(tmp_path / "run") / name).write_bytes(content)
    with pytest.raises(InputError, match=what) as caught:
        read_evidence(tmp_path / "run")
    assert str(caught.value.path).endswith(name)


def test_a_directory_without_evidence_says_what_to_name(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no evidence here") as caught:
        read_evidence(tmp_path)
    assert caught.value.mend
    (written(tmp_path / "run") / "timeline.jsonl").unlink()
    with pytest.raises(InputError, match="cannot read it"):
        read_evidence(tmp_path / "run")


def test_evidence_is_never_overwritten(tmp_path: Path) -> None:
    written(tmp_path / "run")
    with pytest.raises(InputError, match="evidence here already"):
        EvidenceStore(tmp_path / "run", INFO, b"")


def test_output_files_and_snapshots_have_their_places(tmp_path: Path) -> None:
    store = EvidenceStore(tmp_path / "run", INFO, b"")
    result = CommandResult(
        end=CommandEnd.EXITED,
        exit_code=0,
        pipe_status=(0,),
        started_s=0,
        duration_s=1,
        stdout=b"out",
        stderr=b"err",
        stdout_bytes=3,
        stderr_bytes=3,
    )
    names = store.write_output("01", 7, result)
    assert names == ("commands/01/007.stdout", "commands/01/007.stderr")
    assert [(tmp_path / "run" / name).read_bytes() for name in names] == [b"out", b"err"]
    store.write_file("01", "/tmp/a/b.txt", b"kept")
    assert (tmp_path / "run" / "files" / "01" / "tmp_a_b.txt").read_bytes() == b"kept"
    store.write_snapshot("01", "before", {"service/web": {"spec": {"ports": [80]}}})
    assert b'"ports"' in (tmp_path / "run" / "kubernetes" / "01-before.json").read_bytes()
    assert store.write_result("verdict.json", b"{}").read_bytes() == b"{}"
