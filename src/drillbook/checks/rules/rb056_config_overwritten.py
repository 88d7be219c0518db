"""RB056: a patch puts a fragment in the place of a whole configuration file."""

import re
from collections.abc import Iterator

from drillbook.checks.events import ConfigReplaced
from drillbook.checks.model import Finding, Rule, Severity
from drillbook.checks.view import View

_FILE = re.compile(r"[\w.-]+\.(?:conf|cnf|cfg|ini|toml|properties|ya?ml|json|xml|hcl|config)", re.IGNORECASE)
_OF_SETTINGS = (".conf", ".cnf", ".cfg", ".ini", ".toml", ".properties")
_ELIDED = re.compile(r"^\W*(?:\.\.\.|…)\W*$", re.MULTILINE)
_SETTING = re.compile(r"\s*(?:\[[\w. -]+\]|[\w.-]+\s*[=:].*)\s*")
_FEW_LINES = 3


def _check(view: View) -> Iterator[Finding]:
    for replaced in view.trail.of(ConfigReplaced):
        for key, value in replaced.keys.items():
            if not _FILE.fullmatch(key):
                continue
            elided = _ELIDED.search(value) is not None
            if not elided and not _is_fragment(key, value):
                continue
            lines = len(value.split("\n"))
            yield RULE.at(
                replaced.spot,
                f"this replaces the whole of {key} with these {lines} lines: every other setting in it is lost"
                + (", and the “...” is written as it stands" if elided else ""),
                suggestion=f"get {key} first, change the one setting with sed, and patch with the whole file",
                severity=Severity.ERROR if elided else Severity.WARNING,
            )


def _is_fragment(key: str, value: str) -> bool:
    lines = [line for line in value.split("\n") if line.strip()]
    if not key.lower().endswith(_OF_SETTINGS) or not 1 < len(lines) <= _FEW_LINES:
        return False
    return all(_SETTING.fullmatch(line) for line in lines)


RULE = Rule(
    id="RB056",
    name="config-overwritten",
    severity=Severity.ERROR,
    reason="A patch of a ConfigMap sets a key's whole value, so a fragment of a file takes the place of the file.",
    trips="""\
## The cache is wrong

1. **Turn it off**

   ```bash
   kubectl patch configmap web-config -n shop --patch '{"data":{"web.conf":"[cache]\\nenabled = false\\n..."}}'
   ```
""",
    passes="""\
## The cache is wrong

1. **Turn it off**

   ```bash
   kubectl patch configmap web-config -n shop --patch '{"data":{"CACHE_ENABLED":"false"}}'
   kubectl patch configmap web-config -n shop --type=merge --patch-file web-config.json
   ```
""",
    check=_check,
)
