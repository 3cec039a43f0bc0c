"""The words of the audit log: its actions, fields and values. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from moderation import reasons

_ACTIONS = {
    "case.dismiss": "Dismissed reports",
    "case.restore": "Restored a {noun}",
    "case.hide": "Hid a {noun}",
    "case.take_down": "Took down a {noun}",
    "case.auto_hide": "Hid a {noun} automatically",
    "case.warn": "Warned a person",
    "case.lift": "Lifted a suspension",
    "case.undo": "Undid a decision",
    "case.overturn": "Overturned a decision",
    "case.open": "Opened a case",
    "case.claim": "Took a case",
    "case.second_opinion": "Asked for a second opinion",
    "appeal.file": "Appealed a decision",
    "appeal.upheld": "Rejected an appeal",
    "appeal.overturned": "Granted an appeal",
    "case.reopen": "Reopened a case",
    "case.close": "Closed a case of something deleted",
    "case.look": "Viewed hidden media",
    "pick.add": "Made a staff pick",
    "pick.remove": "Took back a staff pick",
    "moderator.add": "Added a moderator",
    "moderator.remove": "Removed a moderator",
    "operator.add": "Added an operator",
    "operator.remove": "Removed an operator",
    "owner.add": "Added an owner",
    "owner.remove": "Removed an owner",
    "person.add": "Made an account",
    "person.credit": "Changed credits",
    "person.limits": "Changed a person's limits",
    "person.rename": "Renamed a person",
    "person.deactivate": "Deactivated an account",
    "person.activate": "Activated an account",
    "person.delete": "Deleted an account",
    "person.sign_out": "Signed a person out",
    "person.revoke_keys": "Revoked API keys",
    "person.link": "Made a link for a person",
    "person.second_factor": "Reset a second factor",
    "invite.create": "Made an invitation",
    "invite.revoke": "Revoked an invitation",
    "run.cancel": "Stopped a run",
    "run.resume": "Retried failed steps",
    "run.retry_step": "Released a step",
    "run.look_now": "Asked about a provider's job",
    "queue.pause": "Paused work",
    "queue.resume": "Resumed work",
    "queue.limit": "Changed limits",
    "server.set": "Changed a server setting",
    "server.unset": "Reset a server setting",
    "server.take_over": "Had a restored copy take over",
    "backup.make": "Asked for a backup",
    "audit.export": "Exported the audit log",
    "data.correct": "Corrected a row",
    "service.add": "Added a service",
    "service.change": "Changed a service",
    "service.try": "Tried a service",
    "service.test": "Made a test image",
    "service.look": "Looked for language models on this machine",
    "service.turn": "Turned a service on or off",
    "service.delete": "Deleted a service",
    "provider.access": "Changed who may use a provider",
}
# What is done about roles, beside `person.…`, about someone's account.
ROLE_ACTIONS = tuple(
    f"{role}.{verb}" for role in ("moderator", "operator", "owner") for verb in ("add", "remove")
)
# Of what is shown, in this order; what changed comes first.
_FIELDS = {
    "reason": "Reason",
    "filter": "Filter",
    "step": "Step",
    "note": "Note",
    "message": "Message",
    "semver": "Version",
    "reports": "Reports",
    "reverses": "Decision",
    "strike": "Strike until",
    "suspension": "Suspended until",
    "reach": "Also changed",
    "link": "Link",
    "username": "Username",
    "amount": "Amount",
    "for": "For",
    "mail": "By mail",
    "own_account": "Own account",
}
_CHANGE_LABELS = {
    "state": "Case",
    "moderation": "Visibility",
    "moderator": "Moderator",
    "operator": "Operator",
    "owner": "Owner",
    "credits": "Credits",
    "daily": "Credits a day",
    "storage": "Storage",
    "runs": "Unfinished runs",
    "name": "Name",
    "account": "Account",
    "sessions": "Sessions",
    "keys": "API keys",
    "second_factor": "Second factor",
    "status": "Run",
    "pause": "Paused",
    "at_once": "At once",
    "per_minute": "Per minute",
    "person_share": "Person's share",
    "display_name": "Display name",
    "kind": "Kind",
    "key": "Key",
    "base_url": "URL",
    "url": "URL",
    "urls": "URLs",
    "images": "Image models",
    "edits": "Edit models",
    "speech": "Speech models",
    "chat": "Chat models",
    "videos": "Video models",
    "graphs": "Graphs",
    "title": "Title",
    "is_on": "On",
    "only_chosen": "Only people chosen",
    "person": "Person",
}
# Of a value that is shown. The log holds all of it.
_LONGEST = 300
_VALUES = {
    None: "none",
    True: "Yes",
    False: "No",
    "open": "Open",
    "upheld": "Upheld",
    "dismissed": "Dismissed",
    "visible": "Visible",
    "quarantined": "Hidden",
    "removed": "Taken down",
    "queued": "Queued",
    "running": "Running",
    "waiting_for_user": "Waiting for owner",
    "completed": "Done",
    "partial_failure": "Done with errors",
    "failed": "Failed",
    "cancelled": "Stopped",
}


def action_title(code: str, noun: str = "template") -> str:
    """`Hid a template`; a code without words reads as itself. noun: what it was done to."""
    return _ACTIONS.get(code, code).replace("{noun}", noun)


def details(data: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Return what an entry says: (label, text), changes as `before → after`, new things alone."""
    before, after = data.get("before") or {}, data.get("after") or {}
    lines = [
        (
            _CHANGE_LABELS.get(name, name),
            f"{_value(before[name])} → {_value(after[name])}"
            if name in before
            else _value(after[name]),
        )
        for name in after
        if before.get(name) != after[name]
    ]
    for name, label in _FIELDS.items():
        if data.get(name):
            lines.append((label, _text_of(name, data[name])))
    return lines


def _text_of(name: str, value: Any) -> str:
    if name == "reason":
        return reasons.title(value)
    if name in ("strike", "suspension"):
        return f"{value[:16].replace('T', ' ')} UTC"
    return str(value)


def _value(value: Any) -> str:
    is_known = isinstance(value, str | bool | None) and value in _VALUES
    text = _VALUES[value] if is_known else str(value)
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"
