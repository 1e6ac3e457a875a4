"""The folder of the cache: the user's alone, whole files, not more than so many."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from kept_law import ENTERPRISES, from_cache, load

from safetyrules.cache import cache_at, cache_in_use
from safetyrules.cache import folder as folders
from safetyrules.cache.folder import Folder, UnusableError


def test_what_is_written_is_read(tmp_path: Path) -> None:
    folder = Folder(tmp_path / "new" / "cache")
    assert folder.read("a.program") is None
    folder.write("a.program", b"content")
    assert bytes(folder.read("a.program") or b"") == b"content"
    folder.write("a.program", b"other")
    assert bytes(folder.read("a.program") or b"") == b"other"
    assert folder.path.stat().st_mode & 0o777 == 0o700
    assert (folder.path / "a.program").stat().st_mode & 0o777 == 0o600
    assert [path.name for path in folder.path.iterdir()] == ["a.program"]


@pytest.mark.parametrize("mode", [0o777, 0o770, 0o702, 0o1777])
def test_a_folder_that_others_can_write_is_not_used(tmp_path: Path, mode: int) -> None:
    load(tmp_path / "cache").assess({}, as_of="2024-01-01")
    before = {path.name: path.read_bytes() for path in (tmp_path / "cache").iterdir()}
    (tmp_path / "cache").chmod(mode)
    program = load(tmp_path / "cache")
    assert not from_cache(program)
    answer = program.assess(ENTERPRISES[1], as_of="2024-01-01")
    assert answer["grade"].value == "red"
    assert [notice.code for notice in answer.notices if notice.path] == ["SR4007"]
    assert {path.name: path.read_bytes() for path in (tmp_path / "cache").iterdir()} == before
    folder = Folder(tmp_path / "cache")
    folder.write("a.plan", b"content")
    assert folder.read("a.plan") is None
    (tmp_path / "cache").chmod(0o700)
    assert folder.read("a.plan") is None
    assert from_cache(load(tmp_path / "cache"))


def test_a_folder_of_another_user_is_not_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    Folder(tmp_path / "cache").write("a.plan", b"content")
    other = os.geteuid() + 1
    monkeypatch.setattr(os, "geteuid", lambda: other)
    assert Folder(tmp_path / "cache").read("a.plan") is None
    with pytest.raises(UnusableError) as caught:
        Folder(tmp_path / "cache").usable()
    assert caught.value.unsafe


@pytest.mark.parametrize("mode", [0o660, 0o602])
def test_a_file_that_others_can_write_is_not_read(tmp_path: Path, mode: int) -> None:
    folder = Folder(tmp_path / "cache")
    folder.write("a.plan", b"content")
    (folder.path / "a.plan").chmod(mode)
    assert folder.read("a.plan") is None
    folder.write("a.plan", b"content")
    assert bytes(folder.read("a.plan") or b"") == b"content"


def test_only_plain_files_are_read(tmp_path: Path) -> None:
    folder = Folder(tmp_path / "cache")
    folder.write("a.plan", b"content")
    (folder.path / "a.plan").rename(tmp_path / "elsewhere")
    (folder.path / "a.plan").symlink_to(tmp_path / "elsewhere")
    assert folder.read("a.plan") is None
    (folder.path / "b.plan").mkdir()
    assert folder.read("b.plan") is None
    os.mkfifo(folder.path / "c.plan")
    assert folder.read("c.plan") is None


def test_a_content_under_another_name_is_not_read(tmp_path: Path) -> None:
    folder = Folder(tmp_path / "cache")
    folder.write("a.plan", b"content")
    (folder.path / "a.plan").rename(folder.path / "b.plan")
    assert folder.read("b.plan") is None


def test_what_cannot_be_written_is_not_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").write_text("")
    folder = Folder(tmp_path / "file" / "cache")
    folder.write("a.plan", b"content")
    assert folder.read("a.plan") is None
    full = Folder(tmp_path / "full")

    def no_space(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "replace", no_space)
    full.write("a.plan", b"content")
    assert list(full.path.iterdir()) == []


def test_a_huge_content_is_not_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(folders, "LARGEST", 100)
    folder = Folder(tmp_path / "cache")
    folder.write("a.plan", b"c" * 101)
    assert not folder.path.exists()


def test_the_last_used_stay(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(folders, "FILES_KEPT", 3)
    folder = Folder(tmp_path / "cache")
    (tmp_path / "cache").mkdir(0o700)
    (tmp_path / "cache" / "unrelated").write_text("")
    for number in range(5):
        folder.write(f"{number}.plan", b"content")
        os.utime(folder.path / f"{number}.plan", (number, number))
        if number >= 1:
            assert folder.read("0.plan" if number < 4 else "4.plan") is not None
            os.utime(folder.path / "0.plan", (10, 10))
    assert sorted(path.name for path in folder.path.iterdir()) == ["0.plan", "3.plan", "4.plan", "unrelated"]


def test_files_of_tests_do_not_drive_out_plans(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(folders, "FILES_KEPT", 1)
    monkeypatch.setattr(folders, "PARTS_KEPT", 2)
    folder = Folder(tmp_path / "cache")
    for number, name in enumerate(["a.plan", "b.plan", "a.parts", "b.parts", "c.parts"]):
        folder.write(name, b"content")
        os.utime(folder.path / name, (number, number))
    folder.write("d.parts", b"content")
    assert sorted(path.name for path in folder.path.iterdir()) == ["b.plan", "c.parts", "d.parts"]


def test_what_was_never_finished_is_removed(tmp_path: Path) -> None:
    folder = Folder(tmp_path / "cache")
    folder.write("a.plan", b"content")
    for name, age in (("old.part", 10_000), ("new.part", 0)):
        (folder.path / name).write_bytes(b"")
        moment = (folder.path / "a.plan").stat().st_mtime - age
        os.utime(folder.path / name, (moment, moment))
    folder.write("b.plan", b"content")
    assert sorted(path.name for path in folder.path.iterdir()) == ["a.plan", "b.plan", "new.part"]


def test_a_system_without_owners_has_no_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(folders, "_SYSTEM_HAS_OWNERS", False)
    assert [notice.code for notice in cache_at(tmp_path / "cache").notices] == ["SR4007"]
    assert not from_cache(load(tmp_path / "cache"))
    assert not from_cache(load(tmp_path / "cache"))


def test_the_environment_names_the_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SAFETYRULES_CACHE", str(tmp_path / "cache"))
    found = cache_in_use()
    assert found is not None
    assert found.notices == ()
    monkeypatch.setenv("SAFETYRULES_CACHE", "off")
    assert cache_in_use() is None
    monkeypatch.delenv("SAFETYRULES_CACHE")
    monkeypatch.setattr("safetyrules.cache._default", None)
    assert cache_in_use() is None
