"""RB007: a command that the prose tells to run, and that no block holds."""

import re
from collections.abc import Iterator

from drillbook.checks.arguments import words
from drillbook.checks.model import Finding, Rule, Severity
from drillbook.checks.view import View

_PROGRAMS = words(
    "kubectl oc helm curl docker podman systemctl journalctl aws gcloud az terraform ssh psql mysql redis-cli etcdctl"
)
_SPAN = re.compile(r"(?<!`)`([^`\n]{3,300})`(?!`)")
_TOLD = re.compile(
    r"(?:^|[.:;(,]\s*|\b(?:then|and|or|to|you can|also|just|please)\s+)(?:then\s+|please\s+)?"
    r"(?:re-?)?(?:run|execute|invoke|type|enter|issue|use|try)\b(?:\s+[\w-]+){0,3}[\s:*_]*$",
    re.IGNORECASE,
)
_BY_MEANS = re.compile(r"\b(?:with|using|via|by running|by executing)(?:\s+the\s+command)?[\s:]*$", re.IGNORECASE)
_ORDER = re.compile(
    r"^(?:check|verify|confirm|restart|delete|scale|find|get|list|look|inspect|drain|cordon|roll|increase|decrease|view"
    r"|apply|remove|kill|stop|start|identify|see|show|describe)\b",
    re.IGNORECASE,
)
_NOT = re.compile(r"\b(?:not|never|don't|avoid|instead of|rather than|no longer|unless|without)\b", re.IGNORECASE)
_MARKUP = re.compile(r"^[\s>]*(?:[-*+]|\d+[.)])?\s*(?:\[[ x]\]\s*)?[*_]*")


def _check(view: View) -> Iterator[Finding]:
    code = {
        line
        for block in view.runbook.blocks
        for line in range(block.line, block.text_line + block.text.count("\n") + 1)
    }
    carried_out = "\n".join(command.text for block in view.runbook.blocks for command in block.commands)
    previous = ""
    for number, line in enumerate(view.lines, start=1):
        if number in code or line.lstrip().startswith(("#", "|", "<!--")):
            previous = ""
            continue
        for match in _SPAN.finditer(line):
            text = " ".join(match[1].split())
            if _is_command(text) and _is_told(previous, line[: match.start()], line[match.end() :]):
                if text in carried_out:
                    continue
                yield RULE.at(
                    view.spot(number, match.start(), match.end()),
                    "this command stands in prose alone: whoever carries out the blocks leaves it out",
                    suggestion="put it into a ```bash block of its own",
                )
        previous = line.strip()


def _is_command(text: str) -> bool:
    program, *rest = text.split()
    return program in _PROGRAMS and len(rest) > 1 and not text.endswith("...")


def _is_told(previous: str, before: str, behind: str) -> bool:
    """Whether the reader is to run it, going by the words in front of it."""
    words_before = _MARKUP.sub("", before, count=1)
    if not words_before.strip(" *_"):
        alone = not behind.strip(" .*_")
        return alone and not _NOT.search(previous) if before.strip() else _is_asked(previous)
    return _is_asked(f"{previous} {words_before}" if not before.lstrip().startswith(("-", "*", "+")) else words_before)


def _is_asked(words_before: str) -> bool:
    sentence = re.split(r"(?<=[.!?])\s", words_before)[-1]
    if _NOT.search(sentence):
        return False
    by_means = _BY_MEANS.search(sentence) is not None and _ORDER.search(sentence.lstrip("-*+ 0123456789.)")) is not None
    return by_means or _TOLD.search(sentence.lstrip("-*+ 0123456789.)")) is not None


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
