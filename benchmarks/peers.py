"""Other engines, each given the synthetic rules in its own form. None is needed; what is not installed is left out.

A peer is a function from facts to the 45 values. The rules are compiled when it is made, not when it is called.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from importlib import import_module
from typing import Any

from benchmarks.programs import COLOURS
from benchmarks.synthetic_rules import COUNTS, DERIVED, FLAGS, OTHERWISE, ROWS, python, zen

Facts = dict[str, Any]
Answer = Callable[[Facts], dict[str, Any]]
NAMES = frozenset(each.name for each in DERIVED)


def zen_content() -> dict[str, Any]:
    """A JDM decision: an expression node, nine decision tables beside one another, a table for the grade."""
    plain = [each for each in DERIVED if each.name[0] in "ht"]
    tables = [each for each in DERIVED if each.table is not None]
    expressions = [{"id": each.name, "key": each.name, "value": zen(each.formula)} for each in plain]
    nodes: list[dict[str, Any]] = [
        {"id": "in", "type": "inputNode", "name": "in"},
        _node("values", "expressionNode", {"expressions": expressions, "passThrough": True}),
        *(_zen_table(each.name, each.table or ("", "")) for each in tables),
        _zen_grade([each.name for each in tables]),
        {"id": "out", "type": "outputNode", "name": "out"},
    ]
    names = [each.name for each in tables]
    edges = [("in", "values"), ("values", "out"), ("overall", "out")]
    edges += [pair for name in names for pair in (("values", name), (name, "overall"), (name, "out"))]
    return {
        "nodes": nodes,
        "edges": [{"id": f"{a}-{b}", "type": "edge", "sourceId": a, "targetId": b} for a, b in edges],
    }


def zen_engine() -> Answer:
    decision = import_module("zen").ZenEngine().create_decision(json.dumps(zen_content()))

    def answer(facts: Facts) -> dict[str, Any]:
        result: dict[str, Any] = decision.evaluate(facts)["result"]
        return result

    return answer


def _node(name: str, type_: str, content: dict[str, Any]) -> dict[str, Any]:
    return {"id": name, "type": type_, "name": name, "content": content}


def _zen_table(name: str, inputs: tuple[str, str]) -> dict[str, Any]:
    rules = [
        {
            "_id": f"{name}-{level}",
            "number": f">= {least}" if most is None else f"[{least}..{most}]",
            "flag": "" if wanted is None else str(wanted).lower(),
            "level": f'"{level}"',
        }
        for least, most, wanted, level in ROWS
    ]
    rules.append({"_id": f"{name}-otherwise", "number": "", "flag": "", "level": f'"{OTHERWISE}"'})
    heads = zip(("number", "flag"), inputs, strict=True)
    return _decision_table(name, [{"id": id_, "name": field, "field": field} for id_, field in heads], rules)


def _zen_grade(tables: list[str]) -> dict[str, Any]:
    """Worst first: one row for each level and table."""
    rules = [
        {"_id": f"{level}-{name}", **dict.fromkeys(tables, ""), name: f'"{level}"', "level": f'"{level}"'}
        for _, _, _, level in ROWS
        for name in tables
    ]
    rules.append({"_id": "otherwise", **dict.fromkeys(tables, ""), "level": f'"{OTHERWISE}"'})
    return _decision_table("overall", [{"id": name, "name": name, "field": name} for name in tables], rules)


def _decision_table(name: str, inputs: list[dict[str, str]], rules: list[dict[str, str]]) -> dict[str, Any]:
    outputs = [{"id": "level", "name": name, "field": name}]
    content = {"hitPolicy": "first", "inputs": inputs, "outputs": outputs, "rules": rules, "passThrough": False}
    return _node(name, "decisionTableNode", content)


def cel_cpp() -> Answer:
    """One compiled expression for each value, in order; the values so far are data of the next layer of values."""
    cel = import_module("cel_expr_python.cel")
    types = {"boolean": cel.Type.BOOL, "integer": cel.Type.INT, "colour": cel.Type.STRING}
    variables = {**dict.fromkeys(FLAGS, cel.Type.BOOL), **dict.fromkeys(COUNTS, cel.Type.INT)}
    variables.update((each.name, types[each.type]) for each in DERIVED)
    environment = cel.NewEnv(variables=variables)
    depth: dict[str, int] = {}
    layers: dict[int, list[tuple[str, Any]]] = {}
    for each in DERIVED:
        depth[each.name] = 1 + max(depth.get(name, 0) for name in each.reads)
        layers.setdefault(depth[each.name], []).append((each.name, environment.compile(each.formula)))

    def answer(facts: Facts) -> dict[str, Any]:
        data = dict(facts)
        for layer in layers.values():
            activation = environment.Activation(data)
            found = {name: expression.eval(activation).value() for name, expression in layer}
            data.update(found)
        return data

    return answer


def durable_rules() -> Answer:
    """One rule for each value: it joins the facts that the value reads, and asserts what its action computes."""
    lang: Any = import_module("durable.lang")
    number = {name: i for i, name in enumerate((*FLAGS, *COUNTS, *(each.name for each in DERIVED)))}
    code: dict[Any, int] = {False: 0, True: 1, **{level: i for i, level in enumerate(COLOURS)}}
    found: dict[str, Any] = {}

    def conclude(name: str, type_: str, formula: str, reads: list[str]) -> Callable[[Any], None]:
        compute = eval(f"lambda {', '.join(reads)}: {python(formula)}")
        aliases = [f"x{i}" for i in range(len(reads))]
        tables = [read[0] == "s" for read in reads]

        def action(context: Any) -> None:
            values = (getattr(context, alias).v for alias in aliases)
            result = compute(*(COLOURS[v] if table else v for v, table in zip(values, tables, strict=True)))
            found[name] = bool(result) if type_ == "boolean" else result
            v = result if type_ == "integer" else code[found[name]]
            context.assert_fact({"k": number[name], "id": number[name], "sid": 1, "v": v})

        return action

    with lang.ruleset("synthetic"):
        for each in DERIVED:
            joined = [getattr(lang.c, f"x{i}") << (lang.m.k == number[read]) for i, read in enumerate(each.reads)]
            lang.when_all(*joined)(conclude(each.name, each.type, each.formula, each.reads))

    def answer(facts: Facts) -> dict[str, Any]:
        found.clear()
        given = [{"k": number[name], "id": number[name], "sid": 1, "v": int(v)} for name, v in facts.items()]
        lang.assert_facts("synthetic", given)
        lang.delete_state("synthetic", 1)
        return dict(found)

    return answer


PEERS: dict[str, Callable[[], Answer]] = {
    "zen-engine": zen_engine,
    "C++ CEL": cel_cpp,
    "durable-rules": durable_rules,
}
#: The distribution that each comes from.
PACKAGES = {"zen-engine": "zen-engine", "C++ CEL": "cel-expr-python", "durable-rules": "durable-rules"}
