"""What is wrong with a runbook, seen without running it. Pure, and total: any document gives findings, never a crash.

``check_document`` parses a document, makes a ``View`` of it and runs every rule of ``rules.RULES`` on the view.

To write a rule
    Add ``rules/rbNNN_name.py``, which exports ``RULE``, and a line to each list in ``rules/__init__.py``. The check
    takes a view and yields ``RULE.at(spot, message, suggestion=…, severity=…)``; the engine fills in the procedure,
    takes out what the document ignores, and sorts. It may not raise, run anything, read a file or import an
    effectful module.
    ``trips`` and ``passes`` are whole small runbooks: tests run them, and the docs show them. The message says what
    will happen, in one plain sentence; the suggestion says what to write instead. Error: the procedure will not do what
    it says. Warning: it may mislead or hang. Note: style. A false alarm is a defect: when in doubt, say nothing.

What a view gives, from the top down
    ``runbook``, ``lines``: the document; ``runbook.blocks`` has every block, also untagged ones and those whose
    ``syntax_fault`` says why they are no shell. ``spot(line, start, end)`` makes a place of a match in a line.
    ``prose``: the lines outside of code blocks; ``paragraph(line)``: the prose around one; ``lines_of(procedure)``:
    from its heading to the next of its rank; ``calls_of(step)``.
    ``commands``: ``CommandView`` with ``command``, ``block``, ``step``, ``procedure`` (None outside of any), ``calls``,
    ``syntax`` (all redirects and expansions) and ``remarks(view.lines)``, its comments.
    ``calls``: ``CallView`` with ``words``, ``name`` and ``arguments`` of the program within sudo, watch, timeout, xargs
    and their like (``wrappers`` has those). After a kubectl exec comes the call that it makes in the pod: its
    ``outer`` is the exec, and ``in_pod`` is true. ``call.call`` is the whole call as the shell sees it, with
    ``assignments``, ``redirects`` and ``place``: pipeline, stage, operator, loop, condition, background, negated, ….
    ``kubectl``, ``curl``: pairs of a call and its typed view. Unknown flags and verbs are kept and refused by nobody.
    ``outcome.py``: whether a call changes or checks something, and what its status and its output are used for.
    ``variables.py``: each use of a variable with what set it before, and the names that the document speaks of.
    ``trail``: the events (``events.py``) of all commands in order; ``trails``: the same for each procedure by itself.

What several rules ask
    ``surroundings`` (limits of time around a call), ``changes`` (what changes a state), ``terminal`` (prompts, printed
    tables and answers in shell blocks), ``angled`` (placeholders in angle brackets), ``within`` (matches in words),
    ``durations`` (of sleep and timeouts), ``orders`` (titles that tell to do something).

Words
    ``text`` is what stands in the document, ``value`` what the command gets; if ``literal`` is false the value still
    has its expansions as written, such as ``emergency-$(date +%s)``.

Places
    Lines and columns count from 1 in the document; ``end_column`` is the one behind the last character.
"""

from drillbook.checks.engine import Selection, check_document, check_view
from drillbook.checks.model import Finding, Rule, Severity, Spot
from drillbook.checks.rules import RULES
from drillbook.checks.view import CallView, CommandView, View

__all__ = [
    "RULES",
    "CallView",
    "CommandView",
    "Finding",
    "Rule",
    "Selection",
    "Severity",
    "Spot",
    "View",
    "check_document",
    "check_view",
]
