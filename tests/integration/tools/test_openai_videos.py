"""Videos are jobs at the service: paid once, parked while they are made, fetched at the end."""

from __future__ import annotations

import io
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from core.errors import ProviderError, ProviderRefused, ProviderUnsure
from tests.support.builders.jobs import Context, job, medium, run
from tests.support.fakes.openai_server import OpenAIServer, Reply, failure, film
from tests.support.waiting import WAIT_S, promised, wait_for
from tools.providers.base import Parked, Stopped
from tools.providers.openai import OpenAIProvider

Make = Callable[..., OpenAIProvider]


def drawn(path: Path, size: tuple[int, int] = (96, 64)) -> Any:
    """A picture as a step's input."""
    Image.fromarray(np.full((size[1], size[0], 3), (40, 60, 80), np.uint8)).save(path)
    return medium(path, width=size[0], height=size[1])


def test_a_film_is_a_job_that_is_remembered_and_waited_for(
    make: Make, server: OpenAIServer, tmp_path: Path
):
    context = Context()
    media = {"image": (drawn(tmp_path / "a.png"),)}
    arguments = {"prompt": "it turns", "duration": 5, "numberOfVariations": 2}
    outcome = run(
        make(), tmp_path / "out", "animate_photo", arguments, media=media, context=context
    )
    known = [(one["videos"], one["is_asking"]) for one in context.remembered]
    both = ["video_1", "video_2"]
    assert known[:3] == [(["video_1"], False), (["video_1"], True), (both, False)]
    assert known[-1] == (both, False)
    asked = server.calls("/videos")
    assert [one.body["seconds"] for one in asked] == ["4", "4"]
    assert asked[0].body["size"] == "1280x720"
    assert Image.open(io.BytesIO(asked[0].files[0][1])).size == (1280, 720)
    assert [file.kind for file in outcome.files] == ["video", "video"]
    assert outcome.files[0].duration_s == pytest.approx(1, abs=0.1)
    assert "sora-2 makes 4, 8 or 12 s. Made 4 s instead of 5 s." in outcome.warnings
    assert context.heard[-1] == 1


def lose_a_worker_at_its_second_submit(
    provider: OpenAIProvider, server: OpenAIServer, folder: Path
) -> Context:
    """The worker ends while the service has the request for the second of three videos."""
    first = {"id": "video_1", "status": "completed", "progress": 100}
    server.jobs["video_1"] = {**first, "looked": 0, "file": film()}
    server.replies["/videos"] += [Reply(body=first), Reply(hold=threading.Event())]
    context = Context()

    def work() -> None:
        arguments = {"prompt": "x", "numberOfVariations": 3}
        with pytest.raises(Stopped):
            run(provider, folder, "generate_video", arguments, context=context)

    working = threading.Thread(target=work)
    working.start()
    wait_for(lambda: len(server.calls("/videos")) == 2, "the second video asked for")
    with promised(5):
        context.stop()
        working.join(WAIT_S)
    assert not working.is_alive()
    return context


def test_a_video_whose_submit_was_not_answered_is_not_paid_again(
    make: Make, server: OpenAIServer, tmp_path: Path
):
    provider = make()
    lost = lose_a_worker_at_its_second_submit(provider, server, tmp_path / "lost")
    look = Looks(provider, tmp_path, numberOfVariations=3)
    look.context.remembered = lost.remembered
    outcome = look()
    assert [file.meta["job"] for file in outcome.files] == ["video_1"]
    assert outcome.missing == 2
    assert any("may already have been charged" in said for said in outcome.warnings)
    assert len(server.calls("/videos")) == 2


def test_a_service_that_knows_repeated_requests_is_asked_for_the_rest(
    make: Make, server: OpenAIServer, tmp_path: Path
):
    provider = make(idempotency_key=True)
    lost = lose_a_worker_at_its_second_submit(provider, server, tmp_path / "lost")
    context = Context()
    outcome = run(
        provider,
        tmp_path / "next",
        "generate_video",
        {"prompt": "x", "numberOfVariations": 3},
        job_ref=lost.remembered[-1],
        context=context,
    )
    assert (len(outcome.files), outcome.missing) == (3, 0)
    keys = [asked.headers["idempotency-key"] for asked in server.calls("/videos")]
    assert keys == [f"run:step:1:{place}" for place in (0, 1, 1, 2)]


def test_a_video_that_was_not_asked_for_yet_is_submitted_by_the_next_worker(
    make: Make, server: OpenAIServer, tmp_path: Path
):
    provider = make()
    lost = lose_a_worker_at_its_second_submit(provider, server, tmp_path / "lost")
    outcome = run(
        provider,
        tmp_path / "next",
        "generate_video",
        {"prompt": "x", "numberOfVariations": 3},
        job_ref=lost.remembered[0],
    )
    assert (len(outcome.files), outcome.missing) == (3, 0)
    assert len(server.calls("/videos")) == 4


def test_an_outage_does_not_count_as_work(
    make: Make, server: OpenAIServer, tmp_path: Path, at: Callable[[float], None]
):
    server.jobs_may_end.clear()
    look = Looks(make(video_timeout_s=1800), tmp_path)
    assert isinstance(look(), Parked)
    for minute in range(1, 32):
        at(60 * minute)
        server.replies["/videos/video_1"].append(failure(503, "Down."))
        assert_says_nothing_of_the_job(look)
    at(60 * 32)
    assert isinstance(look(), Parked)
    # The service worked on, so it is given the rest of its time.
    server.jobs_may_end.set()
    assert len(look().files) == 1
    assert len(server.calls("/videos")) == 1


def test_a_job_that_is_refused_or_lost_ends_the_call(
    make: Make, server: OpenAIServer, tmp_path: Path
):
    with pytest.raises(ProviderRefused, match="Blocked"):
        run(make(), tmp_path / "out", "generate_video", {"prompt": "forbidden"})
    with pytest.raises(ProviderError, match="returned 404") as caught:
        run(make(), tmp_path / "out", "generate_video", {"prompt": "x"}, job_ref={"videos": ["v9"]})
    assert not caught.value.retryable
    assert len(server.calls("/videos")) == 1


def test_each_job_is_stopped_whatever_becomes_of_the_others(make: Make, server: OpenAIServer):
    jobs = [f"video_{place}" for place in range(1, 5)]
    for job_id in jobs:
        server.jobs[job_id] = {"status": "in_progress", "file": film(), "looked": 0}
    server.replies["/videos/video_1"].append(failure(409, "It can't be stopped now."))
    server.replies["/videos/video_2"].append(Reply(204))
    server.replies["/videos/video_3"].append(Reply(drop=True))
    make().cancel({"videos": jobs})
    wait_for(lambda: server.jobs["video_4"]["status"] == "deleted", "the last job stopped")
    assert all(len(server.calls(f"/videos/{job_id}", "DELETE")) == 1 for job_id in jobs)


class Looks:
    """Looks at one call as workers do, one after the other, each in a folder of its own."""

    def __init__(self, provider: OpenAIProvider, folder: Path, **arguments: Any) -> None:
        self.provider, self.folder, self.count = provider, folder, 0
        self.arguments = {"prompt": "x", **arguments}
        self.context = Context()

    def __call__(self) -> Any:
        """What the look gives: Parked or the outcome."""
        self.count += 1
        known = self.context.remembered[-1] if self.context.remembered else None
        out = self.folder / f"look-{self.count}"
        asked = job(out, "generate_video", self.arguments, job_ref=known)
        try:
            return self.provider.run(asked, self.context)
        except Parked as parked:
            return parked


def assert_says_nothing_of_the_job(look: Looks) -> ProviderError:
    """The look fails with an error after which the engine looks again, for up to a day."""
    with pytest.raises(ProviderError) as caught:
        look()
    assert caught.value.retryable, caught.value.message
    assert not caught.value.ends_job
    assert not isinstance(caught.value, ProviderUnsure)
    return caught.value


HTML = {"Content-Type": "text/html"}
NOT_OF_THE_JOB: dict[str, Reply] = {
    "a key that was replaced": failure(401, "Incorrect API key.", code="invalid_api_key"),
    "a project without leave": failure(403, "Your project has no access."),
    "an account out of credit": failure(429, "Quota.", code="insufficient_quota"),
    "a redirect": Reply(302, b"", {"Location": "https://maintenance.example.org/"}),
    "a page of maintenance": Reply(200, b"<!doctype html><p>Back soon", HTML),
    "a proxy's 404": Reply(404, b"<html>404 Not Found</html>", HTML),
    "a framework's 404": Reply(404, {"detail": "Not Found"}),
    "a gateway's JSON": Reply(404, {"message": "no Route matched with those values"}),
    "a proxy's 499": Reply(499, b""),
    "an error of 200": Reply(200, {"error": {"message": "Busy."}}),
    "no answer": Reply(drop=True),
    "an answer that breaks off": Reply(body=b"{", cut=1),
    "a failure in words": failure(500, "Oops."),
    **{f"a bare {status}": Reply(status, b"") for status in (401, 403, 404, 408, 429)},
    **{f"a bare {status}": Reply(status, b"") for status in (500, 502, 503)},
}


def test_what_is_not_said_of_the_job_does_not_end_it(
    make: Make, server: OpenAIServer, tmp_path: Path
):
    server.looks = 1
    look = Looks(make(), tmp_path)
    assert isinstance(look(), Parked)
    for part in ("", "/content"):
        for name, reply in NOT_OF_THE_JOB.items():
            asked = len(server.calls(f"/videos/video_1{part}", "GET"))
            server.replies[f"/videos/video_1{part}"].append(reply)
            assert_says_nothing_of_the_job(look)
            assert len(server.calls(f"/videos/video_1{part}", "GET")) > asked, name
    assert len(look().files) == 1
    assert len(server.calls("/videos")) == 1


def test_a_connection_that_only_the_operator_can_fix_does_not_end_a_job(
    make: Make, server: OpenAIServer, tmp_path: Path
):
    look = Looks(make(), tmp_path)
    assert isinstance(look(), Parked)
    look.provider = make(base_url=server.url.replace("http://", "https://"))
    assert_says_nothing_of_the_job(look)


OF_THE_JOB: dict[str, tuple[Reply, type[ProviderError]]] = {
    "gone": (failure(404, "Video not found."), ProviderError),
    "gone, in a detail": (Reply(404, {"detail": "Video not found"}), ProviderError),
    "deleted": (failure(410, "Video was deleted."), ProviderError),
    "refused": (failure(403, "No.", code="content_policy_violation"), ProviderRefused),
}


@pytest.mark.parametrize(("reply", "kind"), OF_THE_JOB.values(), ids=OF_THE_JOB)
@pytest.mark.parametrize("part", ["", "/content"])
def test_what_the_service_says_of_the_job_ends_it(
    make: Make,
    server: OpenAIServer,
    tmp_path: Path,
    reply: Reply,
    kind: type[ProviderError],
    part: str,
):
    server.looks = 1
    look = Looks(make(), tmp_path)
    assert isinstance(look(), Parked)
    server.replies[f"/videos/video_1{part}"].append(reply)
    with pytest.raises(kind) as caught:
        look()
    assert not caught.value.retryable


def test_a_clip_that_cannot_be_used_is_not_fetched_for_a_day(
    make: Make, server: OpenAIServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    server.looks = 1
    look = Looks(make(), tmp_path)
    assert isinstance(look(), Parked)
    damaged = Reply(200, b"no film", {"Content-Type": "video/mp4"})
    server.replies["/videos/video_1/content"].append(damaged)
    with pytest.raises(ProviderError, match="can't be used") as caught:
        look()
    assert not caught.value.retryable
    monkeypatch.setattr("tools.providers.http.FILE_LIMIT", 1 << 10)
    with pytest.raises(ProviderError, match="the most taken here") as caught:
        look()
    assert not caught.value.retryable


def test_pauses_grow_with_the_age_of_the_job(
    make: Make, server: OpenAIServer, tmp_path: Path, at: Callable[[float], None]
):
    server.jobs_may_end.clear()
    look = Looks(make(poll_s=3), tmp_path)
    pauses, now = [], 0.0
    for _ in range(60):
        at(now)
        parked = look()
        assert isinstance(parked, Parked)
        pauses.append(parked.after_s)
        now += parked.after_s
    assert pauses[0] == 3
    assert pauses == sorted(pauses)
    assert pauses[-1] == 60
    # Of ten minutes, a few dozen looks.
    assert sum(sum(pauses[:place]) < 600 for place in range(60)) < 45
    assert look.context.submitted == 1


def test_a_clock_that_is_set_neither_ends_a_job_nor_keeps_it_for_ever(
    make: Make, server: OpenAIServer, tmp_path: Path, at: Callable[[float], None]
):
    server.jobs_may_end.clear()
    look = Looks(make(video_timeout_s=600), tmp_path)
    # A step counts as two minutes, however long it was.
    for seconds in (0, 86_400, -86_400, 86_400, 86_460, 86_520, 86_700, 86_820):
        at(seconds)
        assert isinstance(look(), Parked)
    at(86_940)
    with pytest.raises(ProviderUnsure, match="has worked on it for 600 seconds"):
        look()
    # Its owner goes on with it: the time starts again.
    assert isinstance(look(), Parked)
    assert len(server.calls("/videos")) == 1


def test_clips_are_fetched_once_when_all_jobs_are_over(
    make: Make, server: OpenAIServer, tmp_path: Path
):
    server.jobs_may_end.clear()
    look = Looks(make(), tmp_path, numberOfVariations=3)
    assert look().fraction < 0.5
    server.end_job("video_2")
    server.end_job("video_3", "failed")
    parked = look()
    assert 0.66 < parked.fraction < 1
    assert not server.calls("/videos/video_2/content", "GET")
    server.end_job("video_1")
    outcome = look()
    assert [file.meta["job"] for file in outcome.files] == ["video_1", "video_2"]
    assert outcome.missing == 1
    assert len(server.calls("/videos/video_2/content", "GET")) == 1
    assert len(server.calls("/videos")) == 3


def test_what_could_not_be_submitted_is_not_submitted_at_a_later_look(
    make: Make, server: OpenAIServer, tmp_path: Path
):
    server.jobs_may_end.clear()
    # The service takes the first, and is too busy for the second.
    first = {"id": "video_1", "status": "queued"}
    server.replies["/videos"] += [Reply(body=first), failure(429, "Slow down.")]
    server.jobs["video_1"] = {**first, "progress": 0, "looked": 0, "file": film()}
    look = Looks(make(), tmp_path, numberOfVariations=2)
    assert isinstance(look(), Parked)
    assert isinstance(look(), Parked)
    server.end_job("video_1")
    outcome = look()
    assert (len(outcome.files), outcome.missing) == (1, 1)
    assert any(said.startswith("Some results are missing: ") for said in outcome.warnings)
    assert len(server.calls("/videos")) == 2


def test_a_look_that_fails_asks_for_the_rest_that_the_service_wants(
    make: Make, server: OpenAIServer, tmp_path: Path
):
    server.jobs_may_end.clear()
    look = Looks(make(), tmp_path, numberOfVariations=2)
    assert isinstance(look(), Parked)
    server.replies["/videos/video_1"].append(failure(503, "Down."))
    server.replies["/videos/video_2"].append(
        failure(429, "Slow down.", headers={"Retry-After": "70"})
    )
    assert assert_says_nothing_of_the_job(look).retry_after_s == 70
    # The other job's answer doesn't take the rest away.
    server.replies["/videos/video_2"].append(failure(503, "Down.", headers={"Retry-After": "9"}))
    assert assert_says_nothing_of_the_job(look).retry_after_s == 9


def test_a_job_of_an_earlier_release_is_gone_on_with(
    make: Make, server: OpenAIServer, tmp_path: Path
):
    server.jobs["v1"] = {"id": "v1", "status": "completed", "progress": 100}
    server.jobs["v1"] |= {"looked": 0, "file": film()}
    outcome = run(
        make(), tmp_path / "out", "generate_video", {"prompt": "x"}, job_ref={"videos": ["v1"]}
    )
    assert len(outcome.files) == 1
    assert not server.calls("/videos")
