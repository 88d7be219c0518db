"""RB022: a command that asks for a terminal, which is not there when a program carries the procedure out."""

from collections.abc import Iterator

from drillbook.checks.arguments import Grammar, split_arguments, words
from drillbook.checks.model import Finding, Rule, Severity, Spot
from drillbook.checks.shell import Word
from drillbook.checks.view import CallView, View

_DOCKER = Grammar(
    valued=words(
        "-e --env -u --user -w --workdir --env-file --name -v --volume -p --publish --network --entrypoint -l -h"
    )
)
_RUNS_IN = frozenset({"docker", "podman", "nerdctl", "crictl"})
_VERBS = frozenset({"exec", "run", "attach", "debug"})


def _check(view: View) -> Iterator[Finding]:
    for call in view.calls:
        spot = _terminal(call)
        if spot is not None:
            yield RULE.at(
                spot,
                "this asks for a terminal: run by a program it fails, hangs, or mixes errors into the output",
                suggestion="leave out -t, and -i too unless something is piped in; put the command behind --",
            )


def _terminal(call: CallView) -> Spot | None:
    """The flag that asks for a terminal."""
    if call.kubectl is not None:
        if call.kubectl.verb not in _VERBS:
            return None
        flag = call.kubectl.arguments.flag("-t", "--tty")
    elif call.name in _RUNS_IN and call.arguments and call.arguments[0].value in ("exec", "run"):
        flag = split_arguments(_before_the_program(call), _DOCKER).flag("-t", "--tty")
    else:
        return None
    return flag.word.spot if flag is not None and flag.text != "false" else None


def _before_the_program(call: CallView) -> list[Word]:
    """The flags in front of the container or image; what is behind them are the program's own."""
    found: list[Word] = []
    taken = False
    for word in call.arguments[1:]:
        if not word.value.startswith("-") and not taken:
            break
        found.append(word)
        taken = word.value in _DOCKER.valued
    return found


RULE = Rule(
    id="RB022",
    name="needs-tty",
    severity=Severity.WARNING,
    reason="A command that needs a terminal hangs or behaves differently where there is none.",
    trips="""\
## Look inside

1. **See the processes**

   ```bash
   kubectl exec -it -n shop deployment/web -- ps aux
   ```
""",
    passes="""\
## Look inside

1. **See the processes**

   ```bash
   kubectl exec -n shop deployment/web -- ps aux
   kubectl exec -i -n shop deployment/store -- sort < names.txt
   kubectl exec -n shop deployment/web -- ls -t
   docker exec web ls -t
   ```
""",
    check=_check,
)
