"""Tells from its words whether a step or command is meant only for when something went wrong before."""

import re
from collections.abc import Iterable, Iterator, Sequence

from drillbook.runbook.model import Comment, Condition, ConditionKind, Located

_MAX_LENGTH = 2_000  # characters of a text that are looked at


def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern, re.IGNORECASE)


_SENTENCE_END = re.compile(r"(?<=[.;!?])\s+|\n\s*\n")
_CLAUSE = _compiled(
    r"\b(?P<word>if|when|whenever|unless|in case|in the event|(?<!\w )should|where(?= possible))\b(?P<clause>[^,:;]*)"
)
_SURE_WORDS = _compiled(
    r"\b(?:if|unless|in case|in the event)\b|\b(?:when|where|only when|only if)\s+(?:possible|needed|necessary|safe|available|applicable|required|appropriate)\b"
)
_WHETHER = _compiled(
    r"\b(?:check|see|verify|determine|confirm|test|tell|know|find out|decide|ask|validate|identify|even|as|what|assess|unsure|wonder)\s*$"
)
_CODE = re.compile(r"^\s*(?:el)?if\s+(?:\[|!|\(\(|\$|test\b)|;\s*then\b")

# What did not go well …
_FAILURE = _compiled(
    r"\b(?:fail(?:s|ed|ing|ure)?|unsuccessful|not successful|unresolved|persists?|persisting|continues?|still"
    r"|(?:does|do|did|is|are|was|were|has|have|could|can|will|would)(?:\s?n[o']t|n[’']t|not)\s+(?:\w+\s+)?"  # noqa: RUF001 - typographic apostrophe
    r"(?:work\w*|help\w*|succeed\w*|recover\w*|resolve\w*|fix\w*|improve\w*|enough|sufficient|complete\w*|come back|respond\w*|possible|healthy|effective|restore\w*|clear\w*)"
    r"|cannot (?:recover|complete|be (?:completed|done|restored|recovered|rolled back))|no (?:improvement|effect|change|recovery)|insufficient|errors? out|times? out|remains?)\b"
)
# … must be the step before, or the system as a whole, for the condition to hang on it.
_EARLIER = _compiled(
    r"^\W*(?:(?:all|any|both|either|none) of )?(?:this|that|it|these|those|they|all else|everything|nothing|the (?:above|previous|preceding|former|last|first|prior)|previous|above|step|steps)\b|\b(?:above|previous step|step \d+)\b"
)
_ACTIONS = _compiled(
    r"\b(?:roll\s?-?backs?|rolling back|re-?starts?|restarting|reboots?|fail-?overs?|failing over|recovery|recovering|roll\s?-?outs?|re-?deploy\w*|deploy\w*|scal(?:e|ing)(?:[ -]?(?:up|down|out|in))?|divert\w*|diversion"
    r"|redirect\w*|restor(?:e|ing|ation)|resets?|clear(?:ing)?|flush(?:ing)?|purg(?:e|ing)|switch-?over|switching|drain(?:ing)?|eviction|revert(?:ing)?|mitigation|fix|patch(?:ing)?|remediation|workaround|command|script|action|attempt|procedure|steps?)\b"
)
_SYSTEM = _compiled(
    r"\b(?:system|service|services|site|application|app|cluster|gateway|pods?|issue|issues|problem|problems|symptoms?|errors?|error rate|latency|alert|alerts|incident|outage|traffic|users?|health checks?|readiness|liveness|checks?|probes?|verification|validation)\b"
)
_STILL = _compiled(
    r"\b(?:still|persist\w*|continues?|remains?|unresolved|no (?:improvement|effect|change|recovery)|recover\w*|resolve\w*|improve\w*|come back|restore\w*|health checks?|readiness|liveness|verification|validation)\b"
)
_LAST_RESORT = _compiled(
    r"\b(?:as (?:a|the) last resort|failing that|if all else fails|if not successful|if unsuccessful|if (?:that|this|it) (?:fails|failed))\b|\bif not\s*[,:]"
)
_SUCCESS = _compiled(
    r"\b(?:succeed\w*|success\w*|work(?:s|ed)|help(?:s|ed)|recovered|resolved|complete[sd]?|healthy)\b"
)
# "If this fails, go to step 4": speaks of another step, so this one hangs on nothing.
_ELSEWHERE = _compiled(
    r"\b(?:go (?:back )?to|proceed|continue (?:with|to|at|on)|move (?:on )?to|skip|jump to|see|refer to|return to|start over|stop here|follow the|use the next|try the next|repeat (?:this|step|the)|re-?try (?:this|the step))\b"
)
_CALLS = _compiled(r"\b(?:escalate|contact|page|call|notify|inform|ask|open a|raise a|file a|report)\b")
_STEM_LENGTH = 5


def condition_of_comments(comments: Sequence[Comment]) -> Condition | None:
    """What shell comments make their command hang on, None where they say nothing of the kind."""
    if not comments:
        return None
    first = comments[0]
    joined = Located(text="\n".join(comment.text for comment in comments), line=first.line, column=first.column)
    for text in (*comments, joined):  # a sentence may run over several comments
        for condition in _conditions(text, (), introduces=True):
            return condition
    return None


def condition_of_texts(texts: Iterable[Located], earlier_titles: Iterable[str]) -> Condition | None:
    """The first condition that a title or the prose before a block states; one after a failure goes first.

    ``earlier_titles`` name the steps before: "if the failover fails" speaks of a step "Fail over".
    """
    stems = tuple(stem for title in earlier_titles for stem in _stems(title))
    found = [condition for text in texts for condition in _conditions(text, stems, introduces=False)]
    return next((each for each in found if each.kind is ConditionKind.AFTER_FAILURE), found[0] if found else None)


def _stems(words: str) -> Iterator[str]:
    for word in re.findall(r"[a-z]{4,}", words.lower()):
        yield word[:_STEM_LENGTH]


def _conditions(text: Located, stems: tuple[str, ...], *, introduces: bool) -> Iterator[Condition]:
    begin = 0
    words = text.text[:_MAX_LENGTH]
    for end in (*(match.end() for match in _SENTENCE_END.finditer(words)), len(words)):
        sentence = words[begin:end]
        kind = _kind(sentence, stems, introduces=introduces or sentence.rstrip().rstrip("*_").endswith(":"))
        if kind is not None:
            lead = begin + len(sentence) - len(sentence.lstrip())
            line = text.line + words.count("\n", 0, lead)
            column = text.column + lead if line == text.line else 1
            yield Condition(text=" ".join(sentence.split()), line=line, column=column, kind=kind)
        begin = end


def _kind(sentence: str, stems: tuple[str, ...], *, introduces: bool) -> ConditionKind | None:
    if _CODE.search(sentence) or _ELSEWHERE.search(sentence):
        return None
    clauses = [match for match in _CLAUSE.finditer(sentence) if not _WHETHER.search(sentence, 0, match.start())]
    failing = bool(_LAST_RESORT.search(sentence)) or any(_after_failure(match, stems) for match in clauses)
    if failing:
        return None if _CALLS.search(sentence) and not introduces else ConditionKind.AFTER_FAILURE
    sure = any(_SURE_WORDS.match(sentence, match.start()) for match in clauses)
    return ConditionKind.OTHER if sure else None


def _after_failure(match: re.Match[str], stems: tuple[str, ...]) -> bool:
    clause = match["clause"]
    of_a_step = bool(_EARLIER.search(clause) or _ACTIONS.search(clause)) or any(
        stem in stems for stem in _stems(clause)
    )
    if match["word"].lower() == "unless":
        return of_a_step and bool(_SUCCESS.search(clause))
    if not _FAILURE.search(clause):
        return False
    return of_a_step or bool(_SYSTEM.search(clause) and _STILL.search(clause))
