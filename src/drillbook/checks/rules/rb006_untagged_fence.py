"""RB006: a block of commands that does not say that it is shell."""

import re
from collections.abc import Iterator

from drillbook.checks.arguments import words
from drillbook.checks.model import Finding, Rule, Severity
from drillbook.checks.view import View

_PROGRAMS = words(
    """
    kubectl oc helm curl docker podman systemctl journalctl aws gcloud az terraform ansible ansible-playbook sudo ssh jq
    flux argocd etcdctl patronictl rabbitmqctl crictl ldapsearch ldapmodify psql mysql redis-cli openssl dig nslookup scp
    rsync tcpdump
    """
)
# English words too, so that what follows has to be no word.
_PLAIN_WORDS = words("tail cat grep watch ls df du ps kill rm cp mv vi vim less head find ping")
_NO_WORD = re.compile(r"[-/.~$<\"'\d]|\S*[/.]\S")
_USAGE = re.compile(r"\[(?:flags|options|[A-Z]+)\]|^usage\b|--help", re.IGNORECASE)
_ARGUMENT = re.compile(r"[a-z./\"'$<-][^\s]*$|https?://\S+$", re.ASCII)
_PROMPT = re.compile(r"^\$[ \t]+")
_SENTENCE = re.compile(r"[a-z]\.$", re.ASCII)


def _check(view: View) -> Iterator[Finding]:
    for block in view.runbook.blocks:
        if block.language or not _is_commands(block.text):
            continue
        yield RULE.at(
            view.line_spot(block.line),
            "this block has no language, so its commands are skipped when the procedure is carried out",
            suggestion="write ```bash, or ```text if it is only to be read"
            if block.fenced
            else "put it between ```bash and ```, or ```text if it is only to be read",
        )


def _is_commands(text: str) -> bool:
    """Whether every line is a call of a known program, a comment, or goes on with the line before."""
    found = continued = False
    for raw in text.split("\n"):
        line = _PROMPT.sub("", raw.strip())
        if continued or not line or line.startswith("#"):
            continued = continued and line.endswith("\\")
            continue
        if not _is_call(line):
            return False
        found, continued = True, line.endswith(("\\", "|", "&&"))
    return found


def _is_call(line: str) -> bool:
    program, *rest = line.split()
    known = program in _PROGRAMS or (program in _PLAIN_WORDS and rest and _NO_WORD.match(rest[0]) is not None)
    return (
        bool(known)
        and bool(rest)
        and _ARGUMENT.match(rest[0]) is not None
        and _USAGE.search(line) is None
        and _SENTENCE.search(line) is None
    )


RULE = Rule(
    id="RB006",
    name="untagged-fence",
    severity=Severity.WARNING,
    reason="A block without a language is no shell to whatever carries the procedure out, so it is skipped.",
    trips="""\
## Too few pods

1. **Start more**

   ```
   kubectl scale deployment web -n shop --replicas=3
   ```
""",
    passes="""\
## Too few pods

1. **Start more**

   ```bash
   kubectl scale deployment web -n shop --replicas=3
   ```

   ```
   kubectl: the server could not find the requested resource
   ```
""",
    check=_check,
)
