"""Result files: complete or absent, private, and never through a link."""

import os
import stat
from pathlib import Path

import pytest

from piiscan.files import replacing, writable


def test_a_result_is_there_when_it_is_complete(tmp_path: Path) -> None:
    target = tmp_path / "result"
    with replacing(target) as stream:
        stream.write("å")
        assert not target.exists()
    assert target.read_bytes() == "å".encode()


def test_an_error_leaves_the_old_result(tmp_path: Path) -> None:
    def fail() -> None:
        with replacing(target) as stream:
            stream.write("new")
            raise RuntimeError

    target = tmp_path / "result"
    target.write_text("old")
    with pytest.raises(RuntimeError):
        fail()
    assert target.read_text() == "old"
    assert list(tmp_path.iterdir()) == [target]


@pytest.mark.skipif(os.name != "posix", reason="modes are those of POSIX")
def test_a_result_is_private_under_any_mask(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        with replacing(tmp_path / "result") as stream:
            stream.write("x")
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "result").stat().st_mode) == 0o600


@pytest.mark.skipif(os.name != "posix", reason="links need no privilege on POSIX")
def test_a_link_at_the_target_is_replaced_and_not_followed(tmp_path: Path) -> None:
    victim, link = tmp_path / "victim", tmp_path / "result"
    victim.write_text("mine")
    link.symlink_to(victim)
    with replacing(link) as stream:
        stream.write("x")
    assert victim.read_text() == "mine"
    assert not link.is_symlink()


def test_a_folder_is_no_target(tmp_path: Path) -> None:
    with pytest.raises(IsADirectoryError):
        writable(tmp_path)


def test_a_missing_folder_is_said_before_the_work(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        writable(tmp_path / "missing" / "result")
