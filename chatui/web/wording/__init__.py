"""Words for people, one module a language."""

from chatui.web.wording.base import Wording
from chatui.web.wording.en import English
from chatui.web.wording.zh import Chinese

__all__ = ["Wording", "wording_for"]


def wording_for(language: str) -> Wording:
    """The words of a language tag such as `zh-CN`; English where there are none."""
    return Chinese() if language.lower().startswith("zh") else English()
