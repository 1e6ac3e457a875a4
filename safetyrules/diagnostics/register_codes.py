"""Registers: their tables and mapping (SR5001 to SR5029), rows that are set aside (from SR5031), and runs over
whole registers (from SR5101)."""

from __future__ import annotations

from safetyrules.text import Text

CODES: dict[str, Text] = {
    # Tables
    "SR5001": Text("不能读取登记册的“{name}”：{reason}", "cannot read '{name}' of the register: {reason}"),
    "SR5002": Text("登记册没有“{kind}”的表", "the register has no table of '{kind}'"),
    "SR5003": Text("表“{table}”不属于任何种类", "table '{table}' belongs to no kind of entity"),
    "SR5004": Text("表“{table}”没有{key}列", "table '{table}' has no column of the {key}"),
    "SR5005": Text(
        "表“{table}”的列“{column}”可能是 {facts} 中的任何一个", "column '{column}' of '{table}' may be any of {facts}"
    ),
    "SR5006": Text("表“{table}”有几列都给出 {fact}：{columns}", "columns of '{table}' give {fact} twice: {columns}"),
    "SR5007": Text("表“{table}”没有列“{column}”", "table '{table}' has no column '{column}'"),
    "SR5008": Text("“{kind}”没有事实“{fact}”", "'{kind}' has no fact '{fact}'"),
    "SR5009": Text("单位“{unit}”不能用于 {fact}", "the unit '{unit}' does not fit {fact}"),
    "SR5010": Text("列“{column}”的类型装不下 {fact}", "the type of column '{column}' cannot hold {fact}"),
    "SR5011": Text("“{word}”不是 {fact} 的值", "'{word}' is no value of {fact}"),
    "SR5012": Text("列“{column}”的一格中有几个值，须写明分隔符", "the values in a cell of '{column}' need a separator"),
    "SR5013": Text("“{key}”不能用于 {fact}", "'{key}' does not fit {fact}"),
    "SR5014": Text("登记册没有表“{table}”", "the register has no table '{table}'"),
    "SR5015": Text("表“{table}”有两列都叫“{column}”", "two columns of '{table}' are called '{column}'"),
    "SR5016": Text("“{kind}”的表“{table}”已给了“{other}”", "table '{table}' of '{kind}' is that of '{other}' already"),
    "SR5017": Text("看不出“{name}”的编码", "the encoding of '{name}' cannot be told"),
    "SR5018": Text("读取“{name}”还需安装 {package}", "to read '{name}', {package} must be installed"),
    "SR5019": Text("表“{table}”的列“{column}”未读取", "column '{column}' of '{table}' is not read"),
    "SR5020": Text(
        "“{name}”的列“{column}”与同表其他文件不一", "column '{column}' of '{name}' is not as in the table's other files"
    ),
    "SR5021": Text("不能读取“{name}”的列“{column}”：{reason}", "cannot read column '{column}' of '{name}': {reason}"),
    # Rows and cells
    "SR5031": Text("{row}没有主体的键", "{row} has no key of its subject"),
    "SR5032": Text("有 {count} 行是同一主体", "{count} rows are of one subject"),
    "SR5033": Text("登记册中没有这个主体", "the register has no such subject"),
    "SR5034": Text("主体没有键为“{parent}”的上级部分", "the subject has no part '{parent}' that this one could be in"),
    "SR5035": Text("主体有 {count} 个键为“{part}”的部分", "{count} parts of the subject have the key '{part}'"),
    "SR5036": Text("值不在所列的值之中", "not one of the values that the column may have"),
    "SR5037": Text("日期不合 {format} 的写法", "the date is not written as {format}"),
    "SR5038": Text("第 {line} 行不是 JSON 文档：{reason}", "line {line} is no JSON document: {reason}"),
    "SR5039": Text("值与所知范围同时给出", "a value and what is known of it in part are both given"),
    "SR5041": Text("登记册中没有主体“{name}”", "the register has no subject '{name}'"),
    # Runs over whole registers
    "SR5101": Text(
        "“{name}”是另一次运行的结果：{what} 不同", "'{name}' holds the answers of another run: other {what}"
    ),
    "SR5102": Text("另一个进程正在写入“{name}”", "another process is writing to '{name}'"),
    "SR5103": Text("“{name}”不是登记册的结果文件夹", "'{name}' is no folder of a register's answers"),
    "SR5104": Text("运行中“{name}”有了变化", "'{name}' changed while it was read"),
    "SR5105": Text(
        "主体数不符：读取 {read}，作答 {answered}，搁置 {set_aside}",
        "subjects do not add up: {read} read, {answered} answered, {set_aside} set aside",
    ),
}
