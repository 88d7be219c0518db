"""Every rule, one module each. A new one is added to both lists below, a line each, in the order of their ids."""

from drillbook.checks.model import Rule
from drillbook.checks.rules import (
    rb002_placeholder_redirect,
    rb003_placeholder,
    rb004_elision,
    rb012_swallowed_argument,
    rb020_never_terminates,
    rb022_needs_tty,
    rb024_unbounded_wait,
    rb026_curl_no_timeout,
    rb032_forced_success,
    rb033_curl_no_fail,
    rb035_grep_as_verdict,
    rb046_scaled_to_zero_then_exec,
    rb048_merge_patch_keeps_keys,
)

RULES: tuple[Rule, ...] = (
    rb002_placeholder_redirect.RULE,
    rb003_placeholder.RULE,
    rb004_elision.RULE,
    rb012_swallowed_argument.RULE,
    rb020_never_terminates.RULE,
    rb022_needs_tty.RULE,
    rb024_unbounded_wait.RULE,
    rb026_curl_no_timeout.RULE,
    rb032_forced_success.RULE,
    rb033_curl_no_fail.RULE,
    rb035_grep_as_verdict.RULE,
    rb046_scaled_to_zero_then_exec.RULE,
    rb048_merge_patch_keeps_keys.RULE,
)
