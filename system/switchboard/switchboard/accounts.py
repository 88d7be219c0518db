"""What the played services know: tokens, channels, routing keys and pages."""

import json
from dataclasses import dataclass, fields
from pathlib import Path


class AccountsError(Exception):
    """The accounts file cannot be used."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Accounts:
    """Whatever is not in here is refused as the real service refuses it."""

    slack_tokens: frozenset[str]
    slack_channels: frozenset[str]
    slack_webhooks: dict[str, str]  # path after /services/ → channel
    pagerduty_routing_keys: dict[str, str]  # key → the service that it belongs to
    statuspage_api_keys: frozenset[str]
    statuspage_pages: frozenset[str]


def load(path: Path) -> Accounts:
    """Read the accounts file.

    Raises:
        AccountsError: It is absent, is not JSON, or its keys are not the expected ones.
    """
    try:
        values = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as problem:
        raise AccountsError(f"{path}: {problem}") from problem
    expected = {field.name for field in fields(Accounts)}
    if not isinstance(values, dict) or set(values) != expected:
        raise AccountsError(f"{path}: the keys must be {', '.join(sorted(expected))}")
    webhooks, routing_keys = dict(values.pop("slack_webhooks")), dict(values.pop("pagerduty_routing_keys"))
    return Accounts(
        slack_webhooks=webhooks,
        pagerduty_routing_keys=routing_keys,
        **{name: frozenset(found) for name, found in values.items()},
    )
