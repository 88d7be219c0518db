"""The gate before the protected part of the API: it asks for a token, counts what it refuses and writes it down."""

import logging
import time
from collections import Counter, deque
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum

from starlette.datastructures import Headers
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from gateway.tokens import Tokens

PROTECTED = ("/admin/", "/api/private/")
LOOPBACK = ("127.0.0.1", "::1")
RECENT_S = 5.0
MANY_REFUSALS = 20  # within RECENT_S: more than a person who mistypes makes
SUMMARY_INTERVAL_S = 1.0
UNAUTHORIZED, NOT_FOUND = 401, 404
SCHEME = "bearer "

audit_log = logging.getLogger("gateway.audit")
security_log = logging.getLogger("gateway.security")


class Reason(StrEnum):
    """Why a request was refused."""

    NO_TOKEN = "no token"  # noqa: S105 - a reason
    UNKNOWN_TOKEN = "unknown token"  # noqa: S105 - as above
    REVOKED_TOKEN = "revoked token"  # noqa: S105 - as above
    UNKNOWN_PATH = "unknown path"


@dataclass(slots=True)
class Tally:
    """What was refused and what was let in since the start."""

    clock: Callable[[], float] = time.monotonic
    refused: Counter[Reason] = field(default_factory=Counter)
    accepted: Counter[str] = field(default_factory=Counter)  # by holder
    _recent: deque[float] = field(default_factory=lambda: deque(maxlen=10_000))

    def refuse(self, reason: Reason) -> None:
        """Count one refused request."""
        self.refused[reason] += 1
        self._recent.append(self.clock())

    def refused_recently(self) -> int:
        """How many within the last ``RECENT_S``; stops counting at 10,000."""
        while self._recent and self._recent[0] < self.clock() - RECENT_S:
            self._recent.popleft()
        return len(self._recent)


class Gate:
    """Lets requests through or refuses them.

    Without audit logging only a summary each second tells of refusals: who attacks can then not fill the disk. With
    it, every refused request and every use of a token is written down, never the token itself.
    """

    def __init__(self, tokens: Tokens, tally: Tally, *, audited: bool) -> None:
        """``tally`` is what the health and the metrics show."""
        self._tokens, self._tally, self._audited = tokens, tally, audited
        self._unsaid: Counter[Reason] = Counter()
        self._said = -SUMMARY_INTERVAL_S

    def before(self, api: ASGIApp) -> ASGIApp:
        """The same application with the gate before its protected paths."""

        async def gated(scope: Scope, receive: Receive, send: Send) -> None:
            reason = self._reason(scope) if scope["path"].startswith(PROTECTED) else None
            if reason is None:
                await api(scope, receive, send)
                return
            self.refuse(scope, reason, UNAUTHORIZED)
            answer = JSONResponse({"error": str(reason)}, UNAUTHORIZED, {"WWW-Authenticate": "Bearer"})
            await answer(scope, receive, send)

        return gated

    def refuse(self, scope: Scope, reason: Reason, status: int) -> None:
        """Count a refusal and write it down."""
        self._tally.refuse(reason)
        if self._audited:
            fields = {**_who_and_what(scope), "status": status, "reason": reason}
            audit_log.warning("refused", extra={"fields": fields})
            return
        self._unsaid[reason] += 1
        now = self._tally.clock()
        if now - self._said >= SUMMARY_INTERVAL_S:
            security_log.warning("refused requests", extra={"fields": {"reasons": dict(self._unsaid)}})
            self._unsaid.clear()
            self._said = now

    def _reason(self, scope: Scope) -> Reason | None:
        """Why the request must not pass; None after it was counted as passed."""
        client = scope.get("client")
        if client and client[0] in LOOPBACK:
            return None  # whoever has a shell in the container needs no token
        presented = Headers(scope=scope).get("authorization", "")
        if not presented.lower().startswith(SCHEME):
            return Reason.NO_TOKEN
        holder = self._tokens.holder(presented[len(SCHEME) :].strip())
        if holder is None:
            return Reason.UNKNOWN_TOKEN
        if holder in self._tokens.revoked:
            return Reason.REVOKED_TOKEN
        self._tally.accepted[holder] += 1
        if self._audited:
            audit_log.info("let in", extra={"fields": {**_who_and_what(scope), "holder": holder}})
        return None


def _who_and_what(scope: Scope) -> dict[str, object]:
    client = scope.get("client")
    return {"client": client[0] if client else None, "method": scope["method"], "path": scope["path"]}
