"""Every rule, one module each. A new one is added to both lists below, a line each, in the order of their ids."""

from drillbook.checks.model import Rule
from drillbook.checks.rules import (
    rb012_swallowed_argument,
    rb020_never_terminates,
    rb046_scaled_to_zero_then_exec,
    rb048_merge_patch_keeps_keys,
)

RULES: tuple[Rule, ...] = (
    rb012_swallowed_argument.RULE,
    rb020_never_terminates.RULE,
    rb046_scaled_to_zero_then_exec.RULE,
    rb048_merge_patch_keeps_keys.RULE,
)
