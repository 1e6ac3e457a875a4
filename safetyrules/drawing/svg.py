"""A picture as SVG: one file that needs no other; its texts can be searched and copied."""

from __future__ import annotations

from unicodedata import east_asian_width
from xml.etree import ElementTree as Xml

from safetyrules.drawing.layout import BOX_HEIGHT, BOX_WIDTH, HEAD, LANE_PADDING, MARGIN, Layout, lay_out
from safetyrules.drawing.model import Arrow, Box, Picture, Sort, State
from safetyrules.text import Language, Text, xml_safe

FONTS = (
    "'Noto Sans CJK SC','Source Han Sans SC','Microsoft YaHei','PingFang SC','WenQuanYi Micro Hei','DejaVu Sans',"
    "sans-serif"
)
_INK, _PALE, _FADED, _LINE, _PATH = "#1b1f24", "#57606a", "#7a838d", "#a3acb5", "#0550ae"
_SORTS: dict[Sort, tuple[str, str, Text]] = {
    "fact": ("#6e7781", "#f6f8fa", Text("事实", "fact")),
    "major": ("#cf222e", "#ffebe9", Text("重大隐患", "major finding")),
    "general": ("#bf8700", "#fff8e1", Text("一般隐患", "general finding")),
    "value": ("#0969da", "#eaf3ff", Text("取值", "value")),
    "grade": ("#8250df", "#f5efff", Text("等级", "grade")),
    "assign": ("#1a7f37", "#eafbef", Text("指派", "assignment")),
    "duty": ("#0a7a83", "#e6f7f8", Text("义务", "duty")),
}
#: The fill on the deciding path, and off it.
_STATES: dict[State, tuple[str, str, Text]] = {
    "bad": ("#ffc1ba", "#fff0ee", Text("发现", "found")),
    "open": ("#ffe08a", "#fff8df", Text("未定或未知", "undetermined or unknown")),
    "settled": ("#cfe3ff", "#f0f6ff", Text("已定", "settled")),
    "good": ("#c9f0d3", "#effaf2", Text("未发现", "not found")),
    "absent": ("#e5e8eb", "#f6f7f8", Text("不适用或无", "not applicable or none")),
}
_DECIDED = Text("决定结论的路径", "the path that decides")
_WORDS, _SMALL = 12.5, 10.5
_PADDING = 9


def svg(picture: Picture, language: Language) -> str:
    """The picture as the text of an SVG file."""
    layout = lay_out(picture)
    width = max(layout.width, 760.0)
    root = Xml.Element(
        "svg", xmlns="http://www.w3.org/2000/svg", viewBox=f"0 0 {width:.0f} {layout.height:.0f}",
        width=f"{width:.0f}", height=f"{layout.height:.0f}", role="img",
    )  # fmt: skip
    root.set("font-family", FONTS)
    Xml.SubElement(root, "title").text = xml_safe(picture.title.in_language(language))
    _arrowheads(root)
    Xml.SubElement(root, "rect", width="100%", height="100%", fill="#ffffff")
    _text(root, MARGIN, 34, picture.title.in_language(language), 18, _INK, bold=True)
    _legend(root, picture, language)
    for band in layout.bands:
        Xml.SubElement(
            root, "rect", x=f"{band.left:.1f}", y=f"{band.top:.1f}", width=f"{band.right - band.left:.1f}",
            height=f"{band.bottom - band.top:.1f}", rx="8", fill="#f6f8fa", stroke="#d8dee4",
        )  # fmt: skip
        words = _lines(picture.lanes[band.lane].in_language(language), (band.right - band.left - 24) / 13, 2)
        for number, line in enumerate(words):
            y = band.top + (25 if len(words) == 1 else 18) + 15 * number
            _text(root, band.left + LANE_PADDING, y, line, 12.5, _PALE, bold=True)
    for arrow in sorted(picture.arrows, key=lambda each: bool(each.path)):
        _arrow(root, arrow, layout)
    for box in picture.boxes:
        _box(root, box, layout, language)
    Xml.indent(root)
    return Xml.tostring(root, encoding="unicode") + "\n"


def _legend(root: Xml.Element, picture: Picture, language: Language) -> None:
    x = float(MARGIN)
    y = HEAD - 32
    states = {box.state for box in picture.boxes}
    for sort, (line, fill, words) in _SORTS.items():
        if any(box.sort == sort for box in picture.boxes):
            x = _swatch(root, x, y, "#ffffff" if states != {None} else fill, line, words.in_language(language))
    for state, (fill, _, words) in _STATES.items():
        if state in states:
            x = _swatch(root, x, y, fill, fill, words.in_language(language))
    if any(arrow.path is not None for arrow in picture.arrows):
        Xml.SubElement(
            root, "path", {"d": f"M{x:.1f},{y + 6} h26", "stroke": _PATH, "stroke-width": "2.6", "fill": "none"}
        )
        _text(root, x + 32, y + 11, _DECIDED.in_language(language), 11.5, _INK)


def _swatch(root: Xml.Element, x: float, y: float, fill: str, line: str, words: str) -> float:
    Xml.SubElement(root, "rect", x=f"{x:.1f}", y=f"{y}", width="18", height="13", rx="3", fill=fill, stroke=line).set(
        "stroke-width", "1.6"
    )
    _text(root, x + 24, y + 11, words, 11.5, _INK)
    return x + 24 + _long(words) * 11.5 + 20


def _arrowheads(root: Xml.Element) -> None:
    found = Xml.SubElement(root, "defs")
    for name, fill in (("plain", _LINE), ("path", _PATH)):
        head = Xml.SubElement(
            found, "marker", id=name, viewBox="0 0 8 8", refX="7", refY="4", markerWidth="7", markerHeight="7",
            orient="auto", markerUnits="userSpaceOnUse",
        )  # fmt: skip
        Xml.SubElement(head, "path", d="M0,0.6 L8,4 L0,7.4 z", fill=fill)


def _arrow(root: Xml.Element, arrow: Arrow, layout: Layout) -> None:
    start, end = layout.places[arrow.source], layout.places[arrow.target]
    x1, y1 = start.x + BOX_WIDTH, start.y + BOX_HEIGHT / 2
    x2, y2 = end.x, end.y + BOX_HEIGHT / 2
    bend = max(40.0, min((x2 - x1) / 2, 150.0))
    line = Xml.SubElement(
        root, "path", d=f"M{x1:.1f},{y1:.1f} C{x1 + bend:.1f},{y1:.1f} {x2 - bend:.1f},{y2:.1f} {x2:.1f},{y2:.1f}",
        fill="none", stroke=_PATH if arrow.path else _LINE,
    )  # fmt: skip
    line.set("stroke-width", "2.4" if arrow.path else "1.1")
    line.set("marker-end", "url(#path)" if arrow.path else "url(#plain)")
    if arrow.path is False:
        line.set("stroke-opacity", "0.7")


def _box(root: Xml.Element, box: Box, layout: Layout, language: Language) -> None:
    place = layout.places[box.id]
    line, fill, _ = _SORTS[box.sort]
    group = Xml.SubElement(root, "g")
    ink, pale = (_FADED, _FADED) if box.path is False else (_INK, _PALE)
    shade = fill
    if box.state is not None:
        bright, faded, _ = _STATES[box.state]
        shade = faded if box.path is False else bright
    Xml.SubElement(group, "title").text = xml_safe(box.tip.in_language(language))
    Xml.SubElement(
        group, "rect", x=f"{place.x:.1f}", y=f"{place.y:.1f}", width=str(BOX_WIDTH), height=str(BOX_HEIGHT), rx="6",
        fill=shade, stroke=_PATH if box.path else line,
    ).set("stroke-width", "2.6" if box.path else "1.2")  # fmt: skip
    Xml.SubElement(
        group, "rect", x=f"{place.x:.1f}", y=f"{place.y:.1f}", width="5", height=str(BOX_HEIGHT), rx="2.5", fill=line
    )
    inside = BOX_WIDTH - 2 * _PADDING
    words = _lines(box.words.in_language(language), inside / _WORDS, 2)
    y = place.y + (17 if len(words) > 1 else 22)
    for each in words:
        _text(group, place.x + _PADDING, y, each, _WORDS, ink)
        y += 14
    below = _lines(box.below.in_language(language), inside / _SMALL, 1)
    if below:
        _text(group, place.x + _PADDING, place.y + BOX_HEIGHT - 7, below[0], _SMALL, pale)


def _text(root: Xml.Element, x: float, y: float, words: str, size: float, fill: str, bold: bool = False) -> None:
    element = Xml.SubElement(root, "text", x=f"{x:.1f}", y=f"{y:.1f}", fill=fill)
    element.set("font-size", f"{size:g}")
    if bold:
        element.set("font-weight", "bold")
    element.text = xml_safe(words)


def _long(words: str) -> float:
    """About how long words are, in ems."""
    return sum(1.0 if east_asian_width(each) in "WF" else 0.64 if each.isupper() else 0.56 for each in words)


def _lines(words: str, width: float, most: int) -> list[str]:
    """Words broken into lines of some ems; what does not fit ends in …"""
    lines: list[str] = []
    line = ""
    for piece in _pieces(" ".join(words.split())):
        if line and _long(line + piece.rstrip()) > width:
            lines.append(line.rstrip())
            line = ""
        line += piece if line else piece.lstrip()
        while _long(line.rstrip()) > width:  # one long word
            at = next(n for n in range(len(line), 0, -1) if _long(line[:n]) <= width or n == 1)
            lines.append(line[:at])
            line = line[at:]
    lines.extend(filter(None, (line.rstrip(),)))
    if len(lines) > most:
        last = lines[most - 1]
        while _long(f"{last}…") > width:
            last = last[:-1]
        lines = [*lines[: most - 1], f"{last.rstrip()}…"]
    return lines


def _pieces(words: str) -> list[str]:
    """Where a line may break: after a space, and beside any Chinese character but not before its punctuation."""
    pieces: list[str] = []
    for each in words:
        wide = east_asian_width(each) in "WF"
        closes = each in "，。、；：！？）》”’】"
        new = not pieces or pieces[-1].endswith(" ") or (wide and not closes) or (
            not wide and east_asian_width(pieces[-1][-1]) in "WF" and each != " "
        )  # fmt: skip
        if new:
            pieces.append(each)
        else:
            pieces[-1] += each
    return pieces
