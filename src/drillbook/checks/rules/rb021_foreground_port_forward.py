"""RB021: a port-forward that is not put into the background."""

from collections.abc import Iterator

from drillbook.checks.arguments import Grammar, split_arguments, words
from drillbook.checks.model import Finding, Rule, Severity
from drillbook.checks.surroundings import is_bounded
from drillbook.checks.view import CallView, View

_SSH = Grammar(valued=words("-b -c -D -E -e -F -I -i -J -L -l -m -O -o -p -Q -R -S -W -w"))


def _check(view: View) -> Iterator[Finding]:
    for call in view.calls:
        if call.call.place.background or is_bounded(call) or not _forwards(call):
            continue
        yield RULE.at(
            call.spot,
            "this forwards a port until somebody stops it: the step hangs",
            suggestion="put it into the background and stop it afterwards: … & forward=$!; …; kill $forward",
        )


def _forwards(call: CallView) -> bool:
    if call.kubectl is not None:
        asks = call.kubectl.arguments.has("-h", "--help")
        return call.kubectl.verb in ("port-forward", "proxy") and not asks
    if call.name != "ssh":
        return False
    arguments = split_arguments(call.arguments, _SSH)
    return arguments.has("-N") and arguments.has("-L", "-R", "-D") and not arguments.has("-f")


RULE = Rule(
    id="RB021",
    name="foreground-port-forward",
    severity=Severity.WARNING,
    reason="A port-forward in the foreground blocks what follows, and that is what it was made for.",
    trips="""\
## Look inside

1. **Ask the gateway**

   ```bash
   kubectl port-forward -n shop service/web 8080:80
   curl --fail --max-time 5 http://localhost:8080/health
   ```
""",
    passes="""\
## Look inside

1. **Ask the gateway**

   ```bash
   kubectl port-forward -n shop service/web 8080:80 & forward=$!
   curl --fail --max-time 5 --retry 5 --retry-connrefused http://localhost:8080/health
   kill "$forward"
   ```
""",
    check=_check,
)
