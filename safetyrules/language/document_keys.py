"""The mappings of documents: which keys each may have, in the order they are written in, and what they mean.

Readers take their keys from here; so do the formatter, the JSON Schemas and the tables of the language reference.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, get_args

from safetyrules.language.document import ClauseStatus, Confidence, Force, HitPolicy
from safetyrules.language.document_shapes import Alternatives, Either, Entries, Items, Key, Shape, Whole, Words
from safetyrules.language.reading.names import (
    DOCUMENT_NAME,
    DOTTED_NAME,
    FILE_NAME,
    LEVEL,
    NAME,
    PARAMETER_PATH,
    PLACE,
    RULE_ID,
    TYPE_NAME,
    NameShape,
)
from safetyrules.language.ruleform import LEVELS
from safetyrules.text import Text

_TITLE = Key("title", "text", Text("两种语言的名称", "the title in both languages"), required=True)
_OPTIONAL_TITLE = Key("title", "text", _TITLE.text)
_LEVELS = Entries(LEVEL, "text")

READINGS = Shape(
    "readings",
    Text("未定的读法", "an unsettled reading"),
    (
        Key(
            "readings", Entries(NAME, "expression", 2), Text("每种读法的表达式", "an expression for each reading"), True
        ),
        Key("chosen_by", NAME, Text("选定读法的参数", "the parameter that chooses one"), True),
    ),
)
CONDITION = Either(("expression", READINGS))
CITATIONS = Items("citation", alone=True)

IN_FORCE = Shape(
    "in_force",
    Text("in_force", "in_force"),
    (
        Key("from", "day", Text("首日（含）；null 为不限", "the first day; null is open")),
        Key("to", "day", Text("末日（含）；null 为不限", "the last day, inclusive; null is open")),
        Key("inferred", "text", Text("推定日期的理由", "why, where a bound is inferred rather than stated")),
    ),
)

# ---- facts ----------------------------------------------------------------------------------------------------------

SECTOR = Shape(
    "sector",
    Text("行业领域", "a sector"),
    (
        Key("name", NAME, Text("名称", "its name"), True),
        _TITLE,
        Key(
            "present", DOTTED_NAME,
            Text("表示该领域存在的布尔事实或结论", "the boolean of the root that says whether it is there"), True,
        ),
        Key(
            "implied_by", Items(DOTTED_NAME),
            Text(
                "只有该领域存在才会如此的事实（布尔为真，或者数大于零）：与之矛盾的“不存在”不予采信",
                "facts that are so only where it is there (a boolean that is true, a number above 0): a denial beside "
                "them is refused",
            ),
        ),
        Key(
            "codes", Entries(DOTTED_NAME, Items("word")),
            Text("表明该领域存在的代码的开头，按事实", "by fact, how the codes begin that stand for it"),
        ),
        Key("grade", DOTTED_NAME, Text("作为该领域等级的结论", "the conclusion that is the sector's hazard grade")),
    ),
)  # fmt: skip
WORSE: tuple[Literal["first", "last", "none"], ...] = ("first", "last", "none")
SCALE = Shape(
    "scale",
    Text("等级", "a scale"),
    (
        _TITLE,
        Key("worse", Words(WORSE), Text("哪一端更差", "which end is worse"), True),
        Key("levels", _LEVELS, Text("由前到后的级别", "the levels, from first to last"), True),
    ),
)
CHOICE_SET = Shape(
    "choices",
    Text("取值集合", "a choice set"),
    (_TITLE, Key("of", _LEVELS, Text("取值", "the values"), True)),
)
_TYPE_OF = Either((_LEVELS, TYPE_NAME))
_OF = Key("of", _TYPE_OF, Text("choice 的取值；list 的成员类型", "the values of a choice; what a list is of"))
_UNIT = Key("unit", "word", Text("单位", "the unit of a number"))
FACT = Shape(
    "fact",
    Text("事实", "a fact"),
    (
        Key("type", TYPE_NAME, Text("类型", "its type: a built-in type, a scale, or a named choice set"), True),
        _OF,
        _UNIT,
        Key("minimum", "number", Text("最小值（含）", "the least number, inclusive; of an integer 0 unless said")),
        Key("maximum", "number", Text("最大值（含）", "the greatest number, inclusive")),
        Key("may_not_apply", "flag", Text("可以答“不适用”", '"not applicable" is a legal answer')),
        Key(
            "log", DOTTED_NAME, Text("成员为事件，此为其日期", "on a list: entries are events dated by this date fact")
        ),
        Key("shared", "flag", Text("成员可读", "on a single fact of a register: its members may read it")),
        _TITLE,
        Key("help", "text", Text("如何查明", "how to find it out")),
    ),
)
_FACTS = Entries(NAME, FACT)
SECTION = Shape(
    "section",
    Text("分区", "a section"),
    (_OPTIONAL_TITLE, Key("facts", _FACTS, Text("事实", "its facts, read SECTION.FACT"), True)),
)
KIND = Shape(
    "kind",
    Text("实体类型", "a kind"),
    (
        Key("root", "flag", Text("是评估的主体", "it is a subject of its own, not a part")),
        _OPTIONAL_TITLE,
        Key("facts", _FACTS, Text("事实", "its facts")),
        Key("sections", Entries(NAME, SECTION), Text("分区", "groups of facts")),
    ),
)
CONCLUSION = Shape(
    "conclusion",
    Text("结论声明", "a conclusion"),
    (
        Key("on", DOTTED_NAME, Text("实体类型", "the kind it is of"), True),
        Key("type", TYPE_NAME, Text("类型", "its type"), True),
        _OF,
        _UNIT,
        Key(
            "open",
            "flag",
            Text(
                "可由多条规则给出；隐患和义务本来就可以",
                "several rules may conclude it, as they may a finding or duty anyway",
            ),
        ),
        _TITLE,
    ),
)
FACTS = Shape(
    "facts document",
    Text("事实文档", "a facts document"),
    (
        Key("facts", DOCUMENT_NAME, Text("文档名", "the name of the document"), True),
        Key("sector", SECTOR, Text("本文档引入的领域", "the sector that the document introduces")),
        Key("scales", Entries(NAME, SCALE), Text("等级", "ordered choices")),
        Key("choices", Entries(NAME, CHOICE_SET), Text("取值集合", "unordered closed sets of values")),
        Key("kinds", Entries(DOTTED_NAME, KIND), Text("实体类型", "kinds of entities; adds to one known already")),
        Key(
            "conclusions", Entries(DOTTED_NAME, CONCLUSION),
            Text("预先声明的结论", "conclusions declared here because they have several writers, or perhaps none"),
        ),
    ),
)  # fmt: skip

# ---- instruments ----------------------------------------------------------------------------------------------------

STATUSES: tuple[ClauseStatus, ...] = ("not_decidable", "other_subject", "text_not_at_hand", "pending")
CLAUSE = Shape(
    "clause",
    Text("条款", "a clause"),
    (
        Key("id", "word", Text("条款号", "its number or name in the instrument"), True),
        _TITLE,
        Key("status", Words(STATUSES), Text("为何没有规则", "why no rule implements it; absent where one must")),
        Key("reason", "text", Text("理由", "the reason in words")),
    ),
    needs={"status": ("reason",), "reason": ("status",)},
)
INSTRUMENT = Shape(
    "instrument",
    Text("法律文件", "an instrument"),
    (
        Key("id", DOCUMENT_NAME, Text("编号", "the id that rules cite"), True),
        _TITLE,
        Key("number", "word", Text("文号", "the number of the instrument")),
        Key("issuer", "text", Text("制定机关", "who issued it"), True),
        Key("level", Words(tuple(LEVELS)), Text("效力层级", "its rank; superior first"), True),
        Key("jurisdiction", PLACE, Text("地域", "CN or a GB/T 2260 code"), True),
        Key("in_force", IN_FORCE, Text("施行期间", "the days on which it is in force, inclusive"), True),
        Key("supersedes", Items(DOCUMENT_NAME, empty=True), Text("所替代的文件", "instruments that it replaces")),
        Key("clauses", Items(CLAUSE, empty=True), Text("条款", "its clauses"), True),
    ),
)
INSTRUMENTS = Shape(
    "instruments document",
    Text("法律文件文档", "an instruments document"),
    (
        Key("instruments", DOCUMENT_NAME, Text("文档名", "the name of the document"), True),
        Key("list", Items(INSTRUMENT), Text("法律文件", "the instruments"), True),
    ),
)

# ---- tables ---------------------------------------------------------------------------------------------------------

COLUMN = Shape(
    "column",
    Text("列", "a column"),
    (
        Key("type", TYPE_NAME, Text("类型", "the type of its cells"), True),
        _OF,
        _UNIT,
        Key("column", "words", Text("文件中的列名", "the header in the file, where it differs from the name")),
    ),
)
ABSENT_KEY: tuple[Literal["unknown", "not_applicable"], ...] = ("unknown", "not_applicable")
TABLE = Shape(
    "table document",
    Text("查找表文档", "a table document"),
    (
        Key("table", DOCUMENT_NAME, Text("表名", "the name that lookup() takes"), True),
        Key("file", FILE_NAME, Text("同目录的 CSV 文件", "the CSV file beside the document, UTF-8"), True),
        Key("instrument", DOCUMENT_NAME, Text("来源文件", "the instrument it is from"), True),
        Key("clause", "citation", Text("来源条款", "the clause it is from"), True),
        _TITLE,
        Key("keys", Items(NAME), Text("键列", "the key columns, in the order in which lookup() takes them"), True),
        Key("columns", Entries(NAME, COLUMN), Text("列", "the columns that are read"), True),
        Key(
            "absent_key", Words(ABSENT_KEY),
            Text("查不到时的含义", "what a known key without a row means; `unknown` unless said"),
        ),
    ),
)  # fmt: skip

# ---- rulesets -------------------------------------------------------------------------------------------------------

OUTCOMES = ("finding", "value", "grade", "duty", "assign")
SEVERITIES: tuple[Literal["major", "general"], ...] = ("major", "general")
FORCES: tuple[Force, ...] = get_args(Force)
CONFIDENCES: tuple[Confidence, ...] = get_args(Confidence)
HIT_POLICIES: tuple[HitPolicy, ...] = get_args(HitPolicy)
BASES: tuple[Literal["calendar", "rolling"], ...] = ("calendar", "rolling")

_PERIOD = (
    Key("months", Whole(1), Text("月数", "months")),
    Key("days", Whole(1), Text("天数", "days")),
)
SHORTER_PERIOD = Shape("shorter period", Text("更短的周期", "a shorter period"), _PERIOD, one_of=(("months", "days"),))
EVERY = Shape(
    "every",
    Text("周期", "a period"),
    (
        *_PERIOD,
        Key(
            "basis",
            Words(BASES),
            Text("按日历期还是滚动计", "by calendar periods, or rolling from the last time"),
            True,
        ),
    ),
    one_of=(("months", "days"),),
)
REMEDY = Shape(
    "remedy",
    Text("整改办法", "a remedy"),
    (
        Key("text", "text", Text("如何整改", "what fixes it"), True),
        Key("facts", Items(DOTTED_NAME, empty=True), Text("整改可改变的事实", "which facts a remedy may change")),
    ),
)
DUTY = Shape(
    "duty",
    Text("义务", "a duty"),
    (
        Key("text", "text", Text("义务内容", "what must be done"), True),
        Key("evidence", "text", Text("证据", "what shows that it was done")),
    ),
)
OUTCOME = Shape(
    "outcome", Text("结果", "an outcome"), (Key("is", "expression", Text("表达式", "an expression"), True),)
)

_ROW_KEYS = (
    Key("then", "outcome", Text("结果", "the outcome: a value, or {is: expression}")),
    Key("may", Items("literal", alone=True), Text("允许的结果", "a permission: the outcomes that are permitted")),
    Key("settled_by", DOTTED_NAME, Text("记录决定的事实", "the fact with the decision that settles a permission")),
    Key("clause", CITATIONS, Text("条款", "the clause of this row")),
    _OPTIONAL_TITLE,
)
_A_ROW = Text("决策表的行", "a row")
ROW = Shape(
    "row",
    _A_ROW,
    (Key("when", CONDITION, Text("条件", "where the row holds"), True), *_ROW_KEYS),
    one_of=(("then", "may"),),
    beside={"settled_by": ("may",)},
)
ROW_OF_CELLS = Shape(
    "row of cells",
    _A_ROW,
    (
        Key(
            "if",
            Items("cell"),
            Text("各输入的条件", 'a cell for each input: `-`, a literal, ">= 3", "3..9", [a, b]'),
            True,
        ),
        *_ROW_KEYS,
    ),
    one_of=(("then", "may"),),
    beside={"settled_by": ("may",)},
)
DECISION_TABLE = Shape(
    "decision table",
    Text("决策表", "a decision table"),
    (
        Key("hit", Words(HIT_POLICIES), Text("命中策略", "the hit policy"), True),
        Key("inputs", Items("expression"), Text("各列的输入", "what the cells of the rows compare")),
        Key(
            "rows",
            Items(Alternatives("rows", _A_ROW, (("if", ROW_OF_CELLS), ("when", ROW)))),
            Text("行", "the rows"),
            True,
        ),
        Key(
            "otherwise", "outcome or none", Text("没有行成立时", "the outcome where no row holds; `none` for no value")
        ),
    ),
)

_ID = Key("id", RULE_ID, Text("唯一编号", "unique; dotted lower case"), True)
_CLAUSE = Key(
    "clause", CITATIONS,
    Text("条款号，或 文件#条款；多个用列表", "of the ruleset's instrument, or `instrument#clause`; or a list"), True,
)  # fmt: skip
_ON = Key("on", DOTTED_NAME, Text("实体类型", "an entity kind: the rule is evaluated once for each such entity"), True)
_DESCRIPTION = (
    Key("confidence", Words(CONFIDENCES), Text("核对程度", "how well the text was checked; shown when from memory")),
    Key("force", Words(FORCES), Text("约束力", "`must` unless said. Only `must` and `may` bind")),
    Key("in_force", IN_FORCE, Text("施行期间", "narrows the instrument's days for this rule")),
    Key(
        "overrides",
        Items(RULE_ID, empty=True),
        Text("让位的规则", "rules that give way wherever this rule says something"),
    ),
)
_NOTE = Key("note", "text", Text("说明", "words for readers"))
_OUTCOME_KEYS = (
    Key("concludes", DOTTED_NAME, Text("结论名", "the name of the conclusion; the id unless said")),
    Key("applies", CONDITION, Text("适用条件", "where it is false the rule is not applicable")),
    Key("value", TYPE_NAME, Text("结论的类型", "outcome: a value of this type, by `is` or `table`")),
    Key("grade", TYPE_NAME, Text("结论的等级", "outcome: a level of this scale, by `is` or `table`")),
    Key("assign", TYPE_NAME, Text("指派", "outcome: a tier, a regulator or another assignment, by `is` or `table`")),
    Key("duty", DUTY, Text("义务", "outcome: what must be done")),
    _OF,
    _UNIT,
    Key("when", CONDITION, Text("条件", "where a finding is found, or a duty holds")),
    Key("finding", Words(SEVERITIES), Text("隐患", "outcome: a hazard or breach")),
    Key("is", CONDITION, Text("取值", "the value")),
    Key("table", DECISION_TABLE, Text("决策表", "the value, by rows")),
    Key("due", CONDITION, Text("期限", "of a duty: the last day in time, a date")),
    Key("every", EVERY, Text("周期", "of a duty: how often")),
    Key("remedy", REMEDY, Text("整改", "of a finding: what fixes it")),
    _NOTE,
)
_BESIDE = {
    "when": ("finding", "duty"),
    "remedy": ("finding",),
    "is": ("value", "grade", "assign"),
    "table": ("value", "grade", "assign"),
    "of": ("value", "assign"),
    "unit": ("value", "assign"),
    "due": ("duty",),
    "every": ("duty",),
}
_VALUE = ("is", "table")
_ONE_BESIDE = {"value": _VALUE, "grade": _VALUE, "assign": _VALUE}
RULE = Shape(
    "rule",
    Text("规则", "a rule"),
    (_ID, _TITLE, _CLAUSE, *_DESCRIPTION, _ON, *_OUTCOME_KEYS),
    one_of=(OUTCOMES,),
    beside=_BESIDE,
    needs={"finding": ("when",)},
    one_beside=_ONE_BESIDE,
)
REPLACEMENT = Shape(
    "replacement",
    Text("替换规则", "a replacement rule"),
    (_TITLE, Key("clause", CITATIONS, _CLAUSE.text), *_DESCRIPTION, _ON, *_OUTCOME_KEYS),
    one_of=(OUTCOMES,),
    beside=_BESIDE,
    needs={"finding": ("when",)},
    one_beside=_ONE_BESIDE,
)
EXCEPTION = Shape(
    "exception",
    Text("例外", "an exception"),
    (
        _ID,
        Key("except", RULE_ID, Text("所例外的规则", "the rule that it limits"), True),
        _TITLE,
        _CLAUSE,
        *_DESCRIPTION,
        Key("when", CONDITION, Text("条件", "where the exception holds")),
        Key(
            "decided_by",
            DOTTED_NAME,
            Text("记录决定的事实", "a recorded departure: the fact whose value replaces the outcome"),
        ),
        Key("then", "outcome", Text("结果", "the outcome that replaces the rule's")),
        Key("withdraw", "yes", Text("撤回", "takes the outcome back: a finding is then not applicable")),
        _NOTE,
    ),
    one_of=(("when", "decided_by"),),
    beside={"then": ("when",), "withdraw": ("when",)},
    one_beside={"when": ("then", "withdraw")},
)

_OVERLAY_CLAUSE = Key("clause", CITATIONS, _CLAUSE.text, True)
TIGHTENINGS = ("or_when", "severity", "raise_to", "every")


def _overlay(action: str, target: NameShape, text: Text, *others: Key, one_of: tuple[str, ...] = ()) -> Shape:
    return Shape(
        f"{action} overlay",
        Text(f"{action} 覆盖", f"an overlay with '{action}'"),
        (Key(action, target, text, True), *others, _OVERLAY_CLAUSE),
        one_of=(one_of,) if one_of else (),
    )


OVERLAYS = {
    "set": _overlay(
        "set", PARAMETER_PATH, Text("设定的参数", "the parameter, `ruleset/name`"),
        Key("value", "literal", Text("值", "its value here"), True),
    ),
    "exempt": _overlay(
        "exempt", RULE_ID, Text("豁免的规则", "the rule"), Key("when", CONDITION, Text("条件", "where"), True)
    ),
    "replace": _overlay(
        "replace", RULE_ID, Text("替换的规则", "the rule"), Key("with", REPLACEMENT, Text("新规则", "a rule"), True)
    ),
    "tighten": _overlay(
        "tighten", RULE_ID, Text("加严的规则", "the rule"),
        Key("or_when", CONDITION, Text("另一条件", "adds a disjunct to `when`")),
        Key("severity", Words(("major",)), Text("改为重大", "makes a finding major")),
        Key("raise_to", LEVEL, Text("不低于此级", "raises a grade to this level")),
        Key("every", SHORTER_PERIOD, Text("更短的周期", "shortens the period of a duty")),
        one_of=TIGHTENINGS,
    ),
}  # fmt: skip
PARAMETER = Shape(
    "parameter",
    Text("参数", "a parameter"),
    (
        Key("type", TYPE_NAME, Text("类型", "its type"), True),
        _OF,
        Key("value", "literal", Text("值；不写为未定", "its value; without one it is unsettled")),
        _UNIT,
        _TITLE,
        Key("clause", "citation", Text("条款", "the clause it is from")),
    ),
)
RULESET = Shape(
    "ruleset",
    Text("规则集", "a ruleset"),
    (
        Key("ruleset", DOCUMENT_NAME, Text("规则集名", "the name of the ruleset"), True),
        _TITLE,
        Key("instrument", DOCUMENT_NAME, Text("默认的法律文件", "the instrument of a `clause` that names none"), True),
        Key("sector", NAME, Text("行业领域", "findings count for this sector")),
        Key("jurisdiction", PLACE, Text("地域", "where it holds; the instrument's own unless said")),
        Key("parameters", Entries(NAME, PARAMETER), Text("参数", "numbers and choices that a jurisdiction may set")),
        Key(
            "rules", Items(Alternatives("rules", RULE.what, (("except", EXCEPTION), ("id", RULE))), empty=True),
            Text("规则", "the rules"),
        ),
        Key(
            "overlays",
            Items(Alternatives("overlays", Text("覆盖", "an overlay"), tuple(OVERLAYS.items())), empty=True),
            Text("覆盖", "changes to rules of others, where `jurisdiction` covers the place"),
        ),
    ),
    needs={"overlays": ("jurisdiction",)},
)  # fmt: skip

#: Each document, by the first key that says what it is.
DOCUMENTS: Mapping[str, Shape] = {"facts": FACTS, "ruleset": RULESET, "instruments": INSTRUMENTS, "table": TABLE}
