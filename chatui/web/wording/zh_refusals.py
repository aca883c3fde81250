"""Why something was not accepted, in Chinese."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from types import MappingProxyType
from typing import Final

from chatui.accounts.names import LONGEST_NAME
from chatui.accounts.password_rules import LONGEST_BYTES, SHORTEST, PasswordFlaw
from chatui.backends.ssrf import AddressFlaw
from chatui.conversations.context import QuestionTooLong
from chatui.conversations.files.kinds import FileFlaw
from chatui.domain.access import Action
from chatui.domain.errors import (
    AccountNotActive,
    AddressRefused,
    AnswerUnderWay,
    Draining,
    EmptyMessage,
    FileRefused,
    Forbidden,
    GroupInUse,
    ImportRefused,
    InvalidInput,
    LastAdmin,
    LinkInvalid,
    MessageTooLong,
    ModelBlind,
    ModelForbidden,
    ModelInUse,
    NameRefused,
    NameTaken,
    NoModel,
    NotFound,
    NothingToContinue,
    NotWaiting,
    PasswordRefused,
    PromptRefused,
    QueueFull,
    QuotaSpent,
    Refused,
    SignInFailed,
    SignUpClosed,
    StorageUnavailable,
    TooManyTries,
)
from chatui.domain.people import AccountState
from chatui.web.wording.zh_import import IMPORT_FLAWS
from chatui.web.wording.zh_prompts import PROMPT_FLAWS

_SENTENCES: Final[Mapping[type[Refused], str]] = MappingProxyType(
    {
        EmptyMessage: "请先输入消息。",
        AnswerUnderWay: "此对话中还有一个回答正在进行。请等待或停止它。",
        NothingToContinue: "这个回答无法继续：它已经完整，或者后面已有其他提问。",
        NotWaiting: "已经轮到这个问题，正在回答。",
        Draining: "应用即将重启。您的文字仍保留在此，请稍后再发送。",
        StorageUnavailable: "目前无法保存，因此没有发送。您的文字仍保留在此。",
        ModelInUse: "模型正在使用，或其服务器即将加载另一个模型。请稍后再试。",
        NotFound: "此内容已不存在。",
        InvalidInput: "这些数值不合适，请修改后再试。",
        Forbidden: "此账户没有这项权限，请联系管理员。",
        SignInFailed: "用户名或密码不正确。",
        LinkInvalid: "此链接已失效，请索取新的链接。",
        NameTaken: "这个名称已被使用，请换一个。",
        NameRefused: f"名称需为 1 到 {LONGEST_NAME} 个可见字符。",
        SignUpClosed: "目前只能通过邀请创建账户，请联系管理员。",
        LastAdmin: "这样一来就没有人能管理应用了。请先指定另一位管理员。",
        GroupInUse: "该组还有成员，请先把他们移到其他组。",
    }
)

_FLAWS: Final[Mapping[str, str]] = MappingProxyType(
    {
        **PROMPT_FLAWS,
        **IMPORT_FLAWS,
        PasswordFlaw.TOO_SHORT: f"密码至少需要 {SHORTEST} 个字符，最好由几个词组成。",
        PasswordFlaw.TOO_LONG: f"密码最多 {LONGEST_BYTES:,} 字节。",
        PasswordFlaw.COMMON: "这个密码很容易被猜到，最好由几个词组成。",
        PasswordFlaw.NAME: "这个密码与名称太接近，最好由几个词组成。",
        AddressFlaw.UNREADABLE: "这不是模型服务器的地址。地址形如 http://host:11434。",
        AddressFlaw.ODD_HOST: "地址的写法不常见，请使用主机名或普通数字。",
        AddressFlaw.UNKNOWN_HOST: "没有使用这个名称的机器。",
        AddressFlaw.FORBIDDEN: "此地址不可能是模型服务器。",
        AddressFlaw.KNOWN: "已有这台服务器。",
        AddressFlaw.NOT_ALLOWED: "设置不允许使用该网络中的地址。",
    }
)

_FILES: Final[Mapping[str, str]] = MappingProxyType(
    {
        FileFlaw.EMPTY: "{name} 是空文件。",
        FileFlaw.BINARY: "无法读取 {name}：支持 UTF-8 文本、PDF、PNG、JPEG、WebP 和 GIF。",
        FileFlaw.CODING: "无法确定 {name} 的文字编码。请另存为 UTF-8 后重新添加。",
        FileFlaw.DAMAGED: "{name} 已损坏，无法读取。",
        FileFlaw.ENCRYPTED: "{name} 有密码保护，请先保存为无密码的文件。",
        FileFlaw.NO_TEXT: "{name} 中没有文字，只有页面图像。请改为添加页面图片。",
        FileFlaw.LONG: "{name} 的文字超出任何模型一次能读的长度，请只添加其中一部分。",
        FileFlaw.PAGES: "{name} 的页数过多，请只添加其中一部分。",
        FileFlaw.PIXELS: "{name} 的像素过多，请先缩小。",
        FileFlaw.HEAVY: "读取 {name} 耗时或占用内存过多，请重新保存或只添加其中一部分。",
        FileFlaw.LARGE: "{name} 太大：单个文件最多 {most} MB。",
        FileFlaw.MANY: "{name} 超出数量：一个问题最多 {most} 个附件。",
        FileFlaw.FULL: "{name} 放不下：您的附件最多共 {most} MB，请先删除带附件的对话。",
        FileFlaw.BUSY: "暂时无法读取 {name}：同时上传的文件过多，请稍后再添加。",
    }
)

_ACCOUNTS: Final[Mapping[str, str]] = MappingProxyType(
    {
        AccountState.PENDING: "该账户正在等待管理员批准。",
        AccountState.DISABLED: "该账户已关闭，请联系管理员。",
    }
)


def refused(refusal: Refused) -> str:  # noqa: C901, PLR0911, PLR0912 - one sentence a class
    """Say why, and what can be done."""
    match refusal:
        case MessageTooLong(length=length, limit=limit):
            return f"这条消息有 {length:,} 个字符，最多 {limit:,} 个。请缩短或分成几条。"
        case QuestionTooLong(tokens=tokens, context=context):
            return f"这条消息约需 {tokens:,} 个词元，而模型的上下文为 {context:,}。请缩短，或选择上下文更大的模型。"
        case QueueFull():
            return _full(refusal)
        case NoModel(wanted=None):
            return "目前还没有可以回答的模型，您的文字会保留在此。"
        case NoModel(wanted=wanted):
            return f"已没有服务器提供模型 {wanted}，请选择其他模型。"
        case ModelForbidden(model=model):
            return f"此账户所在的组不能使用模型 {model}，请选择其他模型。"
        case QuotaSpent(limit=limit, retry_after=after):
            return f"今天的 {limit:,} 个词元已用完，{_when(after)}会有新的额度。"
        case TooManyTries(retry_after=after):
            return f"失败次数过多，{_when(after)}可再试。"
        case AccountNotActive(state=state) if state in _ACCOUNTS:
            return _ACCOUNTS[state]
        case PasswordRefused() | AddressRefused() | PromptRefused() | ImportRefused() if refusal.flaw in _FLAWS:
            return _FLAWS[refusal.flaw]
        case FileRefused(flaw=flaw, name=name, most=most) if flaw in _FILES:
            return _FILES[flaw].format(name=name, most=most)
        case ModelBlind(model=model):
            return f"模型 {model} 不能查看图片，请选择可看图片的模型，或移除图片。"
        case Forbidden(args=(Action.ASK,)):
            return "此账户只能阅读与其共享的内容，不能提问。"
        case _:
            return _SENTENCES.get(type(refusal), "无法完成此操作。")


def _full(refusal: QueueFull) -> str:
    when = _when(refusal.retry_after)
    match refusal.scope:
        case "person" if refusal.limit == 0:
            return "此账户不能有等待中的消息，请在无人提问时再发送。"
        case "person":
            return f"您已有 {refusal.limit} 条消息在等待，{when}可再发送。"
        case "key":
            return f"此密钥同时最多 {refusal.limit} 个请求，请等一个结束后再发送。"
        case "wait":
            return f"目前等待时间过长，请{when}再试。"
        case _:
            return f"队列已满：已有 {refusal.limit} 条消息在等待，请{when}再试。"


def _when(after: timedelta) -> str:
    minutes = -(-int(after.total_seconds()) // 60)
    if minutes <= 1:
        return "一分钟内"
    return f"约 {minutes} 分钟后" if minutes < 120 else f"约 {round(minutes / 60)} 小时后"
