"""The page: complete, self-contained, and safe to open whatever the evidence holds."""

import base64
import hashlib
import re
from dataclasses import replace
from html.parser import HTMLParser

import msgspec
import pytest
from tests.judge.scenes import DRILL, INFO, Command, Outage, Scene, Step, drill_record, run_record

from drillbook.drill import WithoutStep
from drillbook.judge import judge_run
from drillbook.record import DrillRecord, RunRecord, ShellUse
from drillbook.report.html import render
from drillbook.timeline import CommandEnd, CommandStarted, FaultInjected, ShellReopened, StepFinished
from drillbook.verdict import Finding, Running

VOID = {"meta", "link", "br", "hr", "img", "input"}
FAILED = Scene(outages=(Outage(20.0, 999.0),), revert_s=345.0, end_s=355.0, differences=("service/web spec: b, was a",))


class Page(HTMLParser):
    """A page taken apart; every element must be closed by its own end tag."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self._open: list[str] = []
        self.feed(html)
        self.close()
        assert self._open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self._open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data

    def attributes(self, name: str) -> list[str]:
        return [value for _, attributes in self.tags if (value := attributes.get(name)) is not None]


def page_of(record: RunRecord, outputs: dict[str, str] | None = None) -> Page:
    return Page(render(record, judge_run(record), outputs))


@pytest.fixture(scope="module")
def mixed() -> RunRecord:
    unsure = drill_record(Scene(outages=()))
    return run_record(drill_record(), _named(drill_record(FAILED), "second"), _named(unsure, "third"))


def _named(record: DrillRecord, slug: str) -> DrillRecord:
    return replace(record, slug=slug)


def test_nothing_is_fetched_and_nothing_runs(mixed: RunRecord) -> None:
    html = render(mixed, judge_run(mixed))
    page = Page(html)

    assert not {tag for tag, _ in page.tags} & {"script", "img", "link", "iframe", "object", "embed", "form", "base"}
    assert not [name for _, attributes in page.tags for name in attributes if name.startswith("on") or name == "style"]
    assert all(address.startswith("#") for address in page.attributes("href") + page.attributes("src"))
    assert "@import" not in html
    assert not re.search(r"url\((?!#)", html)
    assert "http:" not in re.sub(r"<code>.*?</code>", "", html, flags=re.DOTALL)


def test_the_policy_allows_its_own_style_and_nothing_else(mixed: RunRecord) -> None:
    html = render(mixed, judge_run(mixed))
    style = html.partition("<style>")[2].partition("</style>")[0]
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    policies = [a["content"] for t, a in Page(html).tags if t == "meta" and "http-equiv" in a]

    assert policies == [
        f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'",
    ]


def test_ids_are_unique_and_every_reference_has_its_target(mixed: RunRecord) -> None:
    page = page_of(mixed)
    ids = page.attributes("id")
    references = [one for value in page.attributes("aria-labelledby") for one in value.split()]
    references += [address.removeprefix("#") for address in page.attributes("href")]
    references += [fill.removeprefix("url(#").removesuffix(")") for fill in page.attributes("fill")]

    assert len(ids) == len(set(ids))
    assert references
    assert set(references) <= set(ids)


def test_the_page_tells_everything(mixed: RunRecord) -> None:
    text = page_of(mixed).text
    verdict = judge_run(mixed)

    assert "The runbook failed 1 of 3 drills." in text
    assert "The runbook brought users back in 22 s." in text
    assert "The runbook did not bring users back within 5 min." in text
    assert "Nothing is proved: users never saw error rate > 10 % before the responder began." in text
    for drill in verdict.drills:
        for clause in drill.clauses:
            assert clause.text.partition(" ")[2] in text
        for command in drill.commands:
            assert command.text in text
    assert "exit 22" in text
    assert "Skipped: users were served again" in text
    assert "service/web spec: b, was a" in text
    assert "2026-11-23 10:25:00 UTC" in text
    assert f"{INFO.runbook.path} · {INFO.runbook.sha256[:12]}" in text
    assert INFO.fidelity[0] in text
    assert f"drillbook judge evidence/{INFO.run_id}" in text


def test_one_drill_needs_no_contents() -> None:
    tags = {tag for tag, _ in page_of(run_record()).tags}

    assert "nav" not in tags
    assert "svg" in tags


def test_what_comes_from_outside_stays_text() -> None:
    hostile = '<script>alert(1)</script> & "<b>" \'</style>'
    drill = msgspec.structs.replace(
        DRILL, name=hostile, clauses=(msgspec.structs.replace(DRILL.clauses[0], text=f"Given {hostile}"),)
    )
    steps = (Step(hostile, 31, (Command(34, hostile),)), Step(hostile, 40, skipped=hostile))
    record = run_record(drill_record(Scene(drill=drill, steps=steps, differences=(hostile,))))
    outputs = {"commands/34.out": hostile}

    page = page_of(replace(record, info=msgspec.structs.replace(INFO, fidelity=(hostile,), system=hostile)), outputs)

    assert page.text.count("<script>alert(1)</script>") >= 8
    assert "script" not in {tag for tag, _ in page.tags}


def test_outputs_are_shown_without_control_characters_and_not_beyond_measure() -> None:
    long = "x" * 50_000
    outputs = {"commands/34.out": "\x1b[31mred\x1b[0m\x00\ttab\nline", "commands/37.out": f"start{long}the end"}

    page = page_of(run_record(), outputs)

    assert "red\ttab\nline" in page.text
    assert "the end" in page.text
    assert "start" + long not in page.text
    assert [tag for tag, _ in page.tags].count("details") == 2


def test_every_kind_of_command_says_what_came_of_it() -> None:
    commands = (
        Command(1, "a | b", exit_code=0, pipe_status=(1, 0)),
        Command(2, "hangs", exit_code=None, end=CommandEnd.TIMED_OUT),
        Command(3, "breaks", exit_code=None, end=CommandEnd.LOST),
    )
    last = CommandStarted(at_s=111.0, line=4, text="cut off")
    record = run_record(drill_record(Scene(steps=(Step("All kinds", 1, commands),), extra=(last,))))

    text = page_of(record).text

    assert "exit 0 (pipe 1 | 0)" in text
    assert "killed at its deadline" in text
    assert "the session broke" in text
    assert "did not end" in text


def test_what_a_step_changed_and_a_lost_shell_are_told() -> None:
    lost = ShellReopened(at_s=57.1, reason="it was killed")
    done = StepFinished(at_s=58.4, step="Emergency rollback", line=44, failed_commands=1, changed_files=("a", "b"))

    text = page_of(run_record(drill_record(Scene(extra=(lost, done))))).text

    assert "with its variables and working directory: it was killed" in text
    assert "Changed in the working directory: a, b" in text


def test_a_run_without_load_has_no_graph() -> None:
    page = page_of(run_record(drill_record(no_load=True)))

    assert "There is no graph: no traffic was recorded." in page.text
    assert "svg" not in {tag for tag, _ in page.tags}


def test_a_drill_that_left_nothing_is_still_shown() -> None:
    kinds = tuple({type(event) for event in drill_record().events})

    page = page_of(run_record(drill_record(Scene(without=kinds), no_load=True)))

    assert "The responder carried out no step." in page.text


def test_a_run_without_drills_is_still_a_page() -> None:
    page = page_of(RunRecord(info=INFO, drills=()))

    assert "Nothing is proved: no drill was run." in page.text


def test_findings_are_told_by_what_running_said() -> None:
    record = run_record()
    verdict = judge_run(record)
    findings = (
        Finding(rule="DB001", name="port", line=12, message="the port differs", running=Running.UNREACHED),
        Finding(rule="DB002", line=34, message="it hangs", running=Running.CONFIRMED, because="line 34 hung"),
    )
    drills = tuple(msgspec.structs.replace(one, findings=findings) for one in verdict.drills)

    text = Page(render(record, msgspec.structs.replace(verdict, drills=drills))).text

    assert re.search(r"Running confirmed 1\s+DB002\s+line 34\s+it hangs\s*line 34 hung", text)
    assert re.search(r"Not reached 1\s+DB001 port\s+line 12\s+the port differs", text)
    assert text.index("DB002") < text.index("DB001")


def test_what_a_command_came_to_beyond_its_exit_code_is_said() -> None:
    commands = (Command(1, "kubectl get pods | cat", pipe_status=(1, 0)), Command(2, "true"))
    page = page_of(run_record(drill_record(Scene(steps=(Step("Look", 1, commands),)))))

    assert "masked: kubectl get pods exited 1" in page.text
    assert "worked:" not in page.text


def test_a_shell_for_each_block_is_a_fact_of_the_run() -> None:
    assert "a new one for each code block" not in page_of(run_record()).text
    info = msgspec.structs.replace(INFO, shell=ShellUse.PER_BLOCK)
    assert "a new one for each code block" in page_of(replace(run_record(), info=info)).text


def test_a_start_that_is_no_time_is_shown_as_it_is() -> None:
    info = msgspec.structs.replace(INFO, started_at="long ago")

    assert "long ago" in page_of(replace(run_record(), info=info)).text


def test_a_reason_that_all_share_is_said_once() -> None:
    record = run_record(drill_record(Scene(without=(FaultInjected,))))

    text = page_of(record).text

    assert text.count("no fault was injected") <= 4  # headline, title, the fault's line, and its drill
    assert text.count("not judged") >= 8


def test_the_same_record_gives_the_same_page(mixed: RunRecord) -> None:
    assert render(mixed, judge_run(mixed)) == render(mixed, judge_run(mixed))


def test_figures_say_how_sure_they_are_and_steps_what_they_cost(mixed: RunRecord) -> None:
    page = page_of(mixed)

    assert "95 %: 0 % to 0.192 %" in page.text
    assert re.search(r"95 %: [\d.]+ ms to [\d.]+ ms; the users' own lag \(P99\): [\d.]+ ms", page.text)
    assert "line 44, 2.2 s in, took 16 s, 1,604 of 1,604 requests lost meanwhile" in page.text
    assert "Seen 17 s after the fault, the first command done 1.4 s later" in page.text


def test_what_controls_say_is_on_the_page() -> None:
    step = WithoutStep(line=44, title="Emergency rollback")
    scene = replace(FAILED, drill=msgspec.structs.replace(DRILL, control=step), end_s=370.0, revert_s=365.0)

    page = page_of(run_record(drill_record(), drill_record(scene)))

    assert "without “Emergency rollback” (line 44)" in page.text
    assert "not recovered within 5 min" in page.text
    assert "needed" in page.text
    assert len([tag for tag, _ in page.tags if tag == "article"]) == 1, "a control is no drill of its own"


def test_a_drill_without_controls_says_what_is_not_known() -> None:
    assert "it is not known whether the system heals by itself" in page_of(run_record()).text
