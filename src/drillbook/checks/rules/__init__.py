"""Every rule, one module each. A new one is added to both lists below, a line each, in the order of their ids."""

from drillbook.checks.model import Rule
from drillbook.checks.rules import (
    rb012_swallowed_argument,
    rb020_never_terminates,
    rb040_no_namespace,
    rb041_destructive,
    rb042_forced_delete,
    rb043_finalizer_removal,
    rb044_glob_after_exec,
    rb046_scaled_to_zero_then_exec,
    rb047_never_restored,
    rb048_merge_patch_keeps_keys,
    rb051_exec_without_dashes,
    rb056_config_overwritten,
    rb057_key_mismatch,
    rb058_secret_in_clear,
    rb059_ephemeral_evidence,
    rb061_cadence_without_automation,
)

RULES: tuple[Rule, ...] = (
    rb012_swallowed_argument.RULE,
    rb020_never_terminates.RULE,
    rb040_no_namespace.RULE,
    rb041_destructive.RULE,
    rb042_forced_delete.RULE,
    rb043_finalizer_removal.RULE,
    rb044_glob_after_exec.RULE,
    rb046_scaled_to_zero_then_exec.RULE,
    rb047_never_restored.RULE,
    rb048_merge_patch_keeps_keys.RULE,
    rb051_exec_without_dashes.RULE,
    rb056_config_overwritten.RULE,
    rb057_key_mismatch.RULE,
    rb058_secret_in_clear.RULE,
    rb059_ephemeral_evidence.RULE,
    rb061_cadence_without_automation.RULE,
)
