"""The picture of the law: every conclusion, in the lane of its ruleset, and the conclusions it reads."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, cast

import networkx

from safetyrules.drawing.model import Arrow, Box, Picture, Sort
from safetyrules.language.order import Conclusion, Key, reads
from safetyrules.language.ruleform import LinkedProgram, Rule
from safetyrules.language.term_trees import fact_read, walk
from safetyrules.text import Text, same

_FACTS = Text("{count} 项事实", "{count} facts")
_TITLE = Text(
    "{rules} 条规则的 {conclusions} 个结论，及其所依",
    "{conclusions} conclusions of {rules} rules, and what they rest on",
)


def picture_of_law(linked: LinkedProgram, rules: Iterable[Rule], wanted: str | None = None) -> Picture:
    """The picture of these rules; with ``wanted``, of that conclusion and all it rests on, facts too."""
    chosen = list(rules)
    conclusions = _conclusions(linked, chosen)
    read = {key: reads(each, conclusions, linked.schema) & conclusions.keys() for key, each in conclusions.items()}
    kept = set(conclusions)
    if wanted is not None:
        graph: networkx.DiGraph[Key] = networkx.DiGraph()
        graph.add_nodes_from(conclusions)
        graph.add_edges_from((source, key) for key, sources in read.items() for source in sources)
        roots = [key for key in conclusions if key[1] == wanted]
        kept = {each for root in roots for each in (root, *networkx.ancestors(graph, root))}
    facts = {key: _facts(conclusions[key]) for key in kept}
    by_id = {rule.id: rule for rule in chosen}
    boxes = [_box(conclusions[key], by_id, len(facts[key])) for key in conclusions if key in kept]
    arrows = [Arrow(_id(source), _id(key)) for key in conclusions if key in kept for source in sorted(read[key])]
    lanes = {name: each.title for name, each in linked.rulesets.items()}
    if wanted is not None:
        boxes = [*_fact_boxes(linked, facts, {box.id: box.lane for box in boxes}), *boxes]
        arrows += [Arrow(_id(fact), _id(key)) for key, found in facts.items() for fact in sorted(found)]
    title = _TITLE.format(rules=len({rule for key in kept for rule in conclusions[key].rules}), conclusions=len(kept))
    used = {box.lane for box in boxes}
    return Picture(title, tuple(boxes), tuple(arrows), {name: words for name, words in lanes.items() if name in used})


def _conclusions(linked: LinkedProgram, rules: list[Rule]) -> dict[Key, Conclusion]:
    """The conclusions of rules, each with everything that any of its rules says."""
    written: dict[Key, list[Rule]] = {}
    for rule in rules:
        written.setdefault((rule.on, rule.concludes), []).append(rule)
    found: dict[Key, Conclusion] = {}
    for (on, name), its in written.items():
        first = next((rule for rule in its if rule.except_ is None), its[0])
        said = tuple(
            term for rule in its
            for term in (rule.applies, rule.when, rule.body, rule.duty.due if rule.duty is not None else None)
            if term is not None
        )  # fmt: skip
        declared = linked.declared.get((on, name))
        title = declared.title if declared is not None else first.title
        found[on, name] = Conclusion(
            name, on, title, first.type, first.kind, cast(Any, said), tuple(rule.id for rule in its), first.sector,
            first.severity, binds=first.binds,
        )  # fmt: skip
    return found


def _facts(conclusion: Conclusion) -> set[Key]:
    """The facts that it reads: kind and name."""
    terms = cast(Any, conclusion.term)
    return {fact for term in terms for node in walk(term) if (fact := fact_read(node)) is not None}


def _box(conclusion: Conclusion, rules: Mapping[str, Rule], facts: int) -> Box:
    its = [rules[name] for name in conclusion.rules]
    clauses = ", ".join(dict.fromkeys(clause.partition("#")[2] for rule in its for clause in rule.clauses))
    count = _FACTS.format(count=facts) if facts else same("")
    below = Text(*(" · ".join(filter(None, (clauses, words))) for words in count))
    cited = "\n".join(f"{rule.id}: {', '.join(rule.clauses)}" for rule in its)
    tip = Text(*(f"{words}\n{conclusion.on}: {conclusion.name}\n{cited}" for words in conclusion.title))
    return Box(_id(conclusion.key), its[0].ruleset, _sort(conclusion), conclusion.title, below, tip)


def _fact_boxes(linked: LinkedProgram, facts: Mapping[Key, set[Key]], lanes: Mapping[str, str]) -> Iterable[Box]:
    """A box for each fact, in the lane of the first conclusion that reads it."""
    readers: dict[Key, list[Key]] = {}
    for key, found in facts.items():
        for fact in found:
            readers.setdefault(fact, []).append(key)
    for kind, name in sorted(readers):
        title = linked.schema.kinds[kind].facts[name].title
        lane = lanes[_id(min(readers[kind, name]))]
        yield Box(_id((kind, name)), lane, "fact", title, same(name), same(f"{kind}: {name}"))


def _sort(conclusion: Conclusion) -> Sort:
    if conclusion.kind == "finding":
        return "major" if conclusion.severity == "major" else "general"
    if conclusion.kind in ("grade", "assign", "duty"):
        return cast(Sort, conclusion.kind)
    return "value"


def _id(key: Key) -> str:
    return "#".join(key)
