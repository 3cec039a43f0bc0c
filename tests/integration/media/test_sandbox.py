import os
import signal
import subprocess
import sys
import textwrap
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from types import SimpleNamespace

import psutil
import pytest

from core.errors import ProviderError, ProviderTimeout
from media.sandbox import Unwatched, parent, prewarm, run_in_sandbox, worker_pool
from media.sandbox.worker_pool import SandboxChild, WorkerPool
from mediakit.job_protocol import TOOLS
from tests.support.fakes.tools import PIXEL
from tests.support.faults.confining import light_children, sandbox_children, usual_children
from tests.support.waiting import WAIT_S, is_gone, promised, wait_for

JOBS = "tests.support.fakes.sandbox_jobs"
HANG = "tests.support.fakes.sandbox_programs.hang"


@pytest.fixture(scope="module", autouse=True)
def _light_children():
    yield from light_children()


@pytest.fixture(autouse=True)
def _spares(settings):
    settings.SANDBOX = {**settings.SANDBOX, "keeps_spare": True}


@pytest.fixture
def _usual_children():
    """For a test of what children import ahead of their job."""
    yield from usual_children()


class Stop(Exception):
    pass


class Watcher:
    """Remembers progress; `stop_when` decides in `check` whether the work is still wanted."""

    def __init__(self, stop_when=lambda: False):
        self.seen = []
        self.stop_when = stop_when

    def progress(self, fraction, message=""):
        self.seen.append((fraction, message))

    def check(self):
        if self.stop_when():
            raise Stop


def run(job, arguments=None, *, reads=(), out=None, timeout_s=WAIT_S, context=None, sign=None):
    return run_in_sandbox(
        job if "." in job else f"{JOBS}.{job}",
        arguments or {},
        reads=reads,
        out=out,
        timeout_s=timeout_s,
        context=context or Unwatched(),
        sign=sign,
    )


def failure(job, arguments=None, **options):
    with pytest.raises(ProviderError) as caught:
        run(job, arguments, **options)
    return caught.value


@pytest.fixture
def _short_patience(monkeypatch):
    """Jobs take 0.15 s and more, so that children are wanted at the moment they would be ended."""
    parent.close()
    monkeypatch.setattr(parent, "_pool", WorkerPool(idle_s=0.15))


def test_a_job_gets_its_arguments_and_its_folder_and_reports(tmp_path):
    watcher = Watcher()
    answer = run("echo", {"a": [1, "ü"]}, out=tmp_path, context=watcher)
    assert answer["echo"] == {"a": [1, "ü"], "out": str(tmp_path)}
    assert answer["cwd"] == str(tmp_path)
    assert watcher.seen == [(0.5, "half way"), (1.0, "there")]


def test_arguments_larger_than_a_pipe_arrive_whole():
    text = "ü" * 500_000
    assert run("echo", {"text": text})["echo"] == {"text": text}


def test_each_job_has_a_child_of_its_own_that_ends_with_it():
    first, second = run("echo")["pid"], run("echo")["pid"]
    assert first != second
    assert is_gone(first)
    assert is_gone(second)


@pytest.mark.usefixtures("_usual_children")
def test_a_warm_child_answers_at_once():
    prewarm()
    spare = parent._pool._spare.result()
    # Warm is when all imports are over: it then sleeps on its request.
    wait_for(lambda: psutil.Process(spare.process.pid).memory_info().rss > 45 << 20, "warming up")
    watcher = Watcher()
    with ExitStack() as until_heard:
        until_heard.enter_context(promised(1.5, of=[spare.process.pid]))
        # While it still runs, since the time of an ended process isn't known any more.
        watcher.progress = lambda *_: until_heard.close()
        assert run("echo", context=watcher)["pid"] == spare.process.pid


@pytest.mark.usefixtures("_usual_children")
def test_a_child_sees_no_secrets_and_no_django(monkeypatch):
    monkeypatch.setenv("DATABASE_URL", "postgres://secret")
    monkeypatch.setenv("REELGRAPH_SECRET_KEY", "secret")
    parent.close()
    prewarm()
    spare = parent._pool._spare.result()
    wait_for(lambda: psutil.Process(spare.process.pid).memory_info().rss > 45 << 20, "warming up")
    # The three standard ones and two pipes, once no module is being read any more; counted from
    # here, a child may not look.
    wait_for(lambda: psutil.Process(spare.process.pid).num_fds() <= 5, "no other descriptor")
    found = run("surroundings")
    assert "secret" not in str(found["environment"])
    assert "HOME" not in found["environment"]
    assert found["environment"]["OMP_NUM_THREADS"] == "1"
    assert found["threads"] == 1
    assert found["session"]
    assert not [name for name in found["modules"] if name.partition(".")[0] == "django"]


@pytest.mark.usefixtures("_usual_children")
def test_the_modules_of_earlier_jobs_are_imported_while_a_child_waits(tmp_path):
    (tmp_path / "a.png").write_bytes(PIXEL)
    arguments = {"path": str(tmp_path / "a.png"), "target": str(tmp_path / "b.png")}
    run("media.sandbox.reframe.reframe", arguments, reads=[tmp_path / "a.png"], out=tmp_path)
    # The child that was started during that job.
    assert "media.sandbox.reframe" in run("surroundings")["modules"]


def test_no_job_of_the_studio_loads_django_or_pydantic():
    names = [f"studio.jobs.{job}" for job in TOOLS]
    program = "import importlib, sys; [importlib.import_module(name) for name in sys.argv[1:]]"
    program += "; print({name.partition('.')[0] for name in sys.modules})"
    loaded = subprocess.check_output([sys.executable, "-c", program, *names], text=True)
    assert not {"django", "pydantic", "espeakng_loader"} & eval(loaded)


def test_what_libraries_print_is_no_reply():
    watcher = Watcher()
    assert run("chatter", context=watcher) == {"forged": False}
    assert len(watcher.seen) < 100


def test_a_refusal_reaches_people_and_is_final():
    error = failure("refuse")
    assert error.message == "This picture is upside down."
    assert (error.error_type, error.retryable) == ("PARAMETER_INVALID", False)


@pytest.mark.parametrize("job", ["fail", "no_json", "no_dict", "crash", "killed", "leave"])
def test_a_failed_or_crashed_job_may_be_tried_again_and_shows_no_traceback(job):
    error = failure(job)
    assert (error.error_type, error.retryable) == ("GPU_WORKER_FAILED", True)
    assert "secret" not in error.message
    assert "Traceback" not in error.message


@pytest.mark.skipif(sys.platform == "darwin", reason="macOS does not limit address space")
@pytest.mark.parametrize("job", ["eat_memory", "eat_memory_in_opencv"])
def test_a_job_that_wants_too_much_memory_is_refused(job):
    error = failure(job)
    assert (error.error_type, error.retryable) == ("PARAMETER_INVALID", False)
    assert "memory" in error.message


@pytest.mark.slow
def test_a_job_gets_one_signature_and_of_credentials_only():
    texts = []

    def sign(data):
        texts.append(data)
        return data[::-1]

    claim = b"\x84\x6aSignature1 and more"
    job = "ask_for_signatures"
    answer = run(job, {"texts": [claim.hex()]}, sign=sign)
    assert answer["signatures"] == [claim[::-1].hex()]
    for arguments, key in (
        ({"texts": [claim.hex()] * 2}, sign),
        ({"texts": [b"a certificate".hex()]}, sign),
        ({"texts": [claim.hex()]}, None),
    ):
        failed = failure(job, arguments, sign=key)
        assert failed.error_type == "GPU_WORKER_FAILED"
    assert texts == [claim, claim]


def test_a_result_file_past_the_limit_is_refused(tmp_path, settings):
    settings.SANDBOX = {**settings.SANDBOX, "file_bytes": 5_000_000}
    error = failure("eat_disk", out=tmp_path)
    assert (error.error_type, error.retryable) == ("PARAMETER_INVALID", False)
    assert (tmp_path / "large").stat().st_size <= 5_000_000


@pytest.mark.slow
def test_a_reply_past_the_limit_is_a_failure():
    assert failure("flood").error_type == "GPU_WORKER_FAILED"


@pytest.mark.parametrize(
    "text", ["rubbish\n", "[]\n", '{"refused": 5}\n', '{"progress": ["a", null]}\n', "\xff\n", "{"]
)
def test_a_reply_no_one_of_ours_would_send_is_a_failure(text):
    assert failure("forge", {"text": text}).error_type == "GPU_WORKER_FAILED"


@pytest.mark.slow
def test_a_job_that_takes_too_long_is_killed_with_all_it_started(tmp_path, monkeypatch):
    pids = tmp_path / "pids"
    # Its time is over once it has told of them.
    clock = SimpleNamespace(monotonic=lambda: time.monotonic() + pids.exists() * WAIT_S)
    monkeypatch.setattr(parent, "time", clock)
    error = failure(HANG, {"pids": str(pids)}, out=tmp_path)
    assert isinstance(error, ProviderTimeout)
    assert error.error_type == "GPU_WORKER_FAILED"
    child, grandchild = map(int, pids.read_text().split())
    assert is_gone(child)
    wait_for(lambda: is_gone(grandchild), "the end of the grandchild")


def test_a_job_no_one_wants_any_more_is_killed_at_once(tmp_path):
    pids = tmp_path / "pids"
    with pytest.raises(Stop):
        run(HANG, {"pids": str(pids)}, out=tmp_path, context=Watcher(pids.exists))
    child, grandchild = map(int, pids.read_text().split())
    assert is_gone(child)
    with promised(1):
        wait_for(lambda: is_gone(grandchild), "the end of the grandchild")


@pytest.mark.parametrize("function", ["os.system", "media.blobs.discard", "mediaXsandbox.f"])
def test_functions_outside_the_allowed_packages_are_refused(function):
    with pytest.raises(ValueError, match="may run"):
        run_in_sandbox(function, {}, timeout_s=5, context=Unwatched())


def test_jobs_of_tests_are_refused_outside_tests(settings):
    settings.SANDBOX_PREFIXES = ()
    with pytest.raises(ValueError, match="may run"):
        run("echo")


def test_a_spare_child_survives_the_thread_that_asked_for_it():
    parent.close()
    thread = threading.Thread(target=prewarm)
    thread.start()
    thread.join()
    spare = parent._pool._spare.result()
    assert run("echo")["pid"] == spare.process.pid


def test_a_spare_child_that_died_is_replaced():
    prewarm()
    spare = parent._pool._spare.result().process
    os.killpg(spare.pid, signal.SIGKILL)
    spare.wait()
    assert run("echo")["pid"] != spare.pid


@pytest.mark.usefixtures("_short_patience")
def test_a_child_that_no_job_uses_is_ended_and_the_next_job_gets_another(monkeypatch):
    started = []

    def start(*arguments):
        started.append(SandboxChild(*arguments))
        return started[-1]

    # It may have ended before anyone looks for it.
    monkeypatch.setattr(worker_pool, "SandboxChild", start)
    prewarm()
    wait_for(lambda: started and is_gone(started[0].process.pid), "the end of a child that waits")
    assert run("echo")["echo"] == {}
    wait_for(lambda: not sandbox_children(), "the end of the one that came after")


@pytest.mark.slow
def test_asking_again_keeps_a_waiting_child(monkeypatch):
    parent.close()
    monkeypatch.setattr(parent, "_pool", WorkerPool(idle_s=1))
    prewarm()
    spare = parent._pool._spare
    asked_until = time.monotonic() + 1.5

    def has_waited():
        prewarm()
        return spare.done() and time.monotonic() > asked_until

    wait_for(has_waited, "more than it would wait")
    assert run("echo")["pid"] == spare.result().process.pid
    parent.close()


@pytest.mark.usefixtures("_short_patience")
def test_jobs_get_their_children_while_unused_ones_are_ended():
    def work(number):
        return [run("echo", {"number": number})["echo"] for _ in range(3)]

    with ThreadPoolExecutor(2) as threads:
        answers = list(threads.map(work, range(2)))
    assert answers == [[{"number": number}] * 3 for number in range(2)]
    wait_for(lambda: not sandbox_children(), "the end of the child that waits")


PARENT = """
    import os, sys
    from pathlib import Path
    os.environ["DJANGO_SETTINGS_MODULE"] = "tests.support.settings"
    from concurrent.futures import ThreadPoolExecutor
    from django.conf import settings
    from media.sandbox import Unwatched, run_in_sandbox, worker_pool
    settings.SANDBOX["keeps_spare"] = True
    worker_pool.CHILD = "tests.support.faults.light_child"
    def run(function):
        out = Path(sys.argv[1], function)
        out.mkdir()
        run_in_sandbox(
            f"tests.support.fakes.sandbox_jobs.{function}", {"pids": str(out / "pids")}, out=out,
            timeout_s=60, context=Unwatched(),
        )
    with ThreadPoolExecutor() as threads:
        list(threads.map(run, sys.argv[2:]))
"""


def test_a_child_dies_with_its_parent_whatever_it_does(tmp_path):
    # Without the kernel's help, one that holds the interpreter lives on.
    jobs = ["hang_alone", "hold_the_interpreter"][: 2 if sys.platform == "linux" else 1]
    process = subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(PARENT), str(tmp_path), *jobs],
        env={**os.environ, "REELGRAPH_HOME": str(tmp_path / "home")},
    )
    try:
        for job in jobs:
            wait_for((tmp_path / job / "pids").exists, "the start of the job")
        program = psutil.Process(process.pid)
        children = wait_for(
            lambda: len(found := program.children(recursive=True)) > len(jobs) and found,
            "those that work and one that waits",
        )
    finally:
        process.kill()
        process.wait()
    wait_for(lambda: all(is_gone(child.pid) for child in children), "the end")
