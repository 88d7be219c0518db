"""RB051: kubectl exec without the two dashes before the program."""

from collections.abc import Iterator

from drillbook.checks.model import Finding, Rule, Severity
from drillbook.checks.view import View


def _check(view: View) -> Iterator[Finding]:
    for call, kubectl in view.kubectl:
        if kubectl.verb != "exec" or kubectl.arguments.dashes or not kubectl.inner:
            continue
        # A placeholder such as <pod> is a redirection to the shell, and takes the dashes behind it for its file.
        if any(each.operator == "<" for each in call.redirects):
            continue
        # A new kubectl refuses this; that of OpenShift does not.
        if call.name == "oc" or any(word.value == "--" for word in kubectl.inner):
            continue
        program = kubectl.inner[0]
        yield RULE.at(
            program.spot.up_to(kubectl.inner[-1].spot),
            "kubectl refuses a program for the pod that has no “--” before it",
            suggestion=f"write -- before it: -- {' '.join(word.text for word in kubectl.inner)}",
        )


RULE = Rule(
    id="RB051",
    name="exec-without-dashes",
    severity=Severity.ERROR,
    reason="Today's kubectl exec runs only what stands behind two dashes.",
    trips="""\
## Web hangs

1. **Look into it**

   ```bash
   kubectl exec -n shop web-0 ps aux
   ```
""",
    passes="""\
## Web hangs

1. **Look into it**

   ```bash
   kubectl exec -n shop web-0 -c web -- ps aux
   ```
""",
    check=_check,
)
