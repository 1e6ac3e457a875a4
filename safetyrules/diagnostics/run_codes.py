"""Assessing (SR20xx, SR21xx), forward chaining (SR26xx), plugins (SR30xx) and the command line (SR40xx)."""

from __future__ import annotations

from safetyrules.text import Text

CODES: dict[str, Text] = {
    "SR2001": Text("除数为零，结论未知", "division by zero; the conclusion is unknown"),
    "SR2002": Text(
        "查找表“{table}”没有此键，结果未知", "lookup table '{table}' has no row for this key; the result is unknown"
    ),
    "SR2003": Text(
        "记录的决定不在允许范围内，未采用",
        "the recorded decision is not among what is permitted, so it settles nothing",
    ),
    "SR2004": Text("决策表有两行同时成立而结果不同", "two rows of a decision table hold and disagree"),
    "SR2005": Text("两个例外同时成立而结果不同", "two exceptions hold and disagree"),
    "SR2006": Text(
        "各文件结论不同，法律未定其先后，均属可能",
        "instruments disagree and the law puts none first; all they say stays possible",
    ),
    "SR2007": Text("截取位置超出文本", "the positions are outside the text"),
    "SR2008": Text(
        "规则超出 Python 编译的限度（{reason}），由解释器作答，较慢",
        "the rules are beyond what Python compiles ({reason}); the interpreter answers, more slowly",
    ),
    "SR2009": Text(
        "程序缺陷：生成的代码有误（{reason}），由解释器作答",
        "a defect of safetyrules: the code it generated is not valid ({reason}); the interpreter answers",
    ),
    "SR2101": Text("没有结论“{name}”", "there is no conclusion '{name}'"),
    "SR2102": Text("“{name}”没有级别“{found}”", "'{name}' has no level '{found}'"),
    "SR2103": Text("没有地域“{name}”", "there is no place '{name}'"),
    "SR2104": Text(
        "事实在评估之后被改动，无法重演", "the facts were changed after the assessment, so it cannot be replayed"
    ),
    "SR2105": Text("选项“{option}”的取值不对", "option '{option}' has a wrong value"),
    "SR2115": Text("没有装 Spark（缺 {module}）", "Spark is not installed ({module} is missing)"),
    "SR2106": Text("没有根实体种类“{name}”", "there is no root kind '{name}'"),
    "SR2107": Text("没有行业领域“{name}”", "there is no sector '{name}'"),
    "SR2108": Text(
        "经营地未知，只适用全国性规定；地方规定可能另有要求",
        "the place of operation is not known: national law only; local law may say more",
    ),
    "SR2109": Text(
        "经营地不在已载入的行政区划中，只适用全国性规定",
        "the place of operation is not among the places loaded: national law only",
    ),
    "SR2601": Text("此处不能使用 durable-rules：{reason}", "durable-rules cannot be used here: {reason}"),
    "SR2602": Text("一个分片的规则多于 {limit} 条", "a shard has more than {limit} rules"),
    "SR2603": Text("一条规则连接的命题多于 {limit} 个", "a rule joins more than {limit} propositions"),
    "SR2604": Text("一个分片的命题多于 {limit} 个", "a shard has more than {limit} propositions"),
    "SR2605": Text(
        "只有 0 到 {limit} 的整数可交给 durable-rules", "only integers from 0 to {limit} are handed to durable-rules"
    ),
    "SR2606": Text("推理超过 {limit} 步，已中止", "chaining was stopped after {limit} steps"),
    "SR2607": Text(
        "durable-rules 的规则集已有 {limit} 个，不能再建",
        "there are {limit} durable-rules rulesets already, and no more are built",
    ),
    "SR2608": Text("标识“{one}”与“{two}”的 32 位散列相同", "identifiers '{one}' and '{two}' have the same 32-bit hash"),
    "SR2609": Text("durable-rules 报错：{reason}", "durable-rules failed: {reason}"),
    "SR2610": Text("没有名为“{name}”的推理器", "there is no chainer '{name}'"),
    "SR2611": Text("路径“{name}”不指向任何事实", "the path '{name}' leads to no fact"),
    "SR3001": Text(
        "插件“{name}”未能载入，其余照常：{reason}", "plugin '{name}' is left out, the others are loaded: {reason}"
    ),
    "SR3002": Text(
        "插件“{name}”未能载入，其余照常：{hook} 的返回不合要求（{reason}）",
        "plugin '{name}' is left out, the others are loaded: {hook} returned something unusable ({reason})",
    ),
    "SR3003": Text("没有可用的插件，因此没有任何规则", "no plugin could be loaded, so there is no law to apply"),
    "SR4001": Text("不能读取 {name}：{reason}", "cannot read {name}: {reason}"),
    "SR4002": Text("这不是案例文件：{reason}", "this is not a case file: {reason}"),
    "SR4003": Text("JSON 有误：{reason}", "this is not JSON: {reason}"),
    "SR4004": Text("命令用法不对：{reason}", "the command line is wrong: {reason}"),
    "SR4005": Text("“{name}”不能用 --set 设值：{reason}", "--set cannot set '{name}': {reason}"),
    "SR4006": Text("没有文档“{name}”", "there is no document '{name}'"),
    "SR4007": Text("不使用缓存文件夹 {name}：{reason}", "the cache folder {name} is not used: {reason}"),
    "SR4031": Text("不能写入 {name}：{reason}", "cannot write {name}: {reason}"),
    "SR4090": Text("程序内部出错：{reason}", "an internal error: {reason}"),
}
