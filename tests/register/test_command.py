"""``safetyrules map`` and the register as a resource."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from register_rows import small

from safetyrules.cli import main
from safetyrules.register.register import open_register


def written(folder: Path) -> Path:
    for kind, frame in small().items():
        frame.write_csv(folder / f"{kind}.csv")
    return folder


def test_what_init_proposes_check_accepts(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    register, out = written(tmp_path), tmp_path.parent / "mapping.yaml"
    out.unlink(missing_ok=True)
    assert main(["map", "init", str(register), "-o", str(out), "--lang", "zh"]) == 0
    text = out.read_text(encoding="utf-8")
    assert "规则还读取" in text
    assert main(["map", "init", str(register), "-o", str(out)]) == 2
    assert out.read_text(encoding="utf-8") == text
    out.write_text(
        text.replace('"categories": categories', '"categories": {fact: categories, separator: "、"}'), "utf-8"
    )
    capsys.readouterr()
    assert main(["map", "check", str(register), "--mapping", str(out)]) == 0
    assert capsys.readouterr().out == ""


def test_check_says_what_does_not_fit(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["map", "check", str(written(tmp_path)), "--lang", "en"]) == 2
    assert "SR5012" in capsys.readouterr().err
    assert main(["map", "check", str(tmp_path), "--mapping", str(tmp_path / "none.yaml")]) == 2
    assert "SR5001" in capsys.readouterr().err


def test_scratch_files_are_removed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import safetyrules.register.register as module

    def divided(*arguments: Any, **options: Any) -> Any:
        from safetyrules.register.ordering import batches_of_rows

        return batches_of_rows(*arguments, in_memory=0, range_rows=0, **options)

    monkeypatch.setattr(module, "batches_of_rows", divided)
    tables = {kind: frame for kind, frame in small().items() if kind != "hazmat.material"}
    with open_register(tables, scratch=tmp_path) as register:
        assert [len(batch.keys) for batch in register.batches(1)] == [1, 1]
        assert len(list(tmp_path.iterdir())) == 1
        assert not any(tmp_path.rglob("*.arrow"))
    assert list(tmp_path.iterdir()) == []
    with pytest.raises(ValueError, match="size"):
        open_register(tables).batches(0)
