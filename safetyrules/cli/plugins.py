"""``safetyrules plugins``: what is installed, and what could not be loaded."""

from __future__ import annotations

from safetyrules.cli import options as o
from safetyrules.cli.output import PlainForm, language_of, print_diagnostics, print_json, print_table
from safetyrules.documents import PluginsDocument, PluginState, diagnostic_document
from safetyrules.plugins import Plugin, load_installed


def plugins(form: o.PLAIN_FORM = PlainForm.text, lang: o.LANG = None) -> int:
    """List the installed plugins with their versions; those that could not be loaded with the reason."""
    found = load_installed().plugins
    if form is PlainForm.json:
        print_json(PluginsDocument(plugins=[_state(plugin) for plugin in found]).to_json())
        return 0
    language = language_of(lang)
    heads = {
        "zh": ("插件", "发行包", "版本", "文件数", "状态"),
        "en": ("plugin", "distribution", "version", "documents", "state"),
    }
    loaded, left_out = {"zh": ("已载入", "未载入"), "en": ("loaded", "left out")}[language]
    rows = [(p.name, p.distribution, p.version, str(len(p.documents)), loaded if p.loaded else left_out) for p in found]
    print_table(heads[language], rows)
    print_diagnostics((problem for plugin in found for problem in plugin.problems), language)
    return 0


def _state(plugin: Plugin) -> PluginState:
    return PluginState(
        name=plugin.name,
        distribution=plugin.distribution,
        version=plugin.version,
        loaded=plugin.loaded,
        documents=list(plugin.documents),
        problems=[diagnostic_document(problem) for problem in plugin.problems],
    )
