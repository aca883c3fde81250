"""What files are, how they are called, and what a model reads of them."""

from __future__ import annotations

import asyncio
import unicodedata
from datetime import timedelta
from io import BytesIO
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from chatui.conversations.files.child import LONGEST_EDGE
from chatui.conversations.files.kinds import FileFlaw, FileKind, kind_of, text_in
from chatui.conversations.files.names import LONGEST_NAME, clean_name
from chatui.conversations.files.prompt import naming_pictures, part_of, with_files
from chatui.conversations.files.reader import FileReader
from chatui.domain.errors import FileRefused
from storage.attachments import Content, Head
from tests.support.brought import pdf, picture


def content(name: str, text: str = "", kind: FileKind = FileKind.TEXT) -> Content:
    return Content(Head(uuid4(), None, name, kind, "text/plain", 1, 1), text, b"")


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (picture("PNG"), FileKind.IMAGE),
        (picture("JPEG"), FileKind.IMAGE),
        (picture("WEBP"), FileKind.IMAGE),
        (picture("GIF"), FileKind.IMAGE),
        (pdf("tea"), FileKind.PDF),
        (b"def tea():\r\n\treturn 5\n", FileKind.TEXT),
        ("茶".encode(), FileKind.TEXT),
        ("\ufefftea".encode("utf-16"), FileKind.TEXT),
        (b"<svg onload=alert(1)>", FileKind.TEXT),
        (b"PK\x03\x04\x14\x00", None),
        (b"caf\xe9", None),
        (b"null\x00inside", None),
        (b"\x7fELF\x02", None),
    ],
)
def test_a_file_is_what_is_in_it(data: bytes, kind: FileKind | None) -> None:
    assert kind_of(data) is kind


@pytest.mark.parametrize(
    ("text", "coding", "shown"),
    [
        ("L'été, le café est déjà prêt : à cinq heures, garçon.\r\nMerci", "cp1252", "Windows-1252"),
        ("Price: 5 € “quoted”", "cp1252", "Windows-1252"),
        ("Name;Straße\nMüller;Hauptstraße 5\n", "latin-1", "Windows-1252"),
        ("会议纪要\n时间三月五日\n地点北京。", "gb18030", "GB18030"),
        ("姓名,金额\n王小明,500\n", "gb18030", "GB18030"),
    ],
)
async def test_text_of_older_programs_is_read_as_what_it_is(text: str, coding: str, shown: str) -> None:
    known = await FileReader().read("a.txt", text.encode(coding))
    assert (known.text, known.media_type) == (text.replace("\r\n", "\n"), f"text/plain; charset={shown}")
    assert known.data == text.encode(coding)


@pytest.mark.parametrize("coding", ["utf-16", "utf-8-sig", "utf-8"])
async def test_text_that_says_what_it_is_needs_no_finding_out(coding: str) -> None:
    known = await FileReader().read("a.txt", "茶, été".encode(coding))
    assert (known.text, known.media_type) == ("茶, été", "text/plain")


@pytest.mark.parametrize(
    ("text", "coding"),
    [
        ("Čaj je nápoj z listů. Schůzka bude v pět hodin, přijďte prosím včas.", "cp1250"),
        ("A tea egy ital, amelyet a teacserje leveleiből készítenek. A megbeszélés öt órakor lesz.", "cp1250"),
        ("Чай — это напиток из листьев. Встреча в пять часов.", "cp1251"),
        ("お茶は飲み物です。会議は五時からです。時間どおりに来てください。", "euc-jp"),
        ("氏名,金額\n山田太郎,500\n", "cp932"),
        ("이름,금액\n김철수,500\n", "cp949"),
        ("茶是一種飲料。會議在五點。請準時到達。", "big5"),
        ("你好", "gb18030"),  # Windows-1252 as well
    ],
)
async def test_text_that_may_be_something_else_is_not_guessed(text: str, coding: str) -> None:
    with pytest.raises(FileRefused) as refused:
        await FileReader().read("a.txt", text.encode(coding))
    assert refused.value.flaw == FileFlaw.CODING


def test_lines_of_a_text_end_in_one_way() -> None:
    assert text_in(b"\xef\xbb\xbfa\r\nb\rc\n") == "a\nb\nc\n"


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("sums.csv", "sums.csv"),
        ("C:\\Users\\ana\\sums.csv", "sums.csv"),
        ("../../etc/passwd", "passwd"),
        ("annual\u202etxt.exe", "annualtxt.exe"),
        ("a\nb\x00c\x1b[31m.txt", "abc[31m.txt"),
        ("<img src=x onerror=alert(1)>.txt", "<img src=x onerror=alert(1)>.txt"),
        ("", "file"),
        ("..", "file"),
        ("x" * 300 + ".csv", "x" * 115 + "….csv"),
    ],
)
def test_a_name_shows_what_it_is(name: str, shown: str) -> None:
    assert clean_name(name) == shown


@given(st.text(max_size=400))
def test_any_name_can_be_shown_and_is_its_own_clean_name(name: str) -> None:
    shown = clean_name(name)
    assert 1 <= len(shown) <= LONGEST_NAME
    assert not any(unicodedata.category(one) in {"Cc", "Cf", "Cs", "Zl", "Zp"} for one in shown)
    assert not set("/\\") & set(shown)
    shown.encode()
    assert clean_name(shown) == shown


@given(st.text())
def test_nothing_in_a_file_ends_its_fence(text: str) -> None:
    _, fence, *lines = part_of("notes.md", text).split("\n")
    assert lines[-1] == fence
    assert fence not in "\n".join(lines[:-1])


def test_texts_stand_before_the_question_and_pictures_are_named_where_they_are_not_shown() -> None:
    files = [content("a.txt", "tea at five\n"), content("b.png", kind=FileKind.IMAGE)]
    assert with_files("When?", files) == "a.txt:\n```\ntea at five\n```\n\nWhen?"
    assert with_files("When?", []) == "When?"
    assert naming_pictures("When?", files) == "[b.png: a picture]\nWhen?"


async def test_a_text_keeps_its_bytes_and_tells_its_tokens() -> None:
    known = await FileReader().read("a.txt", b"tea at five")
    assert (known.kind, known.data, known.text) == (FileKind.TEXT, b"tea at five", "tea at five")
    assert 4 < known.tokens < 20


async def test_a_pdf_gives_the_text_of_its_pages() -> None:
    known = await FileReader().read("a.pdf", pdf("Tea at five", "", "Cake at six"))
    assert (known.kind, known.media_type, known.text) == (FileKind.PDF, "application/pdf", "Tea at five\n\nCake at six")


@pytest.mark.parametrize("form", ["PNG", "JPEG", "WEBP", "GIF"])
async def test_a_picture_keeps_nothing_but_its_pixels(form: str) -> None:
    known = await FileReader().read("a.jpg", picture(form))
    assert (known.kind, known.text, known.tokens) == (FileKind.IMAGE, "", 768)
    assert b"Secret Maker" not in known.data
    with Image.open(BytesIO(known.data)) as shown:
        assert shown.format == ("JPEG" if form == "JPEG" else "PNG")
        assert shown.size == ((32, 48) if form == "JPEG" else (48, 32))  # turned as its camera said
        assert not shown.getexif()


async def test_a_large_picture_becomes_as_large_as_models_look_at() -> None:
    known = await FileReader().read("a.png", picture(size=(4000, 100), mode="RGBA"))
    with Image.open(BytesIO(known.data)) as shown:
        assert (shown.width, shown.mode) == (LONGEST_EDGE, "RGBA")


def bomb() -> bytes:
    """A PNG of 10,000 by 10,000 pixels in a few kilobytes."""
    out = BytesIO()
    Image.new("1", (10_000, 10_000)).save(out, "PNG")
    return out.getvalue()


def endless() -> bytes:
    """A PDF that takes minutes to read: all of its text is nothing, a million times."""
    return pdf(*[") Tj (" * 20_000] * 60)


@pytest.mark.parametrize(
    ("data", "flaw"),
    [
        (b"", FileFlaw.EMPTY),
        (b" \n", FileFlaw.EMPTY),
        (b"PK\x03\x04\x00", FileFlaw.BINARY),
        (b"t" * 1_000_001, FileFlaw.LONG),
        (pdf("", ""), FileFlaw.NO_TEXT),
        (pdf("tea", password="tea"), FileFlaw.ENCRYPTED),
        (b"%PDF-1.7\nnothing of a PDF", FileFlaw.DAMAGED),
        (picture()[:60], FileFlaw.DAMAGED),
        (b"\xff\xd8\xff nothing of a JPEG", FileFlaw.DAMAGED),
        (bomb(), FileFlaw.PIXELS),
    ],
    ids=["no bytes", "blank", "binary", "long", "scanned", "locked", "bad pdf", "cut png", "bad jpeg", "bomb"],
)
async def test_what_cannot_be_read_is_refused_with_its_reason(data: bytes, flaw: FileFlaw) -> None:
    with pytest.raises(FileRefused) as refused:
        await FileReader().read("tea.bin", data)
    assert (refused.value.flaw, refused.value.name) == (flaw, "tea.bin")


async def test_a_file_that_takes_too_long_is_given_up_and_holds_up_nobody() -> None:
    reader = FileReader(within=timedelta(seconds=2))
    slow = [asyncio.create_task(reader.read("slow.pdf", endless())) for _ in range(2)]
    assert (await reader.read("a.txt", b"tea at five")).text == "tea at five"
    for reading in slow:
        with pytest.raises(FileRefused) as refused:
            await reading
        assert refused.value.flaw == FileFlaw.HEAVY
