"""Runs commands again where nothing outside can be reached, to see which of them cannot fail."""

import re
from collections.abc import Sequence

from drillbook.changes import simple_commands
from drillbook.effects import Trial
from drillbook.responder.shell import script
from drillbook.responder.transport import Place, ResponderUnreachableError

SECONDS = 2
_MOST_BYTES = 60_000  # of all commands together: they travel in a request's address
_OUTPUT_LIMIT_BYTES = 200_000
_TIMED_OUT = frozenset({124, 137})
_REACHES_PAST_STUBS = re.compile(r"/dev/(tcp|udp)/|\b(kill|mount|unshare|nsenter|chroot|PATH=)")


def is_safe(text: str) -> bool:
    """Whether it calls programs only by their names, where there are stubs, and signals no process."""
    by_path = any(words[0].startswith(("/", "~", "$")) for words in simple_commands(text))
    return not by_path and not _REACHES_PAST_STUBS.search(text)


def try_commands(place: Place, directory: str, texts: Sequence[str]) -> tuple[Trial | None, ...]:
    """What each command came to; None for one that is not safe there, and for all if the place is not to be had."""
    safe = [index for index, text in enumerate(texts) if is_safe(text)]
    chosen = safe if sum(len(texts[index].encode()) for index in safe) <= _MOST_BYTES else []
    if not chosen:
        return (None,) * len(texts)
    arguments = ["bash", "-c", script("trial.bash"), "drillbook", directory, str(SECONDS)]
    timeout_s = 20.0 + SECONDS * len(chosen)
    try:
        done = place.execute(
            [*arguments, *(texts[index] for index in chosen)], limit_bytes=_OUTPUT_LIMIT_BYTES, timeout_s=timeout_s
        )
    except ResponderUnreachableError:
        return (None,) * len(texts)
    found = {chosen[number]: trial for number, trial in parse_trials(done.stdout) if number < len(chosen)}
    return tuple(found.get(index) for index in range(len(texts)))


def parse_trials(output: bytes) -> list[tuple[int, Trial]]:
    """Read what the trial script writes: number, exit code, names of stubs."""
    trials = []
    for line in output.decode(errors="replace").splitlines():
        number, code, *calls = line.split()
        exit_code = None if int(code) in _TIMED_OUT else int(code)
        trials.append((int(number), Trial(exit_code=exit_code, calls=tuple(calls))))
    return trials
