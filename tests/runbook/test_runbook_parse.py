"""What is read from whole documents, in the styles of several organisations."""

from pathlib import Path

import pytest

from drillbook.errors import InputError
from drillbook.runbook import ConditionKind, Runbook, load_runbook, parse_runbook

DATA = Path(__file__).parent / "data"


def parse(text: str) -> Runbook:
    return parse_runbook(text.encode(), "doc.md")


def test_alert_page_is_one_procedure_with_phases() -> None:
    runbook = load_runbook(DATA / "alert-page.md")
    assert runbook.title == "QueueGrowing"
    (procedure,) = runbook.procedures
    assert (procedure.title, procedure.line, procedure.level) == ("QueueGrowing", 5, 1)
    assert [(step.title, step.number, step.phase.title) for step in procedure.steps] == [
        ("Diagnosis", 1, "Diagnosis"),
        ("Diagnosis", 2, "Diagnosis"),
        ("Mitigation (within 15 minutes)", 1, "Mitigation (within 15 minutes)"),
        ("Mitigation (within 15 minutes)", 2, "Mitigation (within 15 minutes)"),
    ]
    assert [step.budget_s for step in procedure.steps] == [None, None, 900.0, 900.0]
    assert [step.condition and step.condition.kind for step in procedure.steps] == [
        None,
        ConditionKind.OTHER,
        None,
        ConditionKind.AFTER_FAILURE,
    ]
    assert any("more messages than the workers take" in prose.text for prose in procedure.prose)


def test_shown_output_is_a_block_but_no_step() -> None:
    runbook = load_runbook(DATA / "alert-page.md")
    output = next(block for block in runbook.blocks if block.language == "text")
    assert output.commands == ()
    assert output in runbook.procedures[0].steps[1].blocks


def test_continuation_lines_are_one_command() -> None:
    (command,) = load_runbook(DATA / "alert-page.md").procedures[0].steps[2].commands
    assert (command.line, command.end_line, command.text.count("\n")) == (38, 40, 2)
    assert command.text.endswith("--timeout=2m")


def test_comment_behind_a_command_is_kept_apart() -> None:
    (command,) = load_runbook(DATA / "alert-page.md").procedures[0].steps[1].commands
    assert command.text == "rabbitmqctl list_queues name messages"
    assert [(comment.text, comment.line, comment.column) for comment in command.comments_behind] == [
        ("needs the admin role", 24, 41)
    ]


def test_steps_as_headings() -> None:
    runbook = load_runbook(DATA / "step-headings.md")
    assert runbook.title == "Database failover"
    promote, rotate = runbook.procedures
    assert [(step.number, step.title, step.line) for step in promote.steps] == [
        (1, "Fence the old primary", 15),
        (2, "Promote (5 min)", 23),
        (3, "If promotion fails, restore the backup", 39),
    ]
    assert [step.budget_s for step in promote.steps] == [None, 300.0, None]
    assert promote.steps[2].condition
    assert promote.steps[2].condition.kind is ConditionKind.AFTER_FAILURE
    assert [(step.number, step.title, len(step.commands)) for step in rotate.steps] == [
        (1, "Make new ones", 1),
        (2, "Tell the teams", 0),
    ]


def test_ranks_are_no_steps() -> None:
    assert "Contacts" not in [each.title for each in load_runbook(DATA / "step-headings.md").procedures]


def test_here_document_in_a_pipeline_stays_whole() -> None:
    step = load_runbook(DATA / "step-headings.md").procedures[0].steps[1]
    indented, shell = step.blocks
    assert (indented.fenced, indented.language, indented.line, indented.commands) == (False, "", 28, ())
    first, second, third = shell.commands
    assert first.text == "cat <<'SQL' | psql --host db-2\nSELECT pg_promote();\n\n-- not # a comment\nSQL"
    assert (first.line, first.column, first.end_line) == (31, 4, 35)
    assert (second.text, second.line, second.column) == ("psql --host db-2 --command 'select 1'", 36, 4)
    assert (third.text, third.line, third.column) == ('echo "$?"', 36, 43)
    assert second.comments_behind == ()
    assert [comment.text for comment in third.comments_behind] == ["must print 0"]


def test_blocks_in_lists_quotes_and_behind_tabs() -> None:
    certificate, disk = load_runbook(DATA / "nested-lists.md").procedures
    assert [(step.title, step.number) for step in certificate.steps] == [("Find it", 1), ("Renew it", 2)]
    assert [(command.line, command.column) for command in certificate.commands] == [(5, 3), (13, 5), (14, 5)]
    assert [step.title for step in disk.steps] == [
        "Find what is large, it is safe at any time",
        "Free some space",
        "Grow the volume",
        "Escalate if nothing helped",
        "Write it down",
    ]
    assert [(command.line, command.column) for command in disk.steps[0].commands] == [(22, 2), (24, 2)]
    assert any("dumps are not" in prose.text for prose in disk.steps[0].prose)
    assert any("a nested one" in prose.text for prose in disk.steps[0].prose)


def test_only_shell_languages_have_commands() -> None:
    step = load_runbook(DATA / "nested-lists.md").procedures[1].steps[1]
    assert [(block.language, len(block.commands)) for block in step.blocks] == [("console", 0), ("", 0)]


@pytest.mark.parametrize(
    ("info", "language"),
    [
        ("bash", "bash"),
        ("BASH", "bash"),
        ("{.bash .numberLines}", "bash"),
        ("sh,ignore", "sh"),
        ("c++", "c++"),
        ("", ""),
    ],
)
def test_language_of_an_info_string(info: str, language: str) -> None:
    (block,) = parse(f"# A\n```{info}\nx\n```\n").blocks
    assert (block.language, block.info) == (language, info)


def test_line_ends_and_byte_order_mark_move_nothing() -> None:
    plain = "# A\n\n1. **B**\n\n   ```bash\n   a \\\n     b\n   c\n   ```\n"
    expected = parse_runbook(plain.encode(), "doc.md")
    for variant in (plain.replace("\n", "\r\n"), "\ufeff" + plain, plain.replace("\n", "\r"), plain.rstrip("\n")):
        runbook = parse_runbook(variant.encode(), "doc.md")
        assert runbook.procedures == expected.procedures
        assert runbook.sha256 != expected.sha256


def test_a_syntax_error_keeps_the_block_whole_and_says_where() -> None:
    runbook = parse(
        "# A\n```bash\nls\n```\n1. x\n   ```bash\n   cd /tmp\n   if true; then )\n   ```\n```sh\nlast\n```\n"
    )
    first, broken, last = runbook.blocks
    assert broken.syntax_fault
    assert (broken.syntax_fault.line, broken.syntax_fault.column) == (8, 18)
    assert "`)`" in broken.syntax_fault.message
    assert [(command.text, command.line, command.end_line) for command in broken.commands] == [
        ("cd /tmp\nif true; then )", 7, 8)
    ]
    assert (first.syntax_fault, last.syntax_fault) == (None, None)
    assert [command.text for command in (*first.commands, *last.commands)] == ["ls", "last"]


def test_a_command_hangs_on_its_own_comment_and_not_the_step() -> None:
    (step,) = (
        parse("# A\n1. **Go back**\n```bash\nundo\n# If the rollback fails, divert\ndivert\n```\n").procedures[0].steps
    )
    undo, divert = step.commands
    assert (step.condition, undo.condition) == (None, None)
    assert divert.condition
    assert (divert.condition.kind, divert.condition.line, divert.condition.column) == (
        ConditionKind.AFTER_FAILURE,
        5,
        1,
    )


def test_all_numbered_one_keep_their_numbers() -> None:
    steps = parse("# A\n1. **B**\n1. **C**\n").procedures[0].steps
    assert [(step.number, step.title) for step in steps] == [(1, "B"), (2, "C")]


def test_no_heading_at_all() -> None:
    (procedure,) = parse("```bash\nls\n```\n").procedures
    assert (procedure.title, procedure.level, procedure.path) == ("doc", 0, ())
    assert procedure.steps[0].title == "doc"


def test_a_document_title_with_a_block_of_its_own_is_a_procedure_beside_the_others() -> None:
    runbook = parse(
        "# Top\n```sh\nexport A=1\n```\n## Out of memory\n```sh\nfree\n```\n## Out of disk\n```sh\ndf\n```\n"
    )
    assert [(each.title, len(each.steps)) for each in runbook.procedures] == [
        ("Top", 1),
        ("Out of memory", 1),
        ("Out of disk", 1),
    ]
    assert [(each.title, len(each.steps)) for each in runbook.sections] == [
        ("doc", 3),
        ("Top", 3),
        ("Out of memory", 1),
        ("Out of disk", 1),
    ]


def test_emergencies_below_a_chapter_are_procedures_with_phases() -> None:
    runbook = parse(
        "# Ops\n## Database\n### Lost primary\n#### Immediate\n1. a\n#### Later\n1. b\n"
        "### Full disk\n1. c\n## Net\n1. d\n"
    )
    assert [" / ".join(each.path) for each in runbook.procedures] == [
        "Ops / Database / Lost primary",
        "Ops / Database / Full disk",
        "Ops / Net",
    ]
    assert [step.phase.title for step in runbook.procedures[0].steps] == ["Immediate", "Later"]


def test_data_before_the_first_step_belongs_to_it() -> None:
    (step,) = (
        parse("# A\n```yaml\na: 1\n```\nApply it:\n```bash\nkubectl apply -f a.yaml\n```\nDone.\n").procedures[0].steps
    )
    assert [block.language for block in step.blocks] == ["yaml", "bash"]
    assert [prose.text for prose in step.prose] == ["Apply it:", "Done."]


def test_data_alone_makes_no_step_but_stays_a_block() -> None:
    runbook = parse("# A\n```yaml\na: 1\n```\n")
    assert (runbook.procedures, len(runbook.blocks)) == ((), 1)


def test_markup_of_titles_is_taken_away() -> None:
    runbook = parse("# The `web` *tier* &amp; [docs](http://x)\n1. `kubectl` is **gone**: reinstall it. Then rest.\n")
    assert runbook.title == "The web tier & docs"
    assert runbook.procedures[0].steps[0].title == "kubectl is gone"


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="cannot be read"):
        load_runbook(tmp_path / "none.md")


def test_headings_below_a_step_belong_to_it() -> None:
    (step,) = parse("# A\n## Step 1: B\n### Why\n- so\n### How\n```sh\nb\n```\n").procedures[0].steps
    assert [prose.text for prose in step.prose] == ["Why", "so", "How"]
    assert [command.text for command in step.commands] == ["b"]


def test_a_chapter_with_numbered_steps_is_no_step_itself() -> None:
    runbook = parse("# A\n## 1. Fire\n1. **Run**\n## 2. Flood\n```sh\npump\n```\n")
    assert [(each.title, [step.title for step in each.steps]) for each in runbook.procedures] == [
        ("1. Fire", ["Run"]),
        ("2. Flood", ["2. Flood"]),
    ]
    deeper = parse("# A\n## 1. Fire\n### Hot\n1. **Run**\n## 2. Flood\n```sh\npump\n```\n")
    assert [each.title for each in deeper.procedures] == ["1. Fire", "2. Flood"]


def test_steps_of_a_procedure_stand_in_the_documents_order() -> None:
    (procedure,) = parse("# A\n## Response\n1. **Run**\n## Step 2: Pump\n```sh\npump\n```\n").procedures
    assert [step.title for step in procedure.steps] == ["Run", "Pump"]


def test_statements_that_a_here_document_follows_stay_together() -> None:
    text = "# A\n```bash\ncat <<E; (b) # c\nx\nE\nélan; (d) # é\n\n# last\n```\n"
    (block,) = parse(text).blocks
    assert [(each.text, each.line, each.column) for each in block.commands] == [
        ("cat <<E; (b) # c\nx\nE", 3, 1),
        ("élan", 6, 1),
        ("(d)", 6, 7),
    ]
    assert [(each.text, each.line, each.column) for each in block.comments] == [("é", 6, 11), ("last", 8, 1)]


def test_blocks_that_run_on_into_each_other_are_told_apart() -> None:
    text = "# A\n" + "".join(f"```bash\n{body}\n```\n" for body in ("(a) |", "b", "echo 'x", "echo 'y", "(c)"))
    blocks = parse(text).blocks
    assert [block.syntax_fault is None for block in blocks] == [False, True, False, False, True]
    assert [command.text for block in blocks for command in block.commands] == [
        "(a) |",
        "b",
        "echo 'x",
        "echo 'y",
        "(c)",
    ]
