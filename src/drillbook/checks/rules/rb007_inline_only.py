"""RB007: a command that the prose tells to run, and that no block holds."""

import re
from bisect import bisect_right
from collections.abc import Iterator

from drillbook.checks.arguments import words
from drillbook.checks.model import Finding, Rule, Severity
from drillbook.checks.view import View

_PROGRAMS = words(
    "kubectl oc helm curl docker podman systemctl journalctl aws gcloud az terraform ssh psql mysql redis-cli etcdctl"
    " ceph crictl velero"
)
_MOST_WORDS = 15
_SPAN = re.compile(r"(?<!`)`([^`\n]{3,300})`(?!`)")
_TOLD = re.compile(
    r"(?:^|[.:;(,]\s*|\b(?:then|and|or|to|you can|also|just|please)\s+)(?:then\s+|please\s+)?"
    r"(?:re-?)?(?:run|execute|invoke|type|enter|issue|use|try)\b(?:\s+[\w-]+){0,3}[\s:*_]*$",
    re.IGNORECASE,
)
_BY_MEANS = re.compile(r"\b(?:with|using|via|by running|by executing)(?:\s+the\s+command)?[\s:]*$", re.IGNORECASE)
_ORDER = re.compile(
    r"(?:check|verify|confirm|restart|delete|scale|find|get|list|look|inspect|drain|cordon|roll|increase|decrease|view"
    r"|apply|remove|kill|stop|start|identify|see|show|describe)\b",
    re.IGNORECASE,
)
_NOT = re.compile(r"\b(?:not|never|don't|avoid|instead of|rather than|no longer|unless|without)\b", re.IGNORECASE)
_SENTENCE_END = re.compile(r"(?<=[.!?])\s")
_MARKUP = re.compile(r"^[\s>]*(?:[-*+]|\d+[.)])?\s*(?:\[[ x]\]\s*)?[*_]*")


def _check(view: View) -> Iterator[Finding]:
    in_blocks = {start for block in view.runbook.blocks for start in _starts(block.text)}
    places = _Places(view)
    previous = ""
    for number, line in enumerate(view.lines, start=1):
        if number in view.code_lines or line.lstrip().startswith(("#", "|", "<!--")):
            previous = ""
            continue
        for match in _SPAN.finditer(line) if "`" in line else ():
            text = " ".join(match[1].split())
            asked = _is_command(text) and _is_asked(previous, line[: match.start()], line[match.end() :])
            if asked and text not in in_blocks:
                yield RULE.at(
                    view.spot(number, match.start(), match.end()),
                    "this command stands in prose alone: whoever carries out the blocks leaves it out",
                    suggestion="put it into a ```bash block of its own",
                    severity=Severity.WARNING if places.is_skipped_step(number) else None,
                )
        previous = line.strip()


def _starts(text: str) -> Iterator[str]:
    """What each line of a block begins with, up to some words."""
    for line in text.split("\n"):
        words_of_it = line.removeprefix("$ ").split()
        yield from (" ".join(words_of_it[:count]) for count in range(2, min(len(words_of_it), _MOST_WORDS) + 1))


def _is_command(text: str) -> bool:
    program, *rest = text.split() or [""]
    return program in _PROGRAMS and len(rest) > 1 and "..." not in text


def _is_asked(previous: str, before: str, behind: str) -> bool:
    """Whether the reader is to run it, going by the words around it."""
    words_before = _MARKUP.sub("", before, count=1)
    if before.strip() and not words_before.strip(" *_"):  # it begins a list item
        return not behind.strip(" .*_") and not _NOT.search(previous)
    begins_here = before.lstrip()[:1] in ("-", "*", "+")
    told = words_before if begins_here else f"{previous} {words_before}"
    sentence = _MARKUP.sub("", _SENTENCE_END.split(told)[-1], count=1)
    if _NOT.search(sentence):
        return False
    return _TOLD.search(sentence) is not None or (
        _BY_MEANS.search(sentence) is not None and _ORDER.match(sentence) is not None
    )


class _Places:
    """Tells whether a line is of a step that has no block, in a procedure whose other steps have some."""

    def __init__(self, view: View) -> None:
        skipped = {heading.line: False for heading in view.runbook.headings}
        for procedure in view.runbook.procedures:
            carried_out = bool(procedure.commands)
            skipped.update({step.line: carried_out and not step.blocks for step in procedure.steps})
        self.starts = sorted(skipped)
        self.skipped = [skipped[line] for line in self.starts]

    def is_skipped_step(self, line: int) -> bool:
        index = bisect_right(self.starts, line) - 1
        return index >= 0 and self.skipped[index]


RULE = Rule(
    id="RB007",
    name="inline-only",
    severity=Severity.NOTE,
    reason="A command within a sentence is not carried out by whatever carries out the blocks.",
    trips="""\
## Web is down

1. **Restart it**

   Run `kubectl rollout restart deployment/web -n shop` and wait.
""",
    passes="""\
## Web is down

1. **Restart it**

   The pods that `kubectl get pods -n shop` shows go one after the other. Do not run `kubectl delete pods -n shop --all`.

   ```bash
   kubectl rollout restart deployment/web -n shop
   ```

   If it hangs, run `kubectl rollout restart deployment/web -n shop` again.
""",
    check=_check,
)
