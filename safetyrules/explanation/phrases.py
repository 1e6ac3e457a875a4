"""The fixed words of rendered explanations."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from safetyrules.text import Text

STATUSES: Final[Mapping[str, Text]] = {
    "found": Text("成立", "found"),
    "not_found": Text("不成立", "not found"),
    "not_applicable": Text("不适用", "not applicable"),
    "determined": Text("已确定", "determined"),
    "no_value": Text("无结果", "no value"),
    "undetermined": Text("尚不能确定", "undetermined"),
}
DUTY: Final[Mapping[bool, Text]] = {True: Text("有此义务", "owed"), False: Text("无此义务", "not owed")}
SEVERITIES: Final[Mapping[str, Text]] = {
    "major": Text("重大隐患", "major finding"),
    "general": Text("一般隐患", "general finding"),
}
IF_FOUND: Final[Mapping[str, Text]] = {
    "major": Text("如成立，为重大隐患", "a major finding, if found"),
    "general": Text("如成立，为一般隐患", "a general finding, if found"),
}
CONFIDENCE: Final[Mapping[str, Text]] = {
    "from-memory": Text("条文凭记忆录入，未核对原文", "clause recorded from memory, not checked against the text"),
}
FORCES: Final[Mapping[str, Text]] = {
    "may": Text("可以（许可）", "may (a permission)"),
    "encouraged": Text("鼓励，不具约束力", "encouraged, not binding"),
    "target": Text("工作目标，不具约束力", "a target, not binding"),
    "proposed": Text("征求意见，不具约束力", "proposed, not binding"),
    "recorded": Text("仅作记载，不具约束力", "recorded only, not binding"),
}
GROUPS: Final[Mapping[str, Text]] = {
    "all": Text("须全部成立", "all of these"),
    "any": Text("须任一成立", "any of these"),
    "not": Text("须不成立", "not this"),
}
HITS: Final[Mapping[str, Text]] = {
    "first": Text("取首个成立的行", "the first row that holds decides"),
    "unique": Text("只应有一行成立", "one row should hold"),
    "any": Text("成立的各行结果应一致", "rows that hold must agree"),
    "collect max": Text("取成立各行中最高者", "the highest row that holds decides"),
    "collect min": Text("取成立各行中最低者", "the lowest row that holds decides"),
    "priority": Text("按次序取最优先者", "the row of first rank that holds decides"),
    "collect sum": Text("成立各行求和", "rows that hold are added up"),
    "collect count": Text("数成立的行", "rows that hold are counted"),
}
ROWS: Final[Mapping[str, tuple[str, Text]]] = {
    "holds": ("✓", Text("成立", "holds")),
    "may_hold": ("?", Text("可能成立", "may hold")),
    "does_not_hold": ("✗", Text("不成立", "does not hold")),
    "not_reached": ("·", Text("前面的行已决定，未用到", "not reached")),
}
WRITERS: Final[Mapping[str, Text]] = {
    "decides": Text("起作用", "decides"),
    "may_decide": Text(
        "可能起作用：优先的规则是否作出规定尚不能确定",
        "may decide: whether the rule above it says something is not known",
    ),
    "gives_way": Text("让位", "gives way"),
    "silent": Text("对此未作规定", "says nothing here"),
}
#: Of the rules that write one finding or duty.
ACCUMULATING_WRITERS: Final[Mapping[str, Text]] = {
    **WRITERS,
    "may_decide": Text("可能起作用：其他规则的结论尚不能确定", "may decide: what the other rules come to is not known"),
    "gives_way": Text(
        "不作数：另有规则已认定，或者明定优先", "does not count: another rule finds it, or overrides this one"
    ),
}
#: Of the days by which several rules want one duty done.
DAYS: Final[Mapping[str, Text]] = {
    **WRITERS,
    "may_decide": Text("可能起作用：何者最早尚不能确定", "may decide: which day is the earliest is not known"),
    "gives_way": Text("让位于更早的期限", "gives way to an earlier day"),
}
GROUNDS: Final[Mapping[str, Text]] = {
    "superior": Text("上位规定优先", "the superior instrument prevails"),
    "special": Text("特别规定优先", "the special rule prevails over the general"),
    "later": Text("后出的规定优先", "the later rule prevails"),
    "overrides": Text("本规则明定优先", "the rule says that it overrides it"),
}
EXCEPTIONS: Final[Mapping[str, tuple[str, Text]]] = {
    "applies": ("✓", Text("适用", "applies")),
    "may_apply": ("?", Text("是否适用尚不能确定", "may apply")),
    "does_not_apply": ("✗", Text("不适用", "does not apply")),
}
OVERLAYS: Final[Mapping[str, Text]] = {
    "exempt": Text("地方规定豁免（见例外）", "local law exempts (see the exception)"),
    "replace": Text("地方规定以另一规则代替（未证明更严）", "local law replaces the rule (not proved stricter)"),
    "tighten": Text("地方规定加严", "local law tightens the rule"),
    "set": Text("地方规定改变参数", "local law sets a parameter"),
}
NEEDS: Final[Mapping[str, Text]] = {
    "fact": Text("查明", "find out"),
    "list": Text("列全清单", "complete the list"),
    "decision": Text("需有记录的决定", "a recorded decision"),
    "reading": Text("选定条文读法", "choose a reading"),
    "instrument": Text("缺现行规定", "no instrument in force"),
    "row": Text("查找表缺行", "a row missing from a table"),
    "conflict": Text("规定冲突", "a conflict of rules"),
    "not_computable": Text("无法计算", "not computable"),
}
MARKS: Final[Mapping[str, str]] = {"true": "✓", "false": "✗", "unknown": "?", "no_value": "–", "value": "="}

APPLIES: Final = Text("适用条件", "Applies where")
WHEN: Final = Text("判定条件", "Found where")
OUTCOME: Final = Text("结果", "Outcome")
LAW: Final = Text("依据", "Law")
REPLACED: Final = Text("被例外取代，未采用", "replaced by the exception")
AND_MORE: Final = Text("{words}等 {count} 个", "{words} and others, {count} in all")
REMEDY: Final = Text("整改", "Remedy")
NOTE: Final = Text("说明", "Note")
SETTING: Final = Text("参数", "Parameter")
EXCEPTION: Final = Text("例外", "Exception")
WITHDRAWN: Final = Text("结论撤回", "the outcome is withdrawn")
RECORDED: Final = Text("须有记录的决定", "only by a recorded decision")
NOT_GIVEN: Final = Text("未提供", "not given")
NO_DIFFERENCE: Final = Text("不影响结果", "made no difference")
CLOSED: Final = Text("调用方声明未提及即为无", "the caller declared that what is not mentioned is not so")
IN_FORCE: Final = Text("{first} 起施行", "in force from {first}")
UNTIL: Final = Text("，至 {last}", " to {last}")
ALWAYS: Final = Text("施行日期不详", "days in force not known")
INFERRED: Final = Text("日期为推定：{why}", "date inferred: {why}")
ACTUAL: Final = Text("实际", "actual")
SOURCE: Final = Text("来源：{source}", "source: {source}")
ASSUMED: Final = Text("假定：{why}", "assumed: {why}")
OPEN: Final = Text("清单未必列全", "there may be more")
GIVEN_COUNT: Final = Text("已列 {count} 个", "{count} given")
OTHERS: Final = Text("其余 {count} 个不影响结果或未逐一列出", "{count} more made no difference or are not shown")
MAY_BE_ABSENT: Final = Text("是否属于尚不能确定", "not surely one of them")
NO_LIST: Final = Text(
    "该行业领域当日没有现行的判定标准，可能有也可能没有隐患",
    "no list of this sector is in force that day: anything is possible",
)
OTHER_FINDINGS: Final = Text("其余 {count} 项不成立或不适用", "{count} others are not found or do not apply")
READINGS: Final = Text(
    "条文有 {count} 种读法，参数 {path}（{title}）尚未选定",
    "the clause has {count} readings; the parameter {path} ({title}) that would choose has no value",
)
READING: Final = Text("按“{title}”", "as “{title}”")
PERMITTED: Final = Text("可在{choices}中选定", "may be {choices}")
SETTLED: Final = Text("已由决定“{title}”选定", "settled by the decision “{title}”")
UNSETTLED: Final = Text(
    "决定“{title}”未记录，故均属可能", "the decision “{title}” is not recorded, so each stays possible"
)
NO_DECISION: Final = Text("没有可以选定的决定，故均属可能", "no decision settles it, so each stays possible")
UNDECIDED: Final = Text(
    "没有现行规定对此作出规定，任何结果都可能", "no instrument in force decides this: every outcome stays possible"
)
LOOKED_UP: Final = Text("查《{title}》：{keys} → {column}：{value}", "“{title}”: {keys} → {column}: {value}")
NO_ROW: Final = Text("表中没有这一行", "the table has no such row")
IF: Final = Text("若", "If")
THEN: Final = Text("则", "Then")
OTHERWISE: Final = Text("否则", "Otherwise")
NO_ROW_HOLDS: Final = Text("各行均不成立时", "where no row holds")
ROW: Final = Text("第 {number} 行", "Row {number}")
BY_TABLE: Final = Text("决策表（{hit}）", "Decision table ({hit})")
SETTLE: Final = Text("怎样才能确定", "What would settle it")
ASSUMPTIONS: Final = Text("所依据的假定", "What it assumes")
KNOWN: Final = Text("已知：{value}", "known: {value}")
FACTS_OF: Final = Text("事实日期 {day}", "facts of {day}")
LAW_AT: Final = Text("按 {day} 的法律", "law at {day}")
JURISDICTION: Final = Text("地域 {place}", "jurisdiction {place}")
WHAT_IF: Final = Text("假设地域：不是生产经营地", "what-if: not the place of operation")
TREATED: Final = Text("未知按{how}计：{value}", "unknown taken as {how}: {value}")
PLAN: Final = Text("规则版本 {digest}", "plan {digest}")
COMMA: Final = Text("，", ", ")
SEMICOLON: Final = Text("；", "; ")
COLON: Final = Text("：", ": ")
OPENING: Final = Text("（", " (")
CLOSING: Final = Text("）", ")")
WHY_NOT: Final = Text("为何不是“{level}”", "Why not “{level}”")
PROVEN_ALREADY: Final = Text("结论已经是“{level}”", "the outcome is “{level}” already")
STILL_POSSIBLE: Final = Text(
    "“{level}”仍有可能；须满足下列任一途径", "“{level}” is still possible, by any of these ways"
)
EXCLUDED: Final = Text(
    "按现有事实和决定，不是“{level}”；各途径所缺如下", "not “{level}” on what is given; what stands against each way"
)
NO_WAY: Final = Text("没有规则能得出“{level}”", "no rule leads to “{level}”")
WAY: Final = Text("途径 {number}：{words}", "Way {number}: {words}")
MUST_HOLD: Final = Text("须成立", "would have to hold")
MUST_FAIL: Final = Text("须不成立", "would have to fail")
NOTHING_AGAINST: Final = Text("没有条件与之相悖", "nothing stands against it")
