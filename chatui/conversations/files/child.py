"""Reads one file in a process of its own, which may neither last nor take much, whatever is in the file.

Run as `python -m chatui.conversations.files.child pdf` (or `image`, or `text` for one that is no UTF-8). The file comes
on standard input; the answer on standard output is one line of JSON, `{"media_type": ...}` with what was made of the
file in the bytes behind it, or `{"flaw": ...}`, one of `FileFlaw`.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Mapping
from io import BytesIO
from types import MappingProxyType
from typing import Final

from chatui.conversations.files.kinds import FileFlaw, FileKind, lines_of

MOST_PAGES: Final = 1_000
LONGEST_TEXT: Final = 1_000_000
"""Characters: more than the largest contexts hold."""
MOST_PIXELS: Final = 60_000_000
LONGEST_EDGE: Final = 1_568
"""Pixels of a picture as models get it; they look at no more of it."""

_MEMORY_BYTES: Final = 1024**3
_CPU_SECONDS: Final = 20
_LARGE_PNG: Final = 1_500_000
_FORMATS: Final = ("PNG", "JPEG", "WEBP", "GIF")
_CODINGS: Final = {"cp1252": ("Windows-1252", 0.15), "gb18030": ("GB18030", 0.05)}
"""What texts of Western Europe (Latin-1 is a part of it) and of China are in beside UTF-8: their names for people, and
from which share of oddities on it is another coding. Japanese read as Chinese has 0.075, French of an old Mac 0.18."""
_WRITTEN_OTHERWISE: Final = frozenset({"Croatian", "Czech", "Hungarian", "Polish", "Slovak", "Slovene", "Turkish"})
"""No text in these is in either, however alike the letters look. A few words may still pass: what a file was read as is
told beside it."""


class Flawed(Exception):
    """The file cannot be read; the argument is a `FileFlaw`."""


def main() -> None:
    """Read the file of which the argument tells the kind."""
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what libraries print is no answer
    _limit_this_process()
    data = sys.stdin.buffer.read()
    media_type, made = "", b""
    try:
        media_type, made = READERS[FileKind(sys.argv[1])](data)
        told = {"media_type": media_type}
    except Flawed as flaw:
        told = {"flaw": str(flaw)}
    except (MemoryError, RecursionError):
        told = {"flaw": FileFlaw.HEAVY}
    except Exception:  # noqa: BLE001 - whatever a library says of a file that is not whole
        told = {"flaw": FileFlaw.DAMAGED}
    answers.write(json.dumps(told).encode() + b"\n" + made)
    answers.flush()


def text_of_pdf(data: bytes) -> tuple[str, bytes]:
    """Give the text of a PDF, page by page; raises `Flawed`."""
    from pypdf import PdfReader  # noqa: PLC0415 - this process reads a PDF or a picture, not both
    from pypdf.errors import DependencyError, FileNotDecryptedError  # noqa: PLC0415

    try:
        reader = PdfReader(BytesIO(data))
        if reader.is_encrypted and not reader.decrypt(""):
            raise Flawed(FileFlaw.ENCRYPTED)
        if len(reader.pages) > MOST_PAGES:
            raise Flawed(FileFlaw.PAGES)
        pages: list[str] = []
        for page in reader.pages:
            pages.append(page.extract_text().replace("\0", "").strip())
            if sum(map(len, pages)) > LONGEST_TEXT:
                raise Flawed(FileFlaw.LONG)
    except (DependencyError, FileNotDecryptedError) as error:
        raise Flawed(FileFlaw.ENCRYPTED) from error
    text = "\n\n".join(page for page in pages if page)
    if not text:
        raise Flawed(FileFlaw.NO_TEXT)
    return "application/pdf", text.encode("utf-8", "replace")


def picture_anew(data: bytes) -> tuple[str, bytes]:
    """Give a picture as PNG or JPEG, upright, no larger than models look at, and without anything but its pixels.

    What cameras write beside them, the place above all, is gone; so is whatever else was in the file. Of an animation
    the first picture stays. Raises `Flawed`.
    """
    from PIL import Image, ImageOps  # noqa: PLC0415

    Image.MAX_IMAGE_PIXELS = None  # looked at here, with a sentence of ours
    with Image.open(BytesIO(data), formats=_FORMATS) as opened:
        if opened.width * opened.height > MOST_PIXELS:
            raise Flawed(FileFlaw.PIXELS)
        is_jpeg, edge = opened.format == "JPEG", (LONGEST_EDGE, LONGEST_EDGE)
        opened.draft("RGB", edge)
        upright = ImageOps.exif_transpose(opened)
        upright.thumbnail(edge)
        shown = upright.convert("RGBA" if upright.has_transparency_data else "RGB")
    clean = Image.new(shown.mode, shown.size)
    clean.paste(shown)
    made = BytesIO()
    if not is_jpeg:
        clean.save(made, "PNG", optimize=True)
        if shown.mode == "RGBA" or made.tell() <= _LARGE_PNG:
            return "image/png", made.getvalue()
        made = BytesIO()
    clean.save(made, "JPEG", quality=88)
    return "image/jpeg", made.getvalue()


def text_in_old_coding(data: bytes) -> tuple[str, bytes]:
    """Give a text that is no UTF-8, and as what it was read; raises `Flawed` where that is not certain."""
    from charset_normalizer import from_bytes  # noqa: PLC0415

    if len(data) > 4 * LONGEST_TEXT:
        raise Flawed(FileFlaw.LONG)
    read = from_bytes(data, cp_isolation=list(_CODINGS), preemptive_behaviour=False)
    found = [match for match in read if match.chaos < _CODINGS[match.encoding][1]]
    if len(found) != 1 or found[0].language in _WRITTEN_OTHERWISE:
        raise Flawed(FileFlaw.CODING)
    return f"text/plain; charset={_CODINGS[found[0].encoding][0]}", lines_of(str(found[0])).encode()


READERS: Final[Mapping[FileKind, Callable[[bytes], tuple[str, bytes]]]] = MappingProxyType(
    {FileKind.PDF: text_of_pdf, FileKind.IMAGE: picture_anew, FileKind.TEXT: text_in_old_coding}
)


def _limit_this_process() -> None:
    """Bound memory and time, where the system can, write no file, and let the app go first."""
    try:
        import resource  # noqa: PLC0415 - not on Windows
    except ImportError:
        return
    os.nice(10)
    bounds = {resource.RLIMIT_AS: _MEMORY_BYTES, resource.RLIMIT_CPU: _CPU_SECONDS, resource.RLIMIT_FSIZE: 0}
    for what, most in bounds.items():
        try:
            resource.setrlimit(what, (most, most))
        except (ValueError, OSError):  # macOS does not bound memory
            continue


if __name__ == "__main__":
    main()
