"""Files that people bring along, made here: PDFs with and without text, pictures with what cameras write into them."""

from __future__ import annotations

from io import BytesIO

from PIL import Image
from pypdf import PdfReader, PdfWriter

GPS = 0x8825
MAKER = 0x010F


def pdf(*pages: str, password: str = "") -> bytes:
    """A PDF with a line of text on each page, with nothing on it where that is empty."""
    objects = ["<</Type/Catalog/Pages 2 0 R>>", ""]
    for line in pages:
        stream = f"BT /F1 12 Tf 72 720 Td ({line}) Tj ET" if line else ""
        font = "/Resources<</Font<</F1<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>>>>>"
        objects.append(f"<</Type/Page/Parent 2 0 R/MediaBox[0 0 612 792]{font}/Contents {len(objects) + 2} 0 R>>")
        objects.append(f"<</Length {len(stream)}>>stream\n{stream}\nendstream")
    kids = " ".join(f"{3 + 2 * index} 0 R" for index in range(len(pages)))
    objects[1] = f"<</Type/Pages/Kids[{kids}]/Count {len(pages)}>>"
    written, offsets = b"%PDF-1.4\n", []
    for number, text in enumerate(objects, 1):
        offsets.append(len(written))
        written += f"{number} 0 obj{text}endobj\n".encode()
    table = "".join(f"{offset:010} 00000 n \n" for offset in offsets)
    size = len(objects) + 1
    trailer = f"trailer<</Size {size}/Root 1 0 R>>\nstartxref\n{len(written)}\n%%EOF"
    whole = written + f"xref\n0 {size}\n0000000000 65535 f \n{table}{trailer}".encode()
    return _locked(whole, password) if password else whole


def _locked(whole: bytes, password: str) -> bytes:
    writer, out = PdfWriter(clone_from=PdfReader(BytesIO(whole))), BytesIO()
    writer.encrypt(password, algorithm="RC4-128")
    writer.write(out)
    return out.getvalue()


def picture(form: str = "PNG", size: tuple[int, int] = (48, 32), mode: str = "RGB") -> bytes:
    """A copper-coloured picture; as JPEG lying on its side, and with the place where it was taken."""
    out = BytesIO()
    colour = (180, 87, 42, 128)[: len(mode)] if mode != "L" else 90
    exif = Image.Exif()
    exif[MAKER] = "Secret Maker"
    exif[0x0112] = 6
    exif.get_ifd(GPS)[1] = "N"
    options = {"exif": exif} if form == "JPEG" else {}
    Image.new(mode, size, colour).save(out, form, **options)
    return out.getvalue()
