"""Runs over registers: stopped at any moment, on a full disk, on other questions, on damaged files."""

from __future__ import annotations

import errno
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from batch_folders import AS_OF, Stopping, digests, run
from register_rows import credit_code, small

import safetyrules
from safetyrules.cli import main
from safetyrules.diagnostics import RegisterError
from safetyrules.register import answers_folder, batch_run

COMMAND = (sys.executable, "-c", "import sys; from safetyrules.cli import main; sys.exit(main())")


@pytest.fixture(scope="module")
def undisturbed(demo: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("undisturbed") / "out"
    run(demo, out, partition_rows=60, by=(("place", "grade"),), outcomes=True)
    return out


def again(demo: Path, out: Path, progress: Any = None) -> Any:
    return run(demo, out, progress, partition_rows=60, by=(("place", "grade"),), outcomes=True)


def test_what_is_written(undisturbed: Path, demo: Path) -> None:
    said = json.loads((undisturbed / "register.json").read_text(encoding="utf-8"))
    assert said["schema"] == "register/v1"
    assert said["complete"]
    assert said["totals"]["read"] == said["totals"]["answered"] == 300
    assert len(said["partitions"]) == 5
    assert said["asked"]["options"]["as_of"] == said["asked"]["options"]["law_at"] == AS_OF
    assert not list(undisturbed.rglob(".tmp*"))
    subjects = pl.read_parquet(undisturbed / "subjects")
    assert subjects["subject"].is_sorted()
    assert subjects.height == 300
    assert said["totals"]["grades"]["overall_grade"]["undetermined"] == int(
        subjects["overall_grade.undetermined"].sum()
    )
    for table in ("findings", "duties", "rejects"):
        schemas = {json.dumps({n: str(t) for n, t in pl.read_parquet_schema(f).items()})
                   for f in (undisturbed / table).iterdir()}  # fmt: skip
        assert len(schemas) == 1
    whole = safetyrules.tabulate(demo, as_of=AS_OF)
    assert subjects.equals(whole.subjects)
    assert pl.read_parquet(undisturbed / "findings").equals(whole.findings)


@pytest.mark.parametrize("error", [KeyboardInterrupt(), RuntimeError("killed")], ids=["interrupted", "failed"])
@pytest.mark.parametrize("after", [1, 3])
def test_a_stopped_run_goes_on(demo: Path, undisturbed: Path, tmp_path: Path, after: int, error: BaseException) -> None:
    out = tmp_path / "out"
    with pytest.raises(type(error)):
        again(demo, out, Stopping(after, error))
    left = digests(out)
    assert sorted(set(left) - set(digests(undisturbed))) == [".tmp-partitions.ndjson"]
    assert len([name for name in left if name.startswith("subjects")]) == after
    assert again(demo, out).kept == after
    assert digests(out) == digests(undisturbed)
    assert again(demo, out).kept == 5
    assert digests(out) == digests(undisturbed)


def test_a_killed_run_goes_on(demo: Path, undisturbed: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    command = [
        *COMMAND, "batch", str(demo), str(out), "--as-of", AS_OF, "--partition-rows", "60", "--outcomes",
        "--by", "place,grade",
    ]  # fmt: skip
    chance = random.Random(5)
    killed = 0
    for _ in range(3):
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        deadline = time.monotonic() + 60
        before = len(list((out / "subjects").glob("part*")))
        while process.poll() is None and time.monotonic() < deadline:
            if (out / ".tmp-lock").exists() and len(list((out / "subjects").glob("part*"))) > before:
                time.sleep(chance.random() * 0.3)
                break
            time.sleep(0.005)
        process.send_signal(signal.SIGKILL)
        if process.wait() == 0:
            break
        killed += 1
    assert killed >= 2
    assert subprocess.run(command, capture_output=True).returncode == 0
    assert digests(out) == digests(undisturbed)


@pytest.mark.parametrize("at", [0, 1, 18])
def test_killed_between_any_two_writes(
    demo: Path, undisturbed: Path, tmp_path: Path, at: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever is not flushed yet may also be there in part."""
    out, seen = tmp_path / "out", 0

    class Killed(BaseException):
        pass

    whole = answers_folder.AnswersFolder.write

    def write(self: Any, name: str, content: Any) -> None:
        nonlocal seen
        seen += 1
        if seen > at:
            place = self.path / name
            place.parent.mkdir(parents=True, exist_ok=True)
            place.with_name(f".tmp-{place.name}").write_bytes(bytes(content)[: len(content) // 2])
            raise Killed
        whole(self, name, content)

    with monkeypatch.context() as patch:
        patch.setattr(answers_folder.AnswersFolder, "write", write)
        with pytest.raises(Killed):
            again(demo, out)
    if (out / ".tmp-partitions.ndjson").exists():
        with (out / ".tmp-partitions.ndjson").open("ab") as file:
            file.write(b'{"name": "part-')
    again(demo, out)
    assert digests(out) == digests(undisturbed)


def test_a_partition_that_was_damaged_is_made_again(demo: Path, undisturbed: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    shutil.copytree(undisturbed, out)
    (out / "findings" / "part-00003.parquet").write_bytes(b"")
    assert again(demo, out).kept == 3
    assert digests(out) == digests(undisturbed)


@pytest.mark.parametrize(
    ("other", "word"),
    [({"law_at": "2024-01-01"}, "law_at"), ({"closed": ("*",)}, "closed"), ({"partition_rows": 30}, "partition_rows")],
)
def test_another_question_is_refused(
    demo: Path, undisturbed: Path, tmp_path: Path, other: dict[str, Any], word: str
) -> None:
    out = tmp_path / "out"
    shutil.copytree(undisturbed, out)
    with pytest.raises(safetyrules.RegisterError, match=rf"SR5101.*{word}"):
        run(demo, out, **{"partition_rows": 60, "outcomes": True, **other})
    assert digests(out) == digests(undisturbed)
    run(demo, out, **{"partition_rows": 60, "outcomes": True, **other}, overwrite=True)
    with pytest.raises(safetyrules.RegisterError, match="SR5101"):
        again(demo, out)


def test_a_register_divided_otherwise_is_not_gone_on_with(
    demo: Path, undisturbed: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Partitions end where ranges do: those of a division into other ranges do not lie beside these."""
    out = tmp_path / "out"
    shutil.copytree(undisturbed, out)
    monkeypatch.setattr(batch_run, "DIVISION", "1 row of a range")
    with pytest.raises(safetyrules.RegisterError, match=r"SR5101.*versions of the software"):
        again(demo, out)
    assert digests(out) == digests(undisturbed)


def test_another_register_is_refused_and_tables_in_memory_have_no_identity(demo: Path, tmp_path: Path) -> None:
    register = tmp_path / "register"
    shutil.copytree(demo, register)
    run(register, tmp_path / "out")
    file = next((register / "enterprise").iterdir())
    pl.read_parquet(file).with_columns(employees=pl.lit(3, dtype=pl.Int64)).write_parquet(file)
    with pytest.raises(safetyrules.RegisterError, match="other register"):
        run(register, tmp_path / "out")
    tables = {kind: frame for kind, frame in small().items() if kind != "hazmat.material"}
    run(tables, tmp_path / "memory")
    with pytest.raises(safetyrules.RegisterError, match="other register"):
        run(tables, tmp_path / "memory")


def test_a_register_that_changes_meanwhile_is_refused(demo: Path, tmp_path: Path) -> None:
    register = tmp_path / "register"
    shutil.copytree(demo, register)

    class Touching(Stopping):
        def answered(self, done: int) -> None:
            os.utime(next((register / "dust.machine").iterdir()), ns=(1, 1))

    with pytest.raises(safetyrules.RegisterError, match="SR5104"):
        run(register, tmp_path / "out", Touching(0, KeyboardInterrupt()))


def test_a_full_disk_keeps_what_is_finished(
    demo: Path,
    undisturbed: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    out = tmp_path / "out"
    command = ["batch", str(demo), str(out), "--as-of", AS_OF, "--partition-rows", "60", "--by", "place,grade",
               "--outcomes", "--lang", "en"]  # fmt: skip
    flushed = 0

    def full(descriptor: int) -> None:
        nonlocal flushed
        flushed += 1
        if flushed == 40:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with monkeypatch.context() as patch:
        patch.setattr(answers_folder.os, "fsync", full)
        assert main(command) == 2
    said = capsys.readouterr().err
    assert "SR4031" in said
    assert "goes on from there" in said
    assert not [name for name in digests(out) if ".tmp" in name and "partitions" not in name]
    assert 0 < len(list((out / "subjects").iterdir())) < 5
    assert main(command) == 0
    assert digests(out) == digests(undisturbed)


def test_a_partition_that_is_cut_short_or_drifts_is_named(demo: Path, tmp_path: Path) -> None:
    for harm, code in (("cut", "SR5001"), ("drift", "SR5020"), ("missing", "SR5020")):
        register = tmp_path / harm
        shutil.copytree(demo, register)
        file = sorted((register / "dust.collector").iterdir())[1]
        if harm == "cut":
            file.write_bytes(file.read_bytes()[:-100])
        elif harm == "drift":
            pl.read_parquet(file).with_columns(pl.col("part").cast(pl.String)).write_parquet(file)
        else:
            pl.read_parquet(file).drop("system").write_parquet(file)
        with pytest.raises(safetyrules.RegisterError) as error:
            run(register, tmp_path / "out")
        (problem,) = error.value.diagnostics
        assert problem.code == code
        assert problem.path == str(file)
        assert harm == "cut" or ("part" if harm == "drift" else "system") in problem.message.en


def test_damage_found_on_the_way_is_named(demo: Path, tmp_path: Path) -> None:
    register, out = tmp_path / "register", tmp_path / "out"
    shutil.copytree(demo, register)
    file = sorted((register / "enterprise").iterdir())[2]
    content = bytearray(file.read_bytes())
    content[4:600] = b"\xff" * 596
    file.write_bytes(content)
    with pytest.raises(safetyrules.RegisterError) as error:
        run(register, out)
    assert {each.code for each in error.value.diagnostics} == {"SR5021"}
    assert error.value.diagnostics[0].path == str(file)
    assert "column" in error.value.diagnostics[0].message.en


def test_nothing_else_is_overwritten_and_two_do_not_write_at_once(demo: Path, tmp_path: Path) -> None:
    mine = tmp_path / "mine"
    (mine / "subjects").mkdir(parents=True)
    (mine / "subjects" / "notes.txt").write_text("mine")
    for overwrite in (False, True):
        with pytest.raises(safetyrules.RegisterError, match="SR5103"):
            run(demo, mine, overwrite=overwrite)
    assert digests(mine).keys() == {"subjects/notes.txt"}
    with answers_folder.opened(tmp_path / "out"), pytest.raises(safetyrules.RegisterError, match="SR5102"):
        run(demo, tmp_path / "out")


def test_what_is_set_aside_is_said_first(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    register = tmp_path / "register"
    register.mkdir()
    keys = [credit_code(number) for number in range(6)]
    bad = pl.DataFrame({"subject": [*keys, keys[5], None], "employees": ["1", "-2", "x", "4", "5", "6", "7", "8"]})
    bad.write_csv(register / "enterprise.csv")
    assert main(["batch", str(register), str(tmp_path / "out"), "--as-of", AS_OF, "--lang", "en"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "set aside, not decided: 5 of 8 subjects (SR1005 1, SR1006 1, SR5031 1, SR5032 1)"
    assert lines[1] == "Overall hazard grade undetermined: 3 of 3"
    assert lines[2] == "Overall hazard grade: undetermined 3"
    rejects = pl.read_parquet(tmp_path / "out" / "rejects")
    assert rejects.height == 5
    assert main(["batch", str(register), str(tmp_path / "out"), "--as-of", AS_OF, "--lang", "zh"]) == 0
    assert capsys.readouterr().out.startswith("搁置未判定：5 户，共读取 8 户（SR1005 1、")


def test_an_empty_register_has_empty_tables(tmp_path: Path) -> None:
    result = run({"enterprise": pl.DataFrame({"subject": []}, schema={"subject": pl.String})}, tmp_path / "out")
    assert result.totals.read == 0
    assert (
        pl.read_parquet(tmp_path / "out" / "subjects").schema == safetyrules.tabulate([], as_of=AS_OF).subjects.schema
    )


def test_interrupted_on_the_command_line(
    demo: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    from safetyrules.register import batch_run

    def interrupted(*arguments: Any) -> Any:
        raise KeyboardInterrupt

    monkeypatch.setattr(batch_run, "run_batch", interrupted)
    assert main(["batch", str(demo), str(tmp_path / "out"), "--as-of", AS_OF, "--lang", "en"]) == 130
    assert capsys.readouterr().err.count("\n") == 1


def test_roll_ups_count_every_subject_at_every_level(demo: Path, undisturbed: Path, tmp_path: Path) -> None:
    frame = pl.read_parquet(undisturbed / "summary" / "place-grade.parquet")
    levels = frame.group_by("place.level").agg(pl.col("subjects").sum()).rows()
    assert dict(levels) == dict.fromkeys(("country", "province", "prefecture", "county"), 300)
    out = tmp_path / "out"
    shutil.copytree(undisturbed, out)
    result = run(demo, out, partition_rows=60, outcomes=True, by=(("sector", "grade"), ("tier", "size_class")))
    assert result.kept == 5
    subjects = pl.read_parquet(out / "subjects")
    by_sector = {(s, g): n for s, g, n in result.summaries["sector-grade"].rows()}
    assert by_sector["dust", "red"] == int((subjects["dust.grade"] == "red").sum())
    assert result.summaries["tier-size_class"]["subjects"].sum() == 300
    assert sorted(json.loads((out / "register.json").read_text())["summaries"]) == [
        "summary/place-grade.parquet",
        "summary/sector-grade.parquet",
        "summary/tier-size_class.parquet",
    ]
    with pytest.raises(safetyrules.RequestError, match="grade"):
        run(demo, out, by=(("grad",),))


@pytest.mark.parametrize(
    ("bad", "reason"),
    [
        ("b,2,3,4", "line 4 has 4 cells, the header 2"),
        ('b,"2', "a quote that opens on line 4 never closes"),
        ('"b\n",2,3', "line 4 has 3 cells, the header 2"),
    ],
)
def test_the_line_of_a_text_file_that_cannot_be_read_is_told(tmp_path: Path, bad: str, reason: str) -> None:
    """A table may have many files, and a file millions of lines."""
    table = tmp_path / "register" / "enterprise"
    table.mkdir(parents=True)
    (table / "1.csv").write_text("subject,name\na,甲\n", encoding="utf-8")
    (table / "2.csv").write_text(f'subject,name\nc,"乙\n"\n{bad}\nd,丙\n', encoding="gb18030")
    with pytest.raises(RegisterError) as caught:
        run(tmp_path / "register", tmp_path / "out")
    (problem,) = caught.value.diagnostics
    assert (problem.code, problem.path) == ("SR5001", str(table / "2.csv"))
    assert problem.message.en.endswith(reason)
    assert [name for name in digests(tmp_path / "out") if name.endswith(".parquet")] == []


def test_the_arrow_file_that_cannot_be_read_is_told(tmp_path: Path) -> None:
    table = tmp_path / "register" / "enterprise"
    table.mkdir(parents=True)
    rows = pl.DataFrame({"subject": [f"k{number:05d}" for number in range(3000)]})
    rows.write_ipc(table / "1.arrow")
    rows.write_ipc(table / "2.arrow")
    content = bytearray((table / "2.arrow").read_bytes())
    content[len(content) // 3 : len(content) // 3 + 2000] = b"\xaa" * 2000
    (table / "2.arrow").write_bytes(content)
    with pytest.raises(RegisterError) as caught:
        run(tmp_path / "register", tmp_path / "out")
    assert [(each.code, each.path) for each in caught.value.diagnostics] == [("SR5001", str(table / "2.arrow"))]
