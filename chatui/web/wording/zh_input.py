"""The words for what stands around the box, in Chinese."""

from __future__ import annotations

from typing import Final

INPUT: Final[dict[str, str]] = {
    # How it answers.
    "manner": "回答方式",
    "manner_own": "回答方式：自定义",
    "manner_system": "系统提示词",
    "manner_temperature": "温度",
    "manner_top_p": "Top P",
    "manner_max_tokens": "回答最长（token）",
    "manner_seed": "随机种子",
    "manner_stop": "停止词",
    "manner_stop_hint": "每行一个",
    "manner_think": "思考",
    "manner_default": "模型默认",
    "manner_note": "只用于此对话，从下一个回答开始。留空的项由模型自行决定。",
    "manner_reset": "全部恢复默认",
    "manner_apply": "使用",
    "thinking_off": "关闭",
    "thinking_on": "开启",
    "thinking_low": "少",
    "thinking_medium": "中",
    "thinking_high": "多",
    "preset": "预设",
    "preset_pick": "选择预设",
    "preset_none": "还没有预设",
    "preset_save": "存为预设",
    "preset_name": "预设名称",
    "preset_delete": "删除预设",
    # Diagrams.
    "diagram": "图表",
    "diagram_source": "源代码",
    "diagram_show": "图表",
    "diagram_failed": "无法绘制此图表，以下是其源代码。",
    # Several models at once.
    "compare": "并排比较",
    "compare_menu": "同时回答的其他模型",
    "compare_title": "让其他模型也回答下一个问题；每个回答单独排队",
    "compare_with": "以及 {models}",
    "columns": "并排的回答",
    "column_stop": "停止 {model}",
    "column_choose": "用这个继续",
    "column_choose_name": "用 {model} 继续",
    "column_chosen": "对话将以此继续",
    "column_chosen_name": "对话将以 {model} 继续",
    # The context.
    "context_name": "上下文占用",
    "context_full": "上下文 {percent} %",
    "context_title": "约 {used} / {room} 个 token；另留 {rest} 个用于回答",
    "context_left_out": "较早的消息不会发送：{count} 条",
    "context_over": "超出此模型的上下文",
}
