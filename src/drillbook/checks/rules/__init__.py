"""Every rule, one module each. A new one is added to both lists below, a line each, in the order of their ids."""

from drillbook.checks.model import Rule
from drillbook.checks.rules import (
    rb003_placeholder,
    rb004_elision,
    rb012_swallowed_argument,
    rb020_never_terminates,
    rb024_unbounded_wait,
    rb032_forced_success,
    rb035_grep_as_verdict,
    rb046_scaled_to_zero_then_exec,
    rb048_merge_patch_keeps_keys,
)

RULES: tuple[Rule, ...] = (
    rb003_placeholder.RULE,
    rb004_elision.RULE,
    rb012_swallowed_argument.RULE,
    rb020_never_terminates.RULE,
    rb024_unbounded_wait.RULE,
    rb032_forced_success.RULE,
    rb035_grep_as_verdict.RULE,
    rb046_scaled_to_zero_then_exec.RULE,
    rb048_merge_patch_keeps_keys.RULE,
)
