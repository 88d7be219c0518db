"""What stands around a call: a limit of time, and options that a variable holds."""

import re

from drillbook.checks.view import CallView
from drillbook.checks.wrapped import program_of

_ENDS_IT = frozenset({"timeout", "gtimeout"})
_OPTIONS = re.compile(r"opt|arg|flag", re.IGNORECASE)


def is_bounded(call: CallView) -> bool:
    """Whether a timeout is around it, or around the exec that runs it in a pod."""
    outer = program_of(call.call.words).wrappers if call.in_pod else ()
    return bool(_ENDS_IT.intersection((*call.wrappers, *outer)))


def may_hold_options(call: CallView) -> bool:
    """Whether an unquoted variable stands by itself that may hold more options, as $CURL_OPTS does."""
    return any(
        not expansion.quoted and expansion.text == word.text and _OPTIONS.search(expansion.name)
        for word in call.arguments
        for expansion in word.expansions
    )
