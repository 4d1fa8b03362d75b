"""Work aside comes back in order, and ends with whoever gave it."""

import os
import subprocess
import sys
from functools import partial
from pathlib import Path
from threading import Event

import pytest
from samples import EMAIL, PERSON, write

from piiscan.anonymize.aside import AHEAD, Aside

# Interrupts itself at a later moment each time, as somebody in a notebook may.
INTERRUPTED = """
import shutil, signal, sys
from pathlib import Path
from piiscan.anonymize import Job, policy_scanner, rewrite_tree
from piiscan.policy import load

signal.signal(signal.SIGALRM, signal.default_int_handler)
policy = load("nordic-default")
scanner = policy_scanner(policy, key=bytes(32))
target = Path("copy")
ended = 0
for moment in range(1, int(sys.argv[1])):
    job = Job(roots=("archive",), policy=policy, scanner=scanner, target=target, key=bytes(32))
    try:
        signal.setitimer(signal.ITIMER_REAL, 0.01 * moment)
        for event in rewrite_tree(job):
            pass
        signal.setitimer(signal.ITIMER_REAL, 0)
    except KeyboardInterrupt:
        ended += 1
    shutil.rmtree(target, ignore_errors=True)
print(ended)
"""


def test_what_comes_back_is_in_order() -> None:
    with Aside[int](pytest.fail) as aside:
        for number in range(20):
            aside.give(partial(int, number))
        early = [one for one in aside.done() if one is not None]
        assert len(early) >= 20 - AHEAD
        late = [one for one in aside.done(0) if one is not None]
    assert early + late == list(range(20))


def test_whoever_waits_hears_of_it() -> None:
    go = Event()
    with Aside[bool](pytest.fail) as aside:
        aside.give(go.wait)
        assert list(aside.done()) == []
        waiting = aside.done(0)
        assert next(waiting) is None
        go.set()
        assert True in list(waiting)


def test_what_a_piece_raises_is_raised() -> None:
    stopped: list[int] = []

    def give_and_take() -> None:
        with Aside[int](partial(stopped.append, 1)) as aside:
            aside.give(partial(int, "no number"))
            list(aside.done(0))

    with pytest.raises(ValueError, match="no number"):
        give_and_take()
    assert stopped == [1]


def test_nothing_is_begun_after_the_end() -> None:
    go = Event()
    begun: list[int] = []

    def give_and_end() -> None:
        with Aside[object](go.set) as aside:
            aside.give(go.wait)
            aside.give(partial(begun.append, 1))
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        give_and_end()
    assert begun == []


@pytest.mark.skipif(os.name != "posix", reason="signals are those of POSIX")
def test_an_interrupt_at_any_moment_ends_a_rewrite(tmp_path: Path) -> None:
    for at in range(10):
        text = f"Mitt personnummer är {PERSON}. Mejla {EMAIL}, tack.\n"
        write(tmp_path / "archive" / f"{at}.txt", text * 1000)
    done = subprocess.run(  # noqa: S603 - our own program
        [sys.executable, "-c", INTERRUPTED, "25"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert int(done.stdout) > 0
