"""Words for people, in Chinese."""

from __future__ import annotations

from datetime import date
from typing import Final, assert_never

from chatui.conversations.context import QuestionTooLong
from chatui.domain.errors import (
    AnswerUnderWay,
    Draining,
    EmptyMessage,
    MessageTooLong,
    NoModel,
    NotFound,
    QueueFull,
    Refused,
    StorageUnavailable,
)
from chatui.scheduler.decision import Place, Waits
from storage.errors import StorageError

PAGE: Final[dict[str, str]] = {
    "app": "Samovar",
    # The conversations.
    "new_chat": "新对话",
    "conversations": "对话",
    "open_list": "显示对话列表",
    "close_list": "隐藏对话列表",
    "no_conversations": "您的提问会保存在这里。",
    "list_waiting": "排队中",
    "list_writing": "正在回答",
    "list_ready": "已回答，尚未查看",
    # The box.
    "ask": "请输入问题",
    "send": "发送",
    "send_hint": "发送（Enter）",
    "stop": "停止",
    "stop_hint": "停止（Esc）",
    "near_limit": "{count} / {limit} 个字符",
    "too_long": "超出 {excess} 个字符：一条消息最多 {limit} 个。",
    "offline": "连接已断开。输入的内容会保留在这里，正在重新连接。",
    "offline_pending": "连接已断开。恢复后会立即发送。",
    # The transcript.
    "transcript": "消息",
    "loading": "正在载入对话",
    "asked": "您的提问",
    "answered": "{model} 的回答",
    "waiting": "等待中",
    "thinking": "思考中",
    "thought": "思考过程",
    "copy": "复制",
    "copy_code": "复制代码",
    "copied": "已复制",
    "again": "重新回答",
    "show_all": "显示全部",
    "show_less": "收起",
    "to_end": "回到末尾",
    "state_complete": "回答已完成。",
    "state_stopped": "已停止。",
    "state_interrupted": "回答被中断。",
    "state_failed": "回答失败。",
    "state_limited": "回答已达到长度上限。",
    "ended_stopped": "已停止",
    "ended_interrupted": "已中断",
    "ended_failed": "失败",
    "ended_limited": "已达长度上限",
    # Models.
    "choose_model": "选择回答的模型",
    "model_is": "模型：{model}，{state}",
    "no_models": "没有模型",
    "loaded": "已加载",
    "unloaded": "未加载",
    # Nothing asked yet.
    "empty_heading": "您想了解什么？",
    "empty_loaded": "由 {model} 回答，已加载",
    "empty_unloaded": "由 {model} 回答，首次提问时加载",
    "empty_no_model": "目前没有可用的模型",
    "starter_1_title": "解释",
    "starter_1_text": "用一个例子说明进程和线程的区别。",
    "starter_2_title": "写作",
    "starter_2_text": "写一封简短友好的回复：客户询问订单何时送达。",
    "starter_3_title": "编程",
    "starter_3_text": "写一个 Python 函数，按月汇总 CSV 文件中的金额。",
}


_ERRORS: Final[dict[str, str]] = {
    "model_load": "模型加载失败",
    "memory": "内存不足，模型无法加载",
    "busy": "模型服务器正忙",
    "unreachable": "模型服务器没有响应",
    "interrupted": "服务器中断了连接",
    "truncated": "回答提前结束",
    "invalid_reply": "服务器的回复无效",
    "deadline": "服务器用时过长",
    "capability": "该模型不支持此操作",
    "not_found": "服务器上没有这个模型",
    "too_long": "对话超出了模型的上下文",
    "misconfigured": "该地址不是模型服务器",
    "crash": "回答期间应用两次意外停止",
    "unknown": "模型服务器报告了错误",
}


class Chinese:
    """Sentences in Chinese."""

    page = PAGE

    def group(self, day: date, today: date) -> str:
        age = (today - day).days
        if age <= 0:
            return "今天"
        if age == 1:
            return "昨天"
        return "过去 7 天" if age <= 7 else "过去 30 天" if age <= 30 else f"{day.year} 年 {day.month} 月"

    def queued(self, place: Place, now: float) -> str:
        position = "下一个就是您" if place.position == 1 else f"排在第 {place.position} 位"
        parts = [position, _interval(place), _before(place, now)]
        return " · ".join(part for part in parts if part)

    def queued_again(self, place: Place, now: float) -> str:
        return f"重启后继续等待 · {self.queued(place, now)}"

    def retrying(self, code: str, number: int, of: int, seconds: float) -> str:
        when = f"{_seconds(seconds)}后" if seconds >= 1 else "马上"
        return f"{_ERRORS.get(code, _ERRORS['unknown'])}。{when}重试（第 {number} 次，共 {of} 次）。"

    def loading(self, model: str, seconds: float) -> str:
        return f"正在加载 {model} · {_seconds(seconds)}"

    def reading(self) -> str:
        return "正在阅读"

    def thinking(self, seconds: float) -> str:
        return f"正在思考 · {_seconds(seconds)}"

    def writing(self, tokens: int, seconds: float) -> str:
        return f"正在书写 · {tokens} 个词元 · {_seconds(seconds)}"

    def facts(self, model: str, tokens: int | None, seconds: float | None) -> str:
        parts = [model, f"{tokens:,} 个词元" if tokens else "", _speed(tokens, seconds)]
        return " · ".join(part for part in parts if part)

    def left_out(self, count: int) -> str:
        return f"有 {count} 条较早的消息超出了模型的上下文，没有包含在内。"

    def notice(self, state: str, code: str | None, detail: str | None) -> str | None:
        match state:
            case "stopped":
                return "已停止。"
            case "limited":
                return "回答已达到最大长度。"
            case "interrupted":
                return f"回答中途{_ERRORS.get(code or '', '应用被停止')}。已收到的内容已保留。"
            case "failed":
                return f"{_ERRORS.get(code or '', _ERRORS['unknown'])}{_detail(detail)}。"
            case _:
                return None

    def refused(self, refusal: Refused) -> str:  # noqa: C901, PLR0911 - one sentence a class
        match refusal:
            case EmptyMessage():
                return "请先输入消息。"
            case MessageTooLong(length=length, limit=limit):
                return f"这条消息有 {length:,} 个字符，最多 {limit:,} 个。请缩短或分成几条。"
            case QuestionTooLong(tokens=tokens, context=context):
                return f"这条消息约需 {tokens:,} 个词元，而模型的上下文为 {context:,}。请缩短，或选择上下文更大的模型。"
            case QueueFull():
                return _full(refusal)
            case AnswerUnderWay():
                return "此对话中还有一个回答正在进行。请等待或停止它。"
            case NoModel(wanted=None):
                return "目前还没有可以回答的模型，您的文字会保留在此。"
            case NoModel(wanted=wanted):
                return f"已没有服务器提供模型 {wanted}，请选择其他模型。"
            case Draining():
                return "应用即将重启。您的文字仍保留在此，请稍后再发送。"
            case StorageUnavailable():
                return "目前无法保存，因此没有发送。您的文字仍保留在此。"
            case NotFound():
                return "此对话已不存在。"
            case _:
                return "无法发送。"

    def answers(self, origin: str, names: str) -> str:
        if origin == "embedded":
            return "当前由内置的小模型回答。想要更好的模型，请在本机启动 Ollama，或用 --backend URL 指定服务器。"
        return f"回答来自 {names}。"

    def unreachable(self, names: str) -> str:
        return f"{names} 没有响应，每隔几秒会重试。"

    def storage(self, error: StorageError) -> str:
        reasons = {"DiskFull": "磁盘已满", "ReadOnly": "数据库为只读", "DatabaseLocked": "数据库被其他程序占用"}
        why = reasons.get(type(error).__name__, str(error).rstrip("."))
        return f"目前无法保存：{why}。恢复之前不接受新的问题，已输入的文字会保留。"

    def stopping(self) -> str:
        return "应用即将重启。等待中的问题会保留，并在之后继续。"

    def model_facts(self, parameters: str | None, quantization: str | None, context: int | None) -> str:
        size = f"{round(context / 1024)}k 上下文" if context else None
        return " · ".join(part for part in (parameters, quantization, size) if part)


def _interval(place: Place) -> str:
    if place.low is None or place.high is None:
        return ""
    low, high = round(place.low), max(round(place.high), 1)
    if high >= 120:
        return f"{max(low // 60, 1)}–{-(-high // 60)} 分钟"
    return f"{low}–{high} 秒" if low != high else f"{high} 秒"


def _before(place: Place, now: float) -> str:
    match place.waits:
        case Waits.PAUSED:
            return "队列已暂停"
        case Waits.BREAKER:
            return f"模型多次加载失败{_until(place, now)}"
        case Waits.RETRY:
            return f"即将重试{_until(place, now)}"
        case Waits.IDLE:
            return "等到没有其他人排队"
        case Waits.NO_BACKEND:
            return "没有可用的服务器提供此模型"
        case Waits.TURN:
            return _answers(place)
        case _:
            assert_never(place.waits)


def _answers(place: Place) -> str:
    steps = []
    if place.answers_before:
        steps.append(f"{place.answers_before} 个回答")
    if place.swaps_before:
        steps.append(f"{place.swaps_before} 次模型切换")
    return f"前面还有 {'和 '.join(steps)}" if steps else ""


def _until(place: Place, now: float) -> str:
    return f"，{_seconds(place.until - now)}后" if place.until is not None and place.until > now else ""


def _seconds(seconds: float) -> str:
    whole = max(0, round(seconds))
    return f"{whole} 秒" if whole < 120 else f"{whole // 60} 分 {whole % 60:02d} 秒"


def _speed(tokens: int | None, seconds: float | None) -> str:
    return f"{tokens / seconds:.0f}/秒" if tokens and seconds else ""


def _detail(detail: str | None) -> str:
    return f"：{' '.join(detail.split())[:200].rstrip('.')}" if detail else ""


def _full(refusal: QueueFull) -> str:
    minutes = -(-int(refusal.retry_after.total_seconds()) // 60)
    when = "一分钟内" if minutes <= 1 else f"约 {minutes} 分钟后"
    match refusal.scope:
        case "person":
            return f"您已有 {refusal.limit} 条消息在等待，{when}可再发送。"
        case "wait":
            return f"目前等待时间过长，请{when}再试。"
        case _:
            return f"队列已满：已有 {refusal.limit} 条消息在等待，请{when}再试。"
