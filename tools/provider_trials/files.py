"""Files at a service: an upload, and how long uploads and results live there."""

from __future__ import annotations

from datetime import datetime
from urllib.parse import urlsplit

from core import clock
from core.errors import ProviderError
from tools.provider_trials import lifetimes
from tools.provider_trials.calls import Caller
from tools.provider_trials.claims import VERDICTS, Report
from tools.providers.call_files import sent_name
from tools.providers.makers import paths
from tools.providers.makers.exchange import Result
from tools.providers.makers.table import Place

# An upload that ends so much sooner than the table of times says still counts.
TOLERANCE_S = 60.0


def upload(caller: Caller, report: Report) -> None:
    """Upload an image, where the service takes files, and read how long it lives."""
    dialect, image, claim = caller.maker.dialect, caller.image(), "A file can be uploaded"
    if not dialect.upload_s:
        return
    try:
        name = sent_name(image.sha256, image.mime)
        file = dialect.upload(caller.maker.client(), image.path, name, image.mime)
    except ProviderError as problem:
        report.add(claim, "contradicted", problem.message, "upload")
        return
    where = urlsplit(file.url)
    report.add(claim, "proven", f"It is at {where.scheme}://{where.netloc}.", "upload")
    is_so, how, lives_s = None, "The service doesn't say how long.", file.lives_s
    if lives_s is not None:
        how = f"Its answer says {_hours(lives_s)}."
    elif (expiry := _expiry_of(caller, file.url)) is not None:
        lives_s = _from_now_s(expiry[0])
        how = f"Its {expiry[1]} says {_hours(lives_s)}."
    if lives_s is not None:
        is_so = lives_s > dialect.upload_s - TOLERANCE_S
    claim = f"Uploads live for {_hours(dialect.upload_s)}"
    report.add(claim, VERDICTS[is_so], how, "upload lifetime")


def result(caller: Caller, report: Report, place: Place, answer: Result | None) -> None:
    """Read how long the file of a finished job lives. answer: None for one that has no job."""
    claim = "A result says how long it lives"
    url = paths.first_at(answer.answer, place.result.path) if answer is not None else None
    if place.result.encoding != "url" or not isinstance(url, str):
        report.add(claim, "not proven", "It comes within the answer, without a URL.")
        return
    expiry = _expiry_of(caller, url)
    how = "Neither its URL nor a header says it."
    if expiry is not None:
        how = f"Its {expiry[1]} says {_hours(_from_now_s(expiry[0]))}."
    report.add(claim, VERDICTS[expiry is not None or None], how, "result lifetime")


def _expiry_of(caller: Caller, url: str) -> tuple[datetime, str] | None:
    """Return when a file ends: by its URL, else by a header."""
    if expiry := lifetimes.of_url(url):
        return expiry
    if urlsplit(url).scheme not in ("http", "https"):
        return None
    try:
        answer = caller.maker.client().without_key(url).request("HEAD", url)
    except ProviderError:
        return None
    return lifetimes.of_headers(answer.headers)


def _from_now_s(at: datetime) -> float:
    return (at - clock.now()).total_seconds()


def _hours(seconds: float) -> str:
    return f"{round(seconds / 3600, 1):g} h"
