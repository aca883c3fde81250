"""The words around importing conversations, in Chinese."""

from __future__ import annotations

from typing import Final

from chatui.conversations.importing.flaws import ImportFlaw
from chatui.conversations.importing.origin import Mark, Marks

IMPORT: Final[dict[str, str]] = {
    "import_title": "导入对话",
    "import_link": "导入对话",
    "import_text": (
        "可导入 ChatGPT（它发来的压缩包，或其中的 conversations.json）、Open "
        "WebUI（导出的对话）以及 Samovar（单个对话的 JSON，或您的全部数据）。标题、日期和分"
        "支都会保留，来自 Samovar 的附件也会保留；其他来源的图片、文件和工具只留下简短说明。已经存在的"
        "对话不会重复导入。"
    ),
    "import_file": "文件，最大 {size}",
    "import_choose": "选择文件",
    "import_none": "尚未选择",
    "import_start": "导入",
    "import_last": "上次导入",
    "import_back": "您的账户",
    "import_stage_waiting": "正在等待另一次导入结束",
    "import_stage_checking": "正在读取文件",
    "import_stage_keeping": "正在导入：{done} / {total}",
    "import_added": "已导入 {count} 个对话。",
    "import_there": "{count} 个已经存在。",
    "import_files": "附件：{count} 个。",
    "import_files_left_out": "{count} 个附件未导入。",
    "import_left_out": "{count} 个未导入（{reasons}）。",
    "import_and": "、",
    "import_reason_empty": "没有消息：{count}",
    "import_reason_damaged": "已损坏：{count}",
    "import_reason_unknown": "无法识别：{count}",
    "import_reason_too_long": "过长：{count}",
    "did_data_imported": "导入对话",
}

IMPORT_FLAWS: Final[dict[str, str]] = {
    ImportFlaw.NO_FILE: "请先选择文件。",
    ImportFlaw.UNREADABLE: "无法读取这个文件：它不是 JSON，也不是含有对话的压缩包，或者已损坏。没有导入任何内容。",
    ImportFlaw.NOTHING: "在这个文件中没有找到对话。需要 ChatGPT、Open WebUI 或 Samovar 的导出文件。",
    ImportFlaw.TOO_LARGE: "文件过大。请从压缩包中取出 conversations.json，单独导入。",
    ImportFlaw.UNDER_WAY: "已有一次导入正在进行，请等它结束后再开始。",
    ImportFlaw.FULL: "对话已经太多，无法再导入。请先删除一些。",
}

MARKS: Final[Marks] = {
    Mark.IMAGE: "[图片，未导入]",
    Mark.AUDIO: "[声音，未导入]",
    Mark.FILE: "[文件，未导入]",
    Mark.TOOL: "[这里使用了工具，其内容未导入]",
    Mark.OTHER: "[此部分的类型无法导入]",
    Mark.CUT: "[消息过长，其余部分未导入]",
}
