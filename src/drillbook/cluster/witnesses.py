"""What others saw of a drill: who was told, what users inside the cluster were answered, which values are secret."""

import base64
import binascii
import json
import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime

from drillbook.cluster.client import ApiError, ClusterClient, JsonObject
from drillbook.cluster.objects import POD, SECRET, SERVICE
from drillbook.effects import Delivery
from drillbook.errors import CannotRunError
from drillbook.observation import InsideAnswer
from drillbook.settings import ContactsSettings, InsideSettings

_SHORTEST = 8
_WORD = re.compile(rb"[A-Za-z0-9_.+/-]{8,}")  # without "=", so that of NAME=value the value is one of its own
_CERTIFICATE = re.compile(rb"-----BEGIN CERTIFICATE-----.*?-----END CERTIFICATE-----", re.DOTALL)  # no secret


class ClusterWitnesses:
    """Implements ``effects.Witnesses``."""

    def __init__(
        self,
        client: ClusterClient,
        namespace: str,
        *,
        contacts: ContactsSettings | None,
        inside: InsideSettings | None,
        started_at: str,
    ) -> None:
        """``started_at`` is the wall clock at second 0 of the run."""
        self._client, self._namespace, self._contacts, self._inside = client, namespace, contacts, inside
        self._start = datetime.fromisoformat(started_at).timestamp()

    def deliveries(self, after: int = 0) -> tuple[Delivery, ...] | None:
        """All that reached the contacts after this number; None where there is no record of it."""
        contacts = self._contacts
        if contacts is None:
            return None
        path = f"{SERVICE.path(self._namespace, contacts.service)}:{contacts.port}/proxy{contacts.path}?after={after}"
        try:
            found = json.loads(self._client.read_answer(path))["deliveries"]
            return tuple(self._delivery(entry, contacts) for entry in found)
        except (CannotRunError, ValueError, KeyError, TypeError):
            return None  # nobody can be asked, so nothing is known

    def _delivery(self, entry: JsonObject, contacts: ContactsSettings) -> Delivery:
        details = entry["details"]
        return Delivery(
            number=entry["number"],
            at_s=datetime.fromisoformat(entry["time"]).timestamp() - self._start,
            service=entry["service"],
            address=next((str(details[key]) for key in contacts.address_keys if details.get(key)), ""),
            accepted=entry["accepted"],
        )

    def inside_answers(self, since_s: float) -> tuple[InsideAnswer, ...] | None:
        """What users inside were answered since a time of the run; None where there are no such users."""
        inside = self._inside
        if inside is None:
            return None
        since = datetime.fromtimestamp(self._start + since_s, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        answers: list[InsideAnswer] = []
        for pod in self._client.list_items(POD.collection(self._namespace), selector=inside.selector):
            path = POD.path(self._namespace, pod["metadata"]["name"])
            try:
                log = self._client.read_text(f"{path}/log?container={inside.container}&sinceTime={since}")
            except ApiError:
                continue  # it never started
            answers += self._answers(log)
        return tuple(sorted(answers, key=lambda answer: answer.at_s))

    def _answers(self, log: str) -> Iterator[InsideAnswer]:
        for line in log.splitlines():
            try:
                entry = json.loads(line)
                yield InsideAnswer(at_s=entry["due"] - self._start, status=int(entry["status"]))
            except (ValueError, KeyError, TypeError):
                continue  # something else that it says

    def secrets(self) -> Mapping[str, tuple[bytes, ...]]:
        """By the Secret's name, every word of its values that is long enough to be one."""
        items = self._client.list_items(SECRET.collection(self._namespace))
        return {item["metadata"]["name"]: tuple(_secret_words(item)) for item in items}


def _secret_words(item: JsonObject) -> Iterator[bytes]:
    for value in (item.get("data") or {}).values():
        try:
            plain = _CERTIFICATE.sub(b"", base64.b64decode(value)).strip()
        except binascii.Error:
            continue
        if len(plain) < _SHORTEST:
            continue
        yield value.encode()  # as the API and kubectl show it
        if not plain.split()[1:]:
            yield plain
        for word in _WORD.findall(plain):
            if any(48 <= byte <= 57 for byte in word):  # noqa: PLR2004 - a digit: of several words, names and headings have none
                yield word
