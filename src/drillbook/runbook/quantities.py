"""Recognises time budgets, thresholds, cadences, waits and escalation rows in one line of prose or title."""

import re
from collections.abc import Callable, Iterator

from drillbook.runbook.model import Cadence, Escalation, StatedThreshold, TimeBudget, Wait

Quantity = TimeBudget | StatedThreshold | Cadence | Wait | Escalation

_UNIT_S = {
    **dict.fromkeys(("ms", "millisecond", "milliseconds"), 0.001),
    **dict.fromkeys(("s", "sec", "secs", "second", "seconds"), 1.0),
    **dict.fromkeys(("m", "min", "mins", "minute", "minutes"), 60.0),
    **dict.fromkeys(("h", "hr", "hrs", "hour", "hours"), 3_600.0),
    **dict.fromkeys(("d", "day", "days"), 86_400.0),
    **dict.fromkeys(("w", "wk", "wks", "week", "weeks"), 604_800.0),
    "hourly": 3_600.0,
    "daily": 86_400.0,
    "weekly": 604_800.0,
}
_WORDS = {"a": 1, "an": 1, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "ten": 10, "fifteen": 15, "thirty": 30}
_SIGNS = {"≥": ">=", "≤": "<=", "above": ">", "over": ">", "exceeds": ">", "exceed": ">", "exceeding": ">"}
_SIGNS |= {"more than": ">", "greater than": ">", "higher than": ">", "at least": ">=", "at most": "<="}
_SIGNS |= {"below": "<", "under": "<", "less than": "<", "lower than": "<", "fewer than": "<"}
_MAX_LINE = 2_000  # characters of a line that are looked at
_SUBJECT_LENGTH = 80

_NUMBER = r"(?:\d{1,9}(?:,\d{3}){0,3}(?:\.\d{1,9})?)"
_COUNT = rf"(?:{_NUMBER}|\b(?:an?|one|two|three|four|five|ten|fifteen|thirty)\b)"
_UNIT = r"(?:(?:milliseconds?|ms|seconds?|secs?|minutes?|mins?|hours?|hrs?|days?|weeks?|wks?|[smhdw])(?![\w/%]))"
_GAP = r"[ \t-]?"


def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern, re.IGNORECASE)


_INTERESTING = _compiled(r"\d|hourly|daily|weekly|hour|minute|day|week")
_RANGE = _compiled(
    rf"(?<![\w.])(?P<low>{_NUMBER}) ?(?P<low_unit>{_UNIT})? ?(?:[-\u2013\u2014]|to)"
    rf" ?(?P<high>{_NUMBER}){_GAP}(?P<unit>{_UNIT})"
)
_OPEN = _compiled(
    rf"(?:>=?|≥|&gt;=?|\bafter|\bmore than|\bover|\bT ?\+) ?(?P<low>{_NUMBER}){_GAP}(?P<unit>{_UNIT})"
    rf"|(?<![\w.])(?P<low_>{_NUMBER}) ?\+ ?(?P<unit_>{_UNIT})"
)
_BOUND = _compiled(
    r"(?:<=?|≤|&lt;=?|\b(?:less than|no (?:more|longer) than|at most|max(?:imum)?:?|up to|under|within|first))"
    rf" ?(?P<high>{_COUNT}){_GAP}(?P<unit>{_UNIT})"
)
_PLAIN = _compiled(rf"(?P<high>(?<![\w.]){_NUMBER}){_GAP}(?P<unit>{_UNIT})")
_BRACKETED = _compiled(rf"[(\[] ?(?:~|about |approx\.? )?(?P<high>{_NUMBER}){_GAP}(?P<unit>{_UNIT}) ?[)\]]")
_PARENTHESISED = _compiled(_BRACKETED.pattern.replace(r"[(\[]", r"\(").replace(r"[)\]]", r"\)"))
_LABELLED = _compiled(
    rf"(?:[:,\u2013\u2014-]|\b(?:budget|target|eta|time):?) ?~?(?P<high>{_NUMBER}){_GAP}(?P<unit>{_UNIT}) ?(?:max\b)?$"
)
_CADENCE = _compiled(
    rf"\b(?:every|each|once an?) (?:(?P<count>{_COUNT}){_GAP})?(?P<unit>{_UNIT})|\b(?P<adverb>hourly|daily|weekly)\b"
)
_DURING = _compiled(r"[ *_]*(?:during|while in|for|until) (?:an? |the )?(?P<during>[^.;,()*_|]{1,60})")
_DURING_BEFORE = _compiled(r"(?P<during>\w[\w /-]{0,40})[*_ ]*:[*_ ]*$")
_WAIT = _compiled(
    r"\b(?P<action>wait|monitor|watch|observe|hold|pause|sleep|soak|allow|keep)\b"
    rf"(?:(?!\bevery\b|\beach\b)[^.;|<>]){{0,60}}?(?<![\d<>=.])\b(?P<count>{_COUNT}){_GAP}(?P<unit>{_UNIT})"
)
_THRESHOLD_UNIT = (
    rf"%|percent\b|{_UNIT}|[kmgt]i?b?(?!\w)|rps\b|qps\b"
    r"|(?:req|requests?|errors?|messages?)?/(?:s|sec|second|min|minute|h|hour)\b"
    r"|(?:errors?|connections?|messages?|requests?|restarts?|retries|pods?|nodes?|replicas?)\b"
)
_THRESHOLD = _compiled(
    r"(?:(?P<sign>[<>]=?|[≥≤=]|&[lg]t;=?)"
    r"|\b(?P<word>above|over|below|under|exceed(?:s|ing)?|at (?:least|most)"
    r"|(?:more|greater|higher|less|lower|fewer) than))"
    rf" ?(?P<value>{_NUMBER}) ?(?P<unit>{_THRESHOLD_UNIT})?"
)
_SUBJECT = re.compile(r"[A-Za-z][\w /%`*.-]*[\w%)`*]\s*$")
_VERB = re.compile(r"\s+(?:is|are|was|stays?|goes|rises|falls|remains?|drops?)$", re.IGNORECASE)
_FILLERS = frozenset(
    ("in", "within", "takes", "take", "for", "after", "before", "than", "last", "the", "every", "each")
)
_LEADING = _compiled(r"(?:^|\b)(?:if|when|and|or|that|the|an?|while|until|check|verify|ensure|alert|confirm|once) ")


# A match holds one of these: most lines hold none, and need no search at each of their characters.
_NEEDS: dict[re.Pattern[str], tuple[str, ...]] = {
    _CADENCE: ("every", "each", "once a", "hourly", "daily", "weekly"),
    _WAIT: ("wait", "monitor", "watch", "observe", "hold", "pause", "sleep", "soak", "allow", "keep"),
    _THRESHOLD: ("<", ">", "=", "&", "above", "over", "below", "under", "exceed", "at least", "at most", "than"),
    _RANGE: ("-", "to"),
    _BOUND: ("<", "&", "than", "at most", "max", "up to", "under", "within", "first"),
    _PARENTHESISED: ("(",),
}


def _matches(pattern: re.Pattern[str], text: str) -> Iterator[re.Match[str]]:
    needs = _NEEDS.get(pattern)
    if needs and text.isascii():  # beyond it a letter has more than two cases
        lowered = text.lower()
        if not any(each in lowered for each in needs):
            return iter(())
    return pattern.finditer(text)


def quantities(text: str, line: int, column: int, *, title: bool = False) -> list[Quantity]:
    """Everything recognised in one line of a document, that stands at this line and column, in its order.

    A title's durations are time budgets first; in prose a duration is one only where words say so.
    """
    text = text[:_MAX_LINE]
    if not _INTERESTING.search(text):
        return []
    if text.lstrip().startswith("|"):
        return list(_escalations(text, line, column))
    prose = (_cadences, _waits, _thresholds, _prose_budgets)
    readers: tuple[_Reader, ...] = (_cadences, _title_budgets, _thresholds) if title else prose
    found: list[tuple[int, int, Quantity]] = []
    for reader in readers:
        for start, end, quantity in reader(text, line, column):
            if all(end <= other_start or start >= other_end for other_start, other_end, _ in found):
                found.append((start, end, quantity))
    return [quantity for _, _, quantity in sorted(found, key=lambda each: each[0])]


_Reader = Callable[[str, int, int], Iterator[tuple[int, int, Quantity]]]


def _seconds(count: str | None, unit: str) -> float:
    value = 1.0 if count is None else _WORDS.get(count.lower(), 0) or float(count.replace(",", ""))
    return value * _UNIT_S[unit.lower()]


def _budget(match: re.Match[str], line: int, column: int) -> TimeBudget:
    part = {name.rstrip("_"): value for name, value in match.groupdict().items() if value is not None}
    unit = part["unit"]
    return TimeBudget(
        text=match[0].strip(" ([)]:,-"),
        line=line,
        column=column + match.start() + len(match[0]) - len(match[0].lstrip(" ([)]:,-")),
        lower_s=_seconds(part["low"], part.get("low_unit", unit)) if "low" in part else 0.0,
        upper_s=_seconds(part["high"], unit) if "high" in part else None,
    )


def _budgets(
    patterns: tuple[re.Pattern[str], ...], text: str, line: int, column: int
) -> Iterator[tuple[int, int, Quantity]]:
    for pattern in patterns:
        for match in _matches(pattern, text):
            budget = _budget(match, line, column)
            if not 0 < (budget.upper_s or budget.lower_s) < 1:  # milliseconds are a latency
                yield match.start(), match.end(), budget


def _title_budgets(text: str, line: int, column: int) -> Iterator[tuple[int, int, Quantity]]:
    return _budgets((_RANGE, _BOUND, _OPEN, _BRACKETED, _LABELLED), text, line, column)


def _prose_budgets(text: str, line: int, column: int) -> Iterator[tuple[int, int, Quantity]]:
    return _budgets((_RANGE, _BOUND, _PARENTHESISED), text, line, column)


def _cadences(text: str, line: int, column: int) -> Iterator[tuple[int, int, Quantity]]:
    for match in _matches(_CADENCE, text):
        during = _DURING.match(text, match.end()) or _DURING_BEFORE.search(
            text, max(0, match.start() - 50), match.start()
        )
        every_s = _seconds(match["count"], match["adverb"] or match["unit"])
        words = during["during"].strip() if during else ""
        end = during.end() if during and during.start() >= match.end() else match.end()
        whole = text[match.start() : end].rstrip()
        yield (
            match.start(),
            match.end(),
            Cadence(text=whole, line=line, column=column + match.start(), every_s=every_s, during=words),
        )


def _waits(text: str, line: int, column: int) -> Iterator[tuple[int, int, Quantity]]:
    for match in _matches(_WAIT, text):
        duration_s = _seconds(match["count"], match["unit"])
        action = match["action"].lower()
        place = column + match.start()
        yield (
            match.start(),
            match.end(),
            Wait(text=match[0], line=line, column=place, action=action, duration_s=duration_s),
        )


def _thresholds(text: str, line: int, column: int) -> Iterator[tuple[int, int, Quantity]]:
    for match in _matches(_THRESHOLD, text):
        begin = max(0, match.start() - _SUBJECT_LENGTH)
        subject = _SUBJECT.search(text, begin, match.start())
        if subject is None or (match["word"] and not match["unit"]):
            continue
        words = subject[0].strip(" *`")
        words = words[max((lead.end() for lead in _LEADING.finditer(words)), default=0) :]
        if not words or words.split()[-1].lower() in _FILLERS:
            continue
        start = text.rindex(words, subject.start(), match.start())
        written = (match["sign"] or match["word"]).replace("&lt;", "<").replace("&gt;", ">").lower()
        yield (
            start,
            match.end(),
            StatedThreshold(
                text=text[start : match.end()].rstrip(),
                line=line,
                column=column + start,
                subject=_VERB.sub("", words).rstrip(" *`"),
                operator=_SIGNS.get(written, written),
                value=float(match["value"].replace(",", "")),
                unit=match["unit"] or "",
            ),
        )


def _escalations(text: str, line: int, column: int) -> Iterator[Escalation]:
    row = text.strip().strip("|")
    cells = tuple(cell.strip(" *`") for cell in row.split("|"))
    first = cells[0]
    match = _RANGE.fullmatch(first) or _OPEN.fullmatch(first) or _BOUND.fullmatch(first) or _PLAIN.fullmatch(first)
    if match is None or len(cells) < 2:  # noqa: PLR2004 - a time and what is to happen
        return
    budget = _budget(match, line, column)
    yield Escalation(
        text=text.strip(),
        line=line,
        column=column + text.index("|"),
        lower_s=budget.lower_s,
        upper_s=budget.upper_s,
        cells=cells[1:],
    )
