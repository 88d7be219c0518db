"""Tells from its words whether a step or command is meant only for when something went wrong before."""

import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain

from msgspec import Struct

from drillbook.runbook.model import Comment, Condition, ConditionKind, Located

_MAX_LENGTH = 2_000  # characters of a text that are looked at


def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern, re.IGNORECASE)


def _words(*alternatives: str) -> re.Pattern[str]:
    return _compiled(rf"\b(?:{'|'.join(alternatives)})\b")


_SENTENCE_END = re.compile(r"(?<=[.;!?])\s+|\n\s*\n")
_CLAUSE = _compiled(
    r"\b(?P<word>if|when|whenever|unless|in case|in the event|(?<!\w )should|where(?= possible))\b"
    r"(?P<clause>(?:(?!\bthen\b)[^,:;])*)"
)
_SURELY = _compiled(
    r"\b(?:(?:if|unless|in case|in the event)\b"
    r"|(?:when|where) (?:possible|needed|necessary|safe|available|applicable|required|appropriate)\b)"
)
# "Check if it runs" asks a question and makes nothing conditional.
_WHETHER = _compiled(
    r"\b(?:check|see|verify|determine|confirm|test|tell|know|find out|decide|ask|validate|identify|assess|unsure"
    r"|wonder|even|as|what)\s*$"
)
_CODE = re.compile(r"^\s*(?:el)?if\s+(?:\[|!|\(\(|\$|test\b)|;\s*then\b")
_NOT = r"(?:does|do|did|is|are|was|were|has|have|could|can|will|would)(?: ?n['\u2019]?t| not) (?:\w+ )?"

# What did not go well …
_FAILURE = _words(
    r"fail(?:s|ed|ing)?|unsuccessful|not successful|unresolved|persist(?:s|ing)?|continues?|remains?",
    r"still (?:\w+ ){0,2}(?:down|fail\w*|un\w+|broken|firing|not|exists?|occurs?|occurring|there|present|high|full"
    r"|above|stuck|crash\w*|degraded|pending|wrong|slow|the case|running|errors?|affected)",
    rf"{_NOT}(?:work|help|succeed|recover|resolve|fix|improve|complete|respond|restore|clear)\w*",
    rf"{_NOT}(?:enough|sufficient|come back|possible|healthy|effective)",
    r"cannot (?:recover|complete|be (?:completed|done|restored|recovered|rolled back))",
    r"insufficient|errors? out|times? out",
)
_FAILURE_OF_ALL = _compiled(
    r"^\W*of (?:a )?(?:\w+ ){0,2}failure\b|\bno(?:thing|ne)(?: of \w+)? (?:help|work|succeed)(?:s|ed)?\b"
    r"|\bno (?:improvement|effect|change|recovery)\b"
)
# … must be the step before, or the system as a whole, for the condition to hang on it.
_EARLIER = _compiled(
    r"^\W*(?:(?:all|any|both|either|none) of )?"
    r"(?:th(?:is|at|ese|ose)|it|they|all else|everything|nothing|none|above|previous|steps?"
    r"|the (?:above|previous|preceding|former|last|first|prior))\b|\b(?:above|previous step|step \d+)\b"
)
_THIS = _compiled(r"^\W*(?:th(?:is|at|ese|ose)|it|they)\b")
_ACTIONS = _words(
    r"roll[ -]?(?:backs?|outs?)|rolling back|re-?start(?:s|ing)?|reboots?|fail-?overs?|failing over|recover(?:y|ing)",
    r"(?:re-?)?deploy\w*|scal(?:e|ing)(?:[ -]?(?:up|down|out|in))?|divert\w*|diversion|redirect\w*",
    r"restor(?:e|ing|ation)|resets?|clear(?:ing)?|flush(?:ing)?|purg(?:e|ing)|switch(?:-?over|ing)|drain(?:ing)?",
    r"eviction|revert(?:ing)?|mitigation|fix|patch(?:ing)?|remediation|workaround|command|script|action|attempt",
    r"procedure|steps?",
)
_SYSTEM = _words(
    r"system|services?|site|application|app|cluster|gateway|pods?|issues?|problems?|symptoms?|errors?|error rate",
    r"latency|alerts?|incident|outage|traffic|users?|(?:health )?checks?|readiness|liveness|probes?|verification",
    r"validation",
)
_STILL = _words(
    r"still|persist\w*|continues?|remains?|unresolved",
    r"recover\w*|resolve\w*|improve\w*|come back|restore\w*|health checks?|readiness|liveness|verification|validation",
)
_LAST_RESORT = _compiled(
    r"\b(?:as (?:a|the) last resort|failing that|if all else fails|if (?:not success|unsuccess)ful)\b"
)
# What _CLAUSE and _LAST_RESORT need: most sentences hold none of it.
_CONDITIONAL = ("if", "when", "unless", "in case", "in the event", "should", "where", "last resort", "failing that")
_SUCCESS = _words(r"succeed\w*|success\w*|work(?:s|ed)|help(?:s|ed)|recovered|resolved|complete[sd]?|healthy")
# "If this fails, go to step 4" speaks of another step, so this one hangs on nothing.
_ELSEWHERE = _words(
    r"go (?:back )?to|proceed|continue (?:with|to|at|on)|move (?:on )?to|skip|jump to|see|refer to|return to",
    r"start over|stop here|follow the|(?:use|try) the next|repeat (?:this|step|the)|re-?try (?:this|the step)",
)
_CALLS = _words(r"escalate|contact|page|call|notify|inform|ask|open a|raise a|file a|report")
_STEM_LENGTH = 5
_MAX_NAME_WORDS = 6
_COMMON_STEMS = frozenset(("check", "verif", "emerg", "immed", "servi", "syste", "with", "from", "that", "this"))
_MARKUP = re.compile(r"\*\*|__|`")
_MARKS = "*_ \t\n"


class _Sentence(Struct, frozen=True, kw_only=True):
    """A sentence of a title, of prose or of comments, and what of its surroundings tells what it speaks of."""

    text: str
    line: int
    column: int
    leads: bool  # a title, a comment, or the first words of a step
    own_stems: frozenset[str] = frozenset()
    earlier_stems: frozenset[str] = frozenset()

    @property
    def introduces(self) -> bool:
        """Whether what it says is about what stands next, so that "if this fails" cannot mean its own step."""
        return self.leads or self.text.rstrip(_MARKS).endswith(":")


def condition_of_comments(comments: Sequence[Comment]) -> Condition | None:
    """What shell comments make their command hang on, None where they say nothing of the kind."""
    if not comments:
        return None
    first = comments[0]
    joined = Located(text="\n".join(comment.text for comment in comments), line=first.line, column=first.column)
    for text in (*comments, joined):  # a sentence may run over several comments
        for words, line, column in _sentences(text):
            sentence = _Sentence(text=words, line=line, column=column, leads=True)
            kind = _kind(sentence)
            if kind is not None:
                return _condition(sentence, kind)
    return None


def condition_of_step(title: str, texts: Iterable[Located], earlier_titles: Iterable[str]) -> Condition | None:
    """The first condition that a step's head or the prose before its block states; one after a failure goes first.

    ``earlier_titles`` name the steps before: "if the failover fails" speaks of a step "Fail over". Behind a step's
    first words "if this fails" speaks of the step itself, so of what comes after it.
    """
    own, earlier = (
        frozenset(_stems(title)),
        frozenset(chain.from_iterable(map(_stems, filter(_is_name, earlier_titles)))),
    )
    found: list[Condition] = []
    parts = (part for text in texts for part in _sentences(text))
    for index, (words, line, column) in enumerate(parts):
        sentence = _Sentence(
            text=words, line=line, column=column, leads=index == 0, own_stems=own - earlier, earlier_stems=earlier
        )
        kind = _kind(sentence)
        if kind is ConditionKind.AFTER_FAILURE:
            return _condition(sentence, kind)
        if kind is not None:
            found.append(_condition(sentence, kind))
    return found[0] if found else None


def _condition(sentence: _Sentence, kind: ConditionKind) -> Condition:
    text = _MARKUP.sub("", " ".join(sentence.text.split())).strip(_MARKS)
    return Condition(text=text, line=sentence.line, column=sentence.column, kind=kind)


def _stems(words: str) -> Iterator[str]:
    for word in re.findall(r"[a-z]{4,}", words.lower()):
        if word[:_STEM_LENGTH] not in _COMMON_STEMS:
            yield word[:_STEM_LENGTH]


def _is_name(title: str) -> bool:
    """Whether a title names a step ("Fail over"), rather than telling a story or a condition."""
    return len(title.split()) <= _MAX_NAME_WORDS and not _SURELY.match(title)


def _sentences(text: Located) -> Iterator[tuple[str, int, int]]:
    words = text.text[:_MAX_LENGTH]
    begin = 0
    for end in (*(match.end() for match in _SENTENCE_END.finditer(words)), len(words)):
        sentence = words[begin:end]
        lead = begin + len(sentence) - len(sentence.lstrip(_MARKS))
        if lead < end:
            line_start = words.rfind("\n", 0, lead) + 1
            yield sentence, text.line + words.count("\n", 0, lead), text.column + lead - line_start
        begin = end


def _kind(sentence: _Sentence) -> ConditionKind | None:
    text = sentence.text
    if text.isascii() and not any(each in text.lower() for each in _CONDITIONAL):
        return None
    if _CODE.search(text) or _ELSEWHERE.search(text):
        return None
    clauses = [match for match in _CLAUSE.finditer(text) if not _WHETHER.search(text, 0, match.start())]
    failing = [match for match in clauses if _after_failure(match, sentence)]
    if failing or _LAST_RESORT.search(text):
        of_itself = not sentence.introduces and any(_is_about_itself(match, sentence) for match in failing)
        passes_on = not sentence.introduces and _CALLS.search(text)
        return None if of_itself or passes_on else ConditionKind.AFTER_FAILURE
    sure = any(_SURELY.match(text, match.start()) for match in clauses)
    return ConditionKind.OTHER if sure else None


def _is_about_itself(match: re.Match[str], sentence: _Sentence) -> bool:
    clause = match["clause"]
    return bool(_THIS.match(clause)) or any(stem in sentence.own_stems for stem in _stems(clause))


def _after_failure(match: re.Match[str], sentence: _Sentence) -> bool:
    word, clause = match["word"].lower(), match["clause"]
    if word.startswith("when") and not sentence.leads and match.string[: match.start()].strip(_MARKS):
        return False  # "it returns 1 when the client failed" explains
    if word == "unless":
        return _is_of_a_step(clause, sentence) and bool(_SUCCESS.search(clause))
    if _FAILURE_OF_ALL.search(clause):
        return True
    failure = _FAILURE.search(clause)
    if failure is None:
        return False
    # Only what stands before the failure failed: "if a node fails to drain" is not about a drain.
    return _is_of_a_step(clause[: failure.start()], sentence) or bool(_SYSTEM.search(clause) and _STILL.search(clause))


def _is_of_a_step(words: str, sentence: _Sentence) -> bool:
    named = any(stem in sentence.earlier_stems for stem in _stems(words))
    return named or bool(_EARLIER.search(words) or _ACTIONS.search(words))
