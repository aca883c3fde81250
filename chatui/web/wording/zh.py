"""Words for people, in Chinese."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Final, assert_never

from chatui.backends.base import ModelInfo
from chatui.domain.errors import Refused
from chatui.domain.jobs import StopReason
from chatui.scheduler.decision import Place, Waits
from chatui.web.wording.figures import about, gigabytes, rounded
from chatui.web.wording.reasons import overrun, upstream_words
from chatui.web.wording.zh_import import MARKS
from chatui.web.wording.zh_page import PAGE
from chatui.web.wording.zh_refusals import refused
from storage.errors import StorageError

__all__ = ["PAGE", "Chinese"]

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
    "ask_refused": "模型服务器拒绝了这个问题",
    "misconfigured": "该地址不是模型服务器",
    "crash": "回答期间应用两次意外停止",
    "unknown": "模型服务器报告了错误",
}


_LATE: Final[dict[str, str]] = {
    "load": "模型服务器在 {limit} 内没有就绪",
    "first_token": "{limit} 内没有收到任何内容",
    "progress": "已有 {limit} 没有新内容",
    "total": "回答用时超过了 {limit}",
}


_STOPPED: Final[dict[str, str]] = {
    StopReason.MODEL: "已停止：此账户所在的组不能再使用该模型。",
    StopReason.ROLE: "已停止：此账户现在只能阅读。",
}


_STEPS: Final[dict[str, str]] = {
    "queued": "排队",
    "restored": "重启后继续排队",
    "loading": "加载模型",
    "reading": "阅读",
    "thinking": "思考",
    "writing": "书写",
}


class Chinese:
    """Sentences in Chinese."""

    language = "zh"
    page = PAGE
    marks = MARKS

    def group(self, day: date, today: date) -> str:
        age = (today - day).days
        if age <= 0:
            return "今天"
        if age == 1:
            return "昨天"
        return "过去 7 天" if age <= 7 else "过去 30 天" if age <= 30 else f"{day.year} 年 {day.month} 月"

    def moment(self, at: datetime, now: datetime) -> str:
        if at.date() == now.date():
            return f"{at:%H:%M}"
        day = f"{at.month} 月 {at.day} 日"
        return day if at.year == now.year else f"{at.year} 年 {day}"

    def queued(self, place: Place, now: float) -> str:
        if place.waits is Waits.IDLE:
            return "没有其他人排队时运行"
        position = "下一个就是您" if place.position == 1 else f"排在第 {place.position} 位"
        parts = [position, _interval(place), _before(place, now)]
        return " · ".join(part for part in parts if part)

    def queued_again(self, place: Place, now: float) -> str:
        return f"重启后继续等待，仍然{self.queued(place, now)}"

    def giving_way(self, place: Place, now: float) -> str:
        return f"让其他人先行 · {self.queued(place, now)}"

    def idle(self, place: Place, now: float) -> str:
        return f"没有其他人排队时运行 · {_before(place, now)}"

    def retrying(self, code: str, number: int, of: int, seconds: float) -> str:
        when = f"{_seconds(seconds)}后" if seconds >= 1 else "马上"
        return f"{_ERRORS.get(code, _ERRORS['unknown'])}。{when}重试（第 {number} 次，共 {of} 次）。"

    def loading(self, model: str, seconds: float, usual: float | None) -> str:
        of = f"，通常约 {_seconds(max(usual, 1))}" if usual else ""
        return f"正在加载 {model} · {_seconds(seconds)}{of}"

    def reading(self) -> str:
        return "正在阅读"

    def thinking(self, seconds: float) -> str:
        return f"正在思考 · {_seconds(seconds)}"

    def thought(self, seconds: float) -> str:
        return f"思考了 {_seconds(max(seconds, 1))}"

    def writing(self, tokens: int, seconds: float) -> str:
        return f"正在书写 · {tokens} 个词元 · {_seconds(seconds)}"

    def step(self, stage: str, number: int, of: int) -> str:
        return f"重试（第 {number} 次，共 {of} 次）" if stage == "retry" else _STEPS[stage]

    def took(self, seconds: float) -> str:
        return f"{seconds:.1f} 秒" if seconds < 9.95 else _seconds(seconds)

    def cause(self, code: str) -> str:
        return _ERRORS.get(code, _ERRORS["unknown"])

    def facts(self, model: str, tokens: int | None, seconds: float | None) -> str:
        parts = [model, f"{tokens:,} 个词元" if tokens else "", _speed(tokens, seconds)]
        return " · ".join(part for part in parts if part)

    def left_out(self, count: int) -> str:
        return f"有 {count} 条较早的消息超出了模型的上下文，没有包含在内。"

    def notice(self, state: str, code: str | None, detail: str | None) -> str | None:
        match state:
            case "stopped":
                return _STOPPED.get(code or "", "已停止。")
            case "limited":
                return "回答已达到最大长度。"
            case "interrupted":
                return f"{_cut(code, detail)}。已收到的内容已保留。"
            case "failed":
                return f"{_failed(code, detail)}。"
            case _:
                return None

    def refused(self, refusal: Refused) -> str:
        return refused(refusal)

    def answers(self, origin: str, names: Sequence[str]) -> str:
        if origin == "embedded":
            return "当前由内置的小模型回答。想要更好的模型，请在本机启动 Ollama，或用 --backend URL 指定服务器。"
        return f"回答来自 {'、'.join(names)}。"

    def first_admin(self, link: str) -> str:
        return f"还没有人可以登录。请在 15 分钟内创建第一位管理员：{link}"

    def shared(self, url: str, until: datetime) -> str:
        return f"已对互联网开放，至 {until:%Y-%m-%d %H:%M} UTC：{url}"

    def not_shared(self, why: str, detail: str) -> str:
        reasons = {
            "off": "链接已关闭",
            "no_admin": "还没有管理员",
            "sign_up_open": "任何人都能自行注册",
            "expired": "链接已到期",
        }
        return f"仅限本机，没有公开链接：{reasons.get(why) or f'无法使用中继（{detail}）'}。"

    def unreachable(self, names: Sequence[str]) -> str:
        return f"{'、'.join(names)} 没有响应，每隔几秒会重试。"

    def storage(self, error: StorageError) -> str:
        reasons = {"DiskFull": "磁盘已满", "ReadOnly": "数据库为只读", "DatabaseLocked": "数据库被其他程序占用"}
        why = reasons.get(type(error).__name__, str(error).rstrip("."))
        return f"目前无法保存：{why}。恢复之前不接受新的问题，已输入的文字会保留。"

    def stopping(self) -> str:
        return "应用即将重启。等待中的问题会保留，并在之后继续。"

    def model_facts(self, model: ModelInfo, context: int | None) -> str:
        size = gigabytes(model.size_bytes) if model.size_bytes else None
        reads = f"{round(context / 1024)}k 上下文" if context else None
        can = [word for capability, word in _CAPABILITIES.items() if capability in model.capabilities]
        return " · ".join(part for part in (model.parameters, model.quantization, size, reads, *can) if part)

    def model_wait(self, seconds: float | None) -> str:
        return f"约需 {about(seconds)} 秒加载" if seconds else "未加载"

    def model_tight(self, needs: int, there: int, smaller: str | None) -> str:
        tight = f"需要 {gigabytes(needs)}，本机只有 {gigabytes(there)}"
        return f"{tight}：{smaller} 更小。" if smaller else f"{tight}。"


_CAPABILITIES = {"vision": "可看图片", "thinking": "会思考", "tools": "可用工具"}


def _interval(place: Place) -> str:
    if place.low is None or place.high is None:
        return ""
    low, high, minutes = rounded(place.low, place.high)
    unit = "分钟" if minutes else "秒"
    return f"{low}–{high} {unit}" if low != high else f"{high} {unit}"


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
    answers, swaps = f"{place.answers_before} 个回答", f"{place.swaps_before} 次模型切换"
    if place.answers_before and place.swaps_before:
        joined = f"{answers}，然后 {swaps}" if place.swaps_before == 1 else f"{answers}和 {swaps}"
        return f"前面有 {joined}"
    return f"前面有 {answers}" if place.answers_before else f"先要 {swaps}" if place.swaps_before else ""


def _until(place: Place, now: float) -> str:
    return f"，{_seconds(place.until - now)}后" if place.until is not None and place.until > now else ""


def _seconds(seconds: float) -> str:
    whole = max(0, round(seconds))
    return f"{whole} 秒" if whole < 120 else f"{whole // 60} 分 {whole % 60:02d} 秒"


def _speed(tokens: int | None, seconds: float | None) -> str:
    return f"{tokens / seconds:.0f}/秒" if tokens and seconds else ""


def _cut(code: str | None, detail: str | None) -> str:
    said = upstream_words(detail)
    match code:
        case None:
            return "回答中途应用被停止"
        case "interrupted" if said:
            return f"回答中途模型服务器报告了错误：{said}"
        case "interrupted":
            return f"回答中途{_ERRORS[code]}"
        case _:
            return _failed(code, None if overrun(detail) is None else detail)


def _failed(code: str | None, detail: str | None) -> str:
    if (late := overrun(detail)) is not None:
        stage, limit = late
        return _LATE.get(stage, _LATE["load"]).format(limit=_seconds(limit) if limit >= 1 else f"{limit:g} 秒")
    said = upstream_words(detail)
    return _ERRORS.get(code or "", _ERRORS["unknown"]) + (f"：{said}" if said else "")
