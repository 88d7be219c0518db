"""RB044: a pattern for file names is meant for the pod, but the responder's shell expands it."""

from collections.abc import Iterator

from drillbook.checks.model import Finding, Rule, Severity
from drillbook.checks.view import View

_OF_FILES = frozenset(
    {"ls", "cat", "rm", "cp", "mv", "tar", "du", "wc", "head", "tail", "chmod", "chown", "gzip", "stat"}
)


def _check(view: View) -> Iterator[Finding]:
    for _, kubectl in view.kubectl:
        if kubectl.verb != "exec" or not kubectl.inner:
            continue
        program = kubectl.inner[0].value.rpartition("/")[2]
        for word in kubectl.inner[1:]:
            path = word.value.startswith(("/", "./")) or (word.value.startswith("*.") and program in _OF_FILES)
            if not word.glob or not path:
                continue
            inner = " ".join(each.text for each in kubectl.inner)
            yield RULE.at(
                word.spot,
                f"“{word.text}” is expanded here and not in the pod, where it arrives as it stands or with names from here",
                suggestion=f"let a shell in the pod expand it: sh -c '{inner}'" if "'" not in inner else "",
            )


RULE = Rule(
    id="RB044",
    name="glob-after-exec",
    severity=Severity.ERROR,
    reason="The shell that reads the command expands its patterns, and kubectl starts no other one in the pod.",
    trips="""\
## The network is down

1. **Look at the devices**

   ```bash
   kubectl exec -n shop deployment/web -- ls -l /dev/uio*
   ```
""",
    passes="""\
## The network is down

1. **Look at the devices**

   ```bash
   kubectl exec -n shop deployment/web -- sh -c 'ls -l /dev/uio*'
   kubectl exec -n shop deployment/web -- curl --max-time 5 http://localhost:8080/items?id=1
   ```
""",
    check=_check,
)
