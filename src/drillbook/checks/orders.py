"""Titles of steps that tell the responder to do something, as opposed to lists of reasons, people or ranks."""

import re

from drillbook.checks.arguments import words

_TO_DO = words(
    "verify check confirm ensure validate test restart stop start scale rotate revoke block isolate notify inform tell "
    "update create write document record schedule prepare identify implement improve conduct review restore recover "
    "disable enable collect gather archive assign open close announce publish run perform monitor investigate escalate "
    "contact deploy roll remove add fix patch analyze analyse assess complete delete clean clear inspect examine look "
    "increase reduce redirect divert drain capture train reset purge flush switch fail send"
)
_FIRST_WORD = re.compile(r"[a-z]+(?=\s)", re.IGNORECASE)


def is_order(title: str) -> bool:
    """Whether a title begins with something to do: "Verify the backups", and not "Backups that fail"."""
    first = _FIRST_WORD.match(title)
    return first is not None and first[0].lower() in _TO_DO
