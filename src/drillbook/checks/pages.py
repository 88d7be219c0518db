"""A page for each rule, made from the rule itself. ``python -m drillbook.checks.pages`` writes them to docs/rules."""

from pathlib import Path

from drillbook.checks.catalogue import CATALOGUE, Entry
from drillbook.checks.engine import UNREADABLE
from drillbook.checks.ignore import BAD_IGNORE

INDEX = "README.md"
_SEVERITIES = {
    "error": "the procedure will not do what it says",
    "warning": "it may mislead or hang",
    "note": "style",
}


def pages() -> dict[str, str]:
    """Every page by its file name, the index included."""
    return {INDEX: index(), **{f"{entry.id}.md": page(entry) for entry in CATALOGUE}}


def index() -> str:
    """All rules in a table."""
    rows = [f"| [{each.id}]({each.id}.md) | {each.name} | {each.severity} | {each.reason} |" for each in CATALOGUE]
    severities = [f"- **{severity}**: {meaning}" for severity, meaning in _SEVERITIES.items()]
    head = ["| Rule | Name | Severity | Why |", "|---|---|---|---|"]
    return "\n".join(["# Rules of `drillbook check`", "", *severities, "", *head, *rows, ""])


def page(entry: Entry) -> str:
    """What a rule is about, with an example that trips it and one that does not."""
    severity = f"{entry.severity.capitalize()}: {_SEVERITIES[entry.severity]}. Single findings may weigh less or more."
    parts = [f"# {entry.id} {entry.name}", entry.reason, severity]
    if entry.trips:
        parts += ["## Trips", _fenced(entry.trips)]
    if entry.passes:
        parts += ["## Passes", _fenced(entry.passes)]
    if entry.id not in (UNREADABLE, BAD_IGNORE):
        parts += ["## To keep it all the same", _keeping(entry)]
    return "\n\n".join(parts) + "\n"


def _keeping(entry: Entry) -> str:
    comment = f"<!-- drillbook-ignore {entry.id}: why it is right here -->"
    return f"Put this, with a reason, in front of the block or the line:\n\n```markdown\n{comment}\n```"


def _fenced(document: str) -> str:
    """Within a fence that is longer than any in it."""
    fence = "`" * 3
    while fence in document:
        fence += "`"
    return f"{fence}markdown\n{document.rstrip()}\n{fence}"


def _write(directory: Path) -> None:
    directory.mkdir(parents=True, exist_ok=True)
    made = pages()
    for old in directory.glob("*.md"):
        if old.name not in made:
            old.unlink()
    for name, text in made.items():
        (directory / name).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    _write(Path("docs/rules"))
