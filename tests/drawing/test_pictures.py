"""Pictures: all of it drawn once, left to right, nothing on anything else; the path is that of the reasons."""

from __future__ import annotations

import struct
import sys
from itertools import combinations
from pathlib import Path
from xml.etree import ElementTree as Xml

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from safetyrules.cli import main
from safetyrules.cli.asking import Question, ask
from safetyrules.drawing import png as png_module
from safetyrules.drawing.law import picture_of_law
from safetyrules.drawing.layout import BOX_HEIGHT, BOX_WIDTH, lay_out
from safetyrules.drawing.model import Arrow, Box, Picture
from safetyrules.drawing.png import MOST_PIXELS, png, shows
from safetyrules.drawing.reasons import picture_of_reasons
from safetyrules.drawing.svg import svg
from safetyrules.plugins import load_installed
from safetyrules.text import Text, same

KUNSHAN = str(Path(__file__).parents[2] / "examples" / "kunshan.yaml")
SVG = "{http://www.w3.org/2000/svg}"


def neat(picture: Picture) -> None:
    """Nothing overlaps, arrows go right, boxes lie in their lanes and on the page."""
    layout = lay_out(picture)
    assert layout.places.keys() == {box.id for box in picture.boxes}
    for one, two in combinations(layout.places.values(), 2):
        assert abs(one.x - two.x) >= BOX_WIDTH or abs(one.y - two.y) >= BOX_HEIGHT
    for arrow in picture.arrows:
        assert layout.places[arrow.source].x + BOX_WIDTH < layout.places[arrow.target].x
    bands = {band.lane: band for band in layout.bands}
    for box in picture.boxes:
        place, band = layout.places[box.id], bands[box.lane]
        assert band.left <= place.x
        assert place.x + BOX_WIDTH <= band.right <= layout.width
        assert band.top <= place.y
        assert place.y + BOX_HEIGHT <= band.bottom <= layout.height
    for first, second in combinations(layout.bands, 2):
        beside = first.right <= second.left or second.right <= first.left
        assert beside or first.bottom <= second.top or second.bottom <= first.top


@st.composite
def pictures(draw: st.DrawFn) -> Picture:
    """Boxes in any lanes, with any arrows that have no circle."""
    count = draw(st.integers(1, 40))
    lanes = draw(st.integers(1, 5))
    boxes = tuple(
        Box(str(n), f"lane {draw(st.integers(0, lanes - 1))}", "value", same(f"Box {n}"), same(""), same(""))
        for n in range(count)
    )
    pairs = draw(st.sets(st.tuples(st.integers(0, count - 1), st.integers(0, count - 1)), max_size=60))
    arrows = tuple(Arrow(str(a), str(b)) for a, b in sorted(pairs) if a < b)
    return Picture(same("Any"), boxes, arrows, {f"lane {n}": same(f"Lane {n}") for n in range(lanes)
                                                if any(box.lane == f"lane {n}" for box in boxes)})  # fmt: skip


@settings(deadline=None, max_examples=100)
@given(pictures())
def test_any_picture_is_neat(picture: Picture) -> None:
    neat(picture)
    assert len(list(Xml.fromstring(svg(picture, "en")).iter(f"{SVG}g"))) == len(picture.boxes)


def law(wanted: str | None = None) -> Picture:
    linked = load_installed().linked
    return picture_of_law(linked, linked.rules.values(), wanted)


def test_the_law_is_drawn_whole() -> None:
    linked = load_installed().linked
    picture = law()
    neat(picture)
    assert {box.id for box in picture.boxes} == {f"{r.on}#{r.concludes}" for r in linked.rules.values()}
    assert set(picture.lanes) == {rule.ruleset for rule in linked.rules.values()}
    drawn = {(arrow.source, arrow.target) for arrow in picture.arrows}
    assert ("enterprise#dust.grade", "enterprise#overall_grade") in drawn
    assert ("dust.collector#dust.order10.art11_3", "enterprise#dust.grade") in drawn


def test_one_conclusion_with_all_it_rests_on() -> None:
    picture = law("dust.grade")
    neat(picture)
    assert not any("hazmat" in box.id for box in picture.boxes)
    facts = {box.id for box in picture.boxes if box.sort == "fact"}
    assert "dust.collector#explosion_venting" in facts
    assert Arrow("dust.collector#explosion_venting", "dust.collector#dust.order10.art11_3") in picture.arrows
    ends = {box.id for box in picture.boxes} - {arrow.source for arrow in picture.arrows}
    assert ends == {"enterprise#dust.grade"}


def kunshan() -> Picture:
    assessment = ask(Question(KUNSHAN, law_at="2024-01-01")).assessment
    linked = assessment.program.linked
    lanes = {rule.id: (rule.ruleset, linked.rulesets[rule.ruleset].title) for rule in linked.rules.values()}
    return picture_of_reasons(assessment.why("dust.grade").to_json(), "Kunshan", lanes)


def test_the_path_is_what_decided() -> None:
    picture = kunshan()
    neat(picture)
    boxes = {box.id: box for box in picture.boxes}
    (root,) = boxes.keys() - {arrow.source for arrow in picture.arrows}
    assert boxes[root].path
    assert boxes[root].below.en == "Red"
    found = {box.words.en for box in boxes.values() if box.path and box.sort == "major"}
    assert "Dry dust collection without venting, inerting or suppression" in found
    assert all(box.state == "bad" for box in boxes.values() if box.path and box.sort == "major")
    assert any(box.state == "open" and box.path is False for box in boxes.values())
    on_path = [arrow for arrow in picture.arrows if arrow.path]
    assert on_path
    assert all(boxes[each.source].path and boxes[each.target].path for each in on_path)
    venting = next(box for box in boxes.values() if box.words.en == "Explosion venting")
    assert (venting.path, venting.below.en) == (True, "Absent")


def test_equal_parts_share_a_box() -> None:
    dry = [box for box in kunshan().boxes if "#dust.order10.art11_3#" in f"#{box.id}"]
    assert len(dry) == 1
    assert "1号除尘系统" in dry[0].below.zh
    assert len(dry[0].tip.zh.splitlines()) >= 3 + 8


NASTY = same('</text><script>alert("x")</script> & <b>\x00\x07 ]]> 中文')


def test_words_stay_words() -> None:
    box = Box("a", "l", "major", NASTY, NASTY, NASTY, "bad", True)
    other = Box("b", "l", "fact", NASTY, NASTY, NASTY, "open", False)
    text = svg(Picture(NASTY, (box, other), (Arrow("b", "a", True),), {"l": NASTY}), "en")
    root = Xml.fromstring(text)
    assert not list(root.iter(f"{SVG}script"))
    assert 'alert("x")' in "".join(root.itertext())
    assert "\x07" not in text


def test_a_picture_is_the_same_each_time_and_speaks_both_languages() -> None:
    assert svg(law(), "en") == svg(law(), "en")
    assert "粉尘涉爆风险等级" in svg(law(), "zh")
    assert "Dust-explosion hazard grade" in svg(law(), "en")


def size(data: bytes) -> tuple[int, int]:
    assert data.startswith(b"\x89PNG\r\n\x1a\n")
    width, height = struct.unpack(">II", data[16:24])
    return width, height


def test_pixels_are_not_without_end() -> None:
    blank = '<svg xmlns="http://www.w3.org/2000/svg" width="{0}" height="{0}" viewBox="0 0 {0} {0}"/>'
    assert size(png(blank.format(100), 100, 100)) == (200, 200)
    width, height = size(png(blank.format(20_000), 20_000, 20_000))
    assert width * height <= MOST_PIXELS * 1.01


def test_chinese_needs_a_font(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    assert shows("no Chinese here")
    monkeypatch.setattr(png_module, "_has_chinese", lambda fonts: False)
    assert not shows("中文")
    out = tmp_path / "a.png"
    assert main(["graph", str(out), "--for", "dust.grade", "--lang", "zh"]) == 0
    assert "SR4235" in capsys.readouterr().err
    size(out.read_bytes())


def test_without_the_extra(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    monkeypatch.setitem(sys.modules, "resvg_py", None)
    png_module._has_chinese.cache_clear()
    assert main(["graph", str(tmp_path / "a.png"), "--for", "dust.grade"]) == 2
    assert "SR4231" in capsys.readouterr().err
    assert main(["graph", str(tmp_path / "a.svg"), "--for", "dust.grade"]) == 0


def test_the_verb_draws_a_subject(tmp_path: Path) -> None:
    out = tmp_path / "why.svg"
    assert main(["graph", str(out), "--facts", KUNSHAN, "--law-at", "2024-01-01", "--lang", "en"]) == 0
    words = "".join(Xml.parse(out).getroot().itertext())
    assert "the path that decides" in words
    assert "昆山中荣金属制品有限公司" in words


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["a.jpg"], "SR4232"),
        (["a.svg", "--for", "dust.grad"], "SR2101"),
        (["a.svg", "--ruleset", "nothing"], "SR4234"),
        (["a.svg", "--sector", "nothing"], "SR2107"),
        (["a.svg", "--law-at", "1900-01-01", "--sector", "dust", "--ruleset", "dust.order10"], "SR4233"),
        (["file/a.svg"], "SR4031"),
    ],
)
def test_what_cannot_be_drawn(
    arguments: list[str], code: str, capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "file").write_text("no folder")
    assert main(["graph", *arguments]) == 2
    assert code in capsys.readouterr().err
    assert not list(tmp_path.glob("*.svg"))


def test_titles_are_in_both_languages() -> None:
    for picture in (law(), kunshan()):
        for words in (picture.title, *picture.lanes.values(), *(box.words for box in picture.boxes)):
            assert isinstance(words, Text)
            assert all(words)
