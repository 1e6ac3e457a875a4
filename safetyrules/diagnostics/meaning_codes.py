"""Names (SR04xx), types, units, applicability (SR05xx), conclusions, exceptions, order (SR06xx), tables (SR08xx)."""

from __future__ import annotations

from safetyrules.text import Text

CODES: dict[str, Text] = {
    "SR0401": Text(
        "{what}“{name}”重复（只有大小写不同也算重复）",
        "{what} '{name}' is already taken (names that differ only by case count as the same)",
    ),
    "SR0402": Text("“{name}”是内建类型名，不能另行定义", "'{name}' is a built-in type and cannot be defined again"),
    "SR0403": Text("实体种类“{name}”没有标题", "entity kind '{name}' has no title"),
    "SR0404": Text(
        "实体种类“{name}”既不是根，也没有列表事实收录它",
        "entity kind '{name}' is neither a root nor held in a list fact, so nothing can be one",
    ),
    "SR0405": Text("实体种类互相包含：{cycle}", "entity kinds contain each other: {cycle}"),
    "SR0406": Text(
        "实体种类“{kind}”已由另一列表事实收录，只能收录一次",
        "entity kind '{kind}' is already held in another list fact; one list holds it",
    ),
    "SR0408": Text("log 所指“{name}”不是种类“{kind}”的日期事实", "`log: {name}` is not a date fact of kind '{kind}'"),
    "SR0409": Text("键“{name}”不是该查找表的列", "key '{name}' is not a column of the table"),
    "SR0410": Text(
        "{file} 第 {line} 行的键与第 {first} 行重复{more}",
        "{file} line {line}: the key is that of line {first} again{more}",
    ),
    "SR0411": Text(
        "{file} 第 {line} 行，列“{column}”的值与类型不符{more}",
        "{file} line {line}, column '{column}': the cell is not of its type{more}",
    ),
    "SR0412": Text("没有实体种类“{name}”", "there is no entity kind '{name}'"),
    "SR0413": Text(
        "类型 {type} 没有范围，minimum 和 maximum 只用于数",
        "type {type} has no range; minimum and maximum are for numbers",
    ),
    "SR0414": Text("类型 {type} 没有计量单位，unit 只用于数", "type {type} has no unit; units are for numbers"),
    "SR0415": Text("此处的 choice 没有列出取值", "this choice does not list its values"),
    "SR0416": Text("没有类型“{name}”", "there is no type '{name}'"),
    "SR0418": Text("maximum 小于 minimum（{low}）", "the maximum is below the minimum, {low}"),
    "SR0419": Text("没有计量单位“{unit}”", "there is no unit '{unit}'"),
    "SR0420": Text("没有行业领域“{name}”", "there is no sector '{name}'"),
    "SR0421": Text(
        "行业领域“{sector}”所指的“{name}”既不是根实体的事实，也不是其结论",
        "sector '{sector}' names '{name}', which is neither a fact nor a conclusion of a root kind",
    ),
    "SR0422": Text("log 只用于成员为实体的列表", "`log:` is for lists of parts"),
    "SR0423": Text("参数“{name}”没有被任何规则读取", "parameter '{name}' is read by no rule"),
    "SR0424": Text("“{name}”不能作为名录的成员列表", "'{name}' cannot be the list of a register's members"),
    "SR0425": Text("“{name}”不能与成员共享", "'{name}' cannot be shared with members"),
    "SR0426": Text(
        "行业领域“{sector}”不能由“{name}”推知：它不是“{present}”所在实体的这类事实",
        "sector '{sector}' cannot be implied by '{name}', which is no such fact of the kind that has '{present}'",
    ),
    "SR0501": Text("取值与类型不符", "the value is not of the type needed here"),
    "SR0502": Text("种类“{kind}”没有“{name}”这个事实或结论", "kind '{kind}' has no fact or conclusion '{name}'"),
    "SR0503": Text("表达式的类型不是此处所需", "the expression is not of the type needed here"),
    "SR0504": Text("计量单位不一致", "the units differ"),
    "SR0505": Text("不能相比：{left} 与 {right}", "cannot compare {left} with {right}"),
    "SR0506": Text("{type} 没有次序，不能用 {operator} 比较", "{type} has no order, so {operator} cannot compare it"),
    "SR0507": Text("“{value}”不是“{name}”的取值", "'{value}' is not a value of '{name}'"),
    "SR0508": Text(
        "“{name}”可能没有值（不适用），读取前须用 has() 判断",
        "'{name}' may have no value; ask has() first, in `applies:` or earlier in the expression",
    ),
    "SR0509": Text("此处应为列表", "a list is needed here"),
    "SR0510": Text("没有函数“{name}”", "there is no function '{name}'"),
    "SR0511": Text("函数“{name}”的参数个数不对", "function '{name}' is given the wrong number of arguments"),
    "SR0512": Text("此参数须直接写出，不能由计算得出", "this argument must be written out, not computed"),
    "SR0513": Text("没有{what}“{name}”", "there is no {what} '{name}'"),
    "SR0514": Text("此处需要单个值，而不是列表或实体", "one value is needed here, not a list or an entity"),
    "SR0515": Text("这里不能再取字段", "this has no fields"),
    "SR0518": Text("本规则集没有参数“{name}”", "this ruleset has no parameter '{name}'"),
    "SR0519": Text(
        "各读法的名称须与参数“{name}”的取值完全一致",
        "the readings must be named exactly like the values of parameter '{name}'",
    ),
    "SR0520": Text(
        "参数“{name}”没有值，只能用在 chosen_by 中",
        "parameter '{name}' has no value, so it can only stand in chosen_by",
    ),
    "SR0521": Text("has() 只能用于事实、结论或 lookup()", "has() takes a fact, a conclusion or a lookup()"),
    "SR0522": Text("“{name}”总有值，has() 恒为真", "'{name}' always has a value, so has() is always true"),
    "SR0523": Text("{name}() 不能用于 {type}", "{name}() cannot be used on {type}"),
    "SR0524": Text("没有这一天（日期写作 2024-01-31）", "there is no such day; dates are written 2024-01-31"),
    "SR0525": Text(
        "sector_grades() 要求各行业领域的等级用同一个级别表",
        "sector_grades() needs the grades of all sectors to be of one scale",
    ),
    "SR0526": Text(
        "此处各值须为同一类型：{left} 与 {right}", "values that stand together must be of one type: {left} and {right}"
    ),
    "SR0527": Text(
        "无论“{name}”取何值，此比较恒{outcome}",
        "this comparison is always {outcome}, whatever value '{name}' has",
    ),
    "SR0601": Text("结论“{name}”在另一处是别的类型", "conclusion '{name}' is of another type elsewhere"),
    "SR0602": Text("grade 的类型须为级别表（scale）", "a grade must be of a scale"),
    "SR0603": Text("没有规则“{name}”", "there is no rule '{name}'"),
    "SR0604": Text("例外互相引用：{cycle}", "exceptions refer to each other in a circle: {cycle}"),
    "SR0605": Text(
        "“{name}”不是种类“{kind}”上可以记录此决定的事实",
        "'{name}' is not a fact of kind '{kind}' that can record this decision",
    ),
    "SR0606": Text(
        "整改所涉的“{name}”不是种类“{kind}”的事实", "the remedy names '{name}', which is not a fact of kind '{kind}'"
    ),
    "SR0607": Text(
        "没有参数“{name}”（应写作 规则集/参数）", "there is no parameter '{name}' (written ruleset/parameter)"
    ),
    "SR0608": Text(
        "对规则“{name}”的 tighten（{change}）不能证明更严",
        "this tighten ({change}) of rule '{name}' is not proved stricter by its shape",
    ),
    "SR0609": Text(
        "结论“{name}”已由规则“{first}”写出，“{second}”又写一次；若确有多个来源，请在 facts 文档中声明 open: true",
        "conclusion '{name}' is already written by rule '{first}'; '{second}' writes it again. "
        "If several may, declare it with open: true in a facts document",
    ),
    "SR0610": Text(
        "规则“{first}”与“{second}”在同一地域、同一起始日写同一结论“{name}”，须用 except 或 overrides 区分",
        "rules '{first}' and '{second}' write '{name}' for the same place from the same day; "
        "tell them apart with except or overrides",
    ),
    "SR0611": Text("结论互相依赖，无法计算：{cycle}", "conclusions depend on each other in a circle: {cycle}"),
    "SR0612": Text(
        "规则“{name}”的替换须与原规则同一实体种类、同一种结果",
        "the replacement of rule '{name}' must be on the same kind and have the same outcome as the rule",
    ),
    "SR0613": Text(
        "种类“{kind}”上的规则不能读取名录“{register}”的结论“{name}”",
        "a rule on '{kind}' cannot read '{name}', a conclusion of the register '{register}'",
    ),
    "SR0614": Text(
        "名录上的规则只能读取成员的单个事实和结论，不能读取列表“{name}”",
        "a rule on a register reads single facts and conclusions of a member, not its list '{name}'",
    ),
    "SR0615": Text(
        "规则“{name}”没有约束力（{force}），不能改变有约束力的规则“{other}”的结论",
        "rule '{name}' binds nobody ({force}) and cannot change what rule '{other}' concludes, which does",
    ),
    "SR0616": Text(
        "结论“{name}”既由规则“{first}”以 {one} 写出，又由“{second}”以 {two} 写出：隐患与义务只能由同类规则写",
        "'{name}' is written by rule '{first}' as {one} and by '{second}' as {two}: "
        "a finding or duty is written by rules of its kind alone",
    ),
    "SR0617": Text("规则互相压过（overrides）：{cycle}", "rules override each other in a circle: {cycle}"),
    "SR0802": Text("命中策略“{hit}”不能用于 {type}", "hit policy '{hit}' cannot be used for {type}"),
    "SR0803": Text(
        "命中策略“{hit}”不用 otherwise（没有命中时为 0）",
        "hit policy '{hit}' takes no otherwise: without a row it is 0",
    ),
    "SR0804": Text("may 只能用于取值集合或级别表，不能用于 {type}", "`may:` needs a choice or scale, not {type}"),
}
