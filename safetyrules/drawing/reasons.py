"""The picture of one subject's reasons: what a conclusion came to rest on, with the path that decided it.

Equal parts share a box: the same conclusion, with the same outcome, of several parts; the same fact with one value.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from safetyrules.drawing.model import Arrow, Box, Picture, Sort, State
from safetyrules.text import Text, same

_MOST_NAMES = 3
_PARTS = Text("{names} 等 {count} 处", "{names} and {more} more")
_REASONS = Text("结论及其理由", "Conclusions and their reasons")
_STATUSES: dict[str, Text] = {
    "found": Text("发现", "found"),
    "not_found": Text("未发现", "not found"),
    "not_applicable": Text("不适用", "not applicable"),
    "undetermined": Text("未定", "undetermined"),
    "no_value": Text("无", "no value"),
}


@dataclass
class _Box:
    sort: Sort
    lane: str
    title: Text
    outcome: Text
    state: State
    name: str
    path: bool = False
    owners: dict[str, Text] = field(default_factory=dict)


def picture_of_reasons(document: Mapping[str, Any], name: str | None, lanes: Mapping[str, tuple[str, Text]]) -> Picture:
    """The picture of an ``explanation/v1`` document. ``name`` is the subject's; ``lanes`` give, by the id of a rule,
    the id and title of its ruleset."""
    drawing = _Drawing(document, lanes)
    drawing.draw()
    found = {each["id"]: each for each in document["conclusions"]}
    roots = [found[root] for root in document["roots"] if root in found]
    titles = list(dict.fromkeys(_both(each["title"]) for each in roots))
    words = (
        _REASONS
        if len(titles) > _MOST_NAMES
        else Text("、".join(t.zh for t in titles), ", ".join(t.en for t in titles))
    )
    asked = document["asked"]
    head = Text(
        f"{words.zh}：{name or asked['subject']}，事实截至 {asked['as_of']}，适用 {asked['law_at']} 的规定",
        f"{words.en}: {name or asked['subject']}, facts of {asked['as_of']}, law of {asked['law_at']}",
    )
    return drawing.picture(head)


class _Drawing:
    def __init__(self, document: Mapping[str, Any], lanes: Mapping[str, tuple[str, Text]]) -> None:
        self.conclusions: dict[str, Mapping[str, Any]] = {each["id"]: each for each in document["conclusions"]}
        self.roots: list[str] = list(document["roots"])
        self.lanes = lanes
        self.boxes: dict[str, _Box] = {}
        self.arrows: dict[tuple[str, str], bool] = {}
        self.titles: dict[str, Text] = {}

    def draw(self) -> None:
        deciding: set[str] = set()
        pending = [root for root in self.roots if root in self.conclusions]
        while pending:  # what decides the roots, and what decides that
            node = pending.pop()
            if node not in deciding:
                deciding.add(node)
                pending.extend(
                    read["refers_to"] for read, matters in _reads_of(self.conclusions[node])
                    if matters and read["refers_to"] in self.conclusions
                )  # fmt: skip
        for node, conclusion in self.conclusions.items():
            target = self._conclusion(node, node in deciding)
            for read, matters in _reads_of(conclusion):
                path = matters and node in deciding
                other = read["refers_to"]
                if other is not None and other not in self.conclusions:
                    continue
                lane = self.boxes[target].lane
                source = (
                    self._conclusion(other, other in deciding) if other is not None else self._fact(read, path, lane)
                )
                if source != target:
                    self.arrows[source, target] = self.arrows.get((source, target), False) or path

    def _conclusion(self, node: str, path: bool) -> str:
        each = self.conclusions[node]
        name = node.partition("#")[2]
        status, words = each["status"], _both(each["value"]["words"])
        outcome = _STATUSES[status] if each["kind"] in ("finding", "duty") or status != "determined" else words
        if status == "undetermined" and each["kind"] not in ("finding", "duty"):
            outcome = Text(*(f"{a}: {b}" for a, b in zip(_STATUSES[status], words, strict=True)))
        key = f"{name}#{status}#{outcome.en}#{path}"
        lane, title = self.lanes.get(each["rules"][0]["rule"] if each["rules"] else "", (" ", _REASONS))
        self.titles[lane] = title
        box = self.boxes.setdefault(
            key, _Box(_sort(each), lane, _both(each["title"]), outcome, _state(each), name, path)
        )
        if each["owner"] is not None:
            box.owners[node] = _both(each["owner"])
        return key

    def _fact(self, read: Mapping[str, Any], path: bool, lane: str) -> str:
        words = _both(read["value"]["words"]) if read["value"] is not None else same(str(read["count"]))
        if read["kind"] == "list" and read["open"]:
            words = Text(f"{words.zh}，可能还有", f"{words.en}, perhaps more")
        state: State = "settled" if read["value"] is None or read["value"]["known"] else "open"
        name = read["path"].rpartition("].")[2]
        key = f"fact {name}#{words.en}"
        box = self.boxes.setdefault(key, _Box("fact", lane, _both(read["title"]), words, state, read["path"]))
        box.path = box.path or path
        if read["owner"] is not None:
            box.owners[read["path"]] = _both(read["owner"])
        return key

    def picture(self, title: Text) -> Picture:
        boxes = tuple(
            Box(
                key, box.lane, box.sort, box.title, Text(*(_below(box, side) for side in (0, 1))),
                Text(*(_tip(box, side) for side in (0, 1))), box.state, box.path,
            )
            for key, box in self.boxes.items()
        )  # fmt: skip
        arrows = tuple(Arrow(source, target, path) for (source, target), path in self.arrows.items())
        used = {box.lane for box in boxes}
        return Picture(title, boxes, arrows, {lane: words for lane, words in self.titles.items() if lane in used})


def _below(box: _Box, side: int) -> str:
    """What it came to, and for which parts."""
    names = list(dict.fromkeys(owner[side] for owner in box.owners.values()))
    shown = ("、", ", ")[side].join(names[:_MOST_NAMES])
    if len(names) > _MOST_NAMES:
        shown = _PARTS.format(names=shown, count=len(names), more=len(names) - _MOST_NAMES)[side]
    return f"{box.outcome[side]} · {shown}" if shown else box.outcome[side]


def _tip(box: _Box, side: int) -> str:
    names = dict.fromkeys(owner[side] for owner in box.owners.values())
    return "\n".join((box.title[side], box.name, box.outcome[side], *names))


def _reads_of(conclusion: Mapping[str, Any]) -> Iterator[tuple[Mapping[str, Any], bool]]:
    """What the rules of a conclusion read, and whether it decided: nothing else was needed, or it is still open."""
    settled = conclusion["value"]["known"]
    for rule in conclusion["rules"]:
        overrides = any(each["ground"] == "overrides" for each in rule["prevails_over"])
        counts = rule["standing"] != "gives_way" or overrides
        for step in (rule["applies"], rule["body"]):
            if step is not None:
                yield from _reads_in(step, counts, settled)
        for exception in rule["exceptions"]:
            yield from _reads_in_exception(exception, counts, settled)


def _reads_in_exception(
    exception: Mapping[str, Any], counts: bool, settled: bool
) -> Iterator[tuple[Mapping[str, Any], bool]]:
    for step in (exception["when"], exception["then"]):
        if step is not None:
            yield from _reads_in(step, counts, settled)
    for inner in exception["exceptions"]:
        yield from _reads_in_exception(inner, counts, settled)


def _reads_in(step: Mapping[str, Any], counts: bool, settled: bool) -> Iterator[tuple[Mapping[str, Any], bool]]:
    matters = counts and step["matters"]
    for read in step["reads"]:
        yield read, matters
    for part in step["parts"]:
        if part["refers_to"] is not None:
            # Of what is counted, what is only possible decides nothing where the outcome is settled.
            yield part, matters and (part["role"] == "found" or not settled)
        for inner in (part["step"], part["then"]):
            if inner is not None:
                yield from _reads_in(inner, matters, settled)


def _sort(conclusion: Mapping[str, Any]) -> Sort:
    kinds: dict[str, Sort] = {"grade": "grade", "assign": "assign", "assignment": "assign", "duty": "duty"}
    if conclusion["kind"] == "finding":
        return "major" if conclusion["severity"] == "major" else "general"
    return kinds.get(conclusion["kind"], "value")


def _state(conclusion: Mapping[str, Any]) -> State:
    states: dict[str, State] = {
        "found": "bad", "not_found": "good", "undetermined": "open", "determined": "settled",
        "not_applicable": "absent", "no_value": "absent",
    }  # fmt: skip
    return states[conclusion["status"]]


def _both(words: Mapping[str, str]) -> Text:
    return Text(words["zh"], words["en"])
