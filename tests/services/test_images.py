from __future__ import annotations

import io
import zipfile
import zlib

import pytest

from gatelodge.services.errors import Invalid
from gatelodge.services.images import LARGEST_FILE, read_picture
from tests.support.pictures import PNG, chunk, header, jpeg, png, segment


def an_archive() -> bytes:
    with io.BytesIO() as file:
        with zipfile.ZipFile(file, "w") as archive:
            archive.writestr("index.html", "<script>alert(1)</script>")
        return file.getvalue()


SCRIPT = b"<script>alert(document.domain)</script>"
EXIF = segment(0xE1, b"Exif\0\0 taken at 51.5 N, 0.1 W")
SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'


def test_a_png_stays_the_picture_it_is() -> None:
    picture = read_picture("icon", png())

    assert picture.content_type == "image/png"
    assert picture.content.startswith(PNG + header())
    assert pixels_of(picture.content) == pixels_of(png())


def test_a_jpeg_stays_the_picture_it_is() -> None:
    picture = read_picture("icon", jpeg())

    assert picture == ("image/jpeg", jpeg())


@pytest.mark.parametrize("extra", [SCRIPT, an_archive(), b"%PDF-1.7", b"\0" * 100])
def test_nothing_stays_that_stands_behind_a_picture(extra: bytes) -> None:
    assert read_picture("icon", png(behind=extra)) == read_picture("icon", png())
    assert read_picture("icon", jpeg(behind=extra)) == read_picture("icon", jpeg())


@pytest.mark.parametrize("kind", [b"tEXt", b"iTXt", b"zTXt", b"eXIf", b"iCCP", b"acTL", b"prVt"])
def test_nothing_stays_that_is_told_beside_the_pixels_of_a_png(kind: bytes) -> None:
    told = png(before=chunk(kind, b"Comment\0" + SCRIPT))

    assert read_picture("icon", told) == read_picture("icon", png())


@pytest.mark.parametrize(
    "told", [EXIF, segment(0xFE, SCRIPT), segment(0xE0, b"JFIF\0"), segment(0xEE, b"Adobe" * 20)]
)
def test_nothing_stays_that_is_told_beside_the_pixels_of_a_jpeg(told: bytes) -> None:
    assert read_picture("icon", jpeg(before=told)).content == jpeg()


def test_a_jpeg_keeps_the_mark_that_says_how_its_colours_are_meant() -> None:
    mark = segment(0xEE, b"Adobe\0\x64\0\0\0\0\x01")

    assert mark in read_picture("icon", jpeg(before=mark)).content


def test_pixels_that_spell_a_script_are_packed_anew() -> None:
    stored = zlib.compressobj(0)
    pixels = (b"\0" + SCRIPT.ljust(96, b" ")) * 32
    spelled = PNG + header() + chunk(b"IDAT", stored.compress(pixels) + stored.flush())

    picture = read_picture("icon", spelled + chunk(b"IEND", b""))

    assert SCRIPT in spelled
    assert SCRIPT * 2 not in picture.content
    assert len(picture.content) < 300


@pytest.mark.parametrize(
    "given",
    [
        SVG,
        b"<?xml version='1.0'?>" + SVG,
        b"\xef\xbb\xbf" + SVG,
        an_archive(),
        SCRIPT,
        b"GIF89a" + bytes(100),
        b"RIFF\x10\0\0\0WEBPVP8 ",
        b"GIF89a/*" + SCRIPT + png(),
        b"\0" * 10,
        b"P",
        b"\x1f\x8b\x08" + bytes(20),
    ],
)
def test_what_is_no_png_and_no_jpeg_is_not_taken(given: bytes) -> None:
    with pytest.raises(Invalid, match="no picture that we take") as invalid:
        read_picture("icon", given)

    assert invalid.value.field == "icon"


def test_a_png_that_grows_without_end_is_refused_before_it_does() -> None:
    bomb = zlib.compress(bytes(150_000_000), 9)
    assert len(bomb) < LARGEST_FILE

    with pytest.raises(Invalid, match="damaged"):
        read_picture("icon", PNG + header() + chunk(b"IDAT", bomb) + chunk(b"IEND", b""))


@pytest.mark.parametrize(
    ("width", "height"), [(15, 32), (32, 15), (1025, 32), (32, 1025), (0, 0), (65_535, 65_535)]
)
def test_a_picture_of_another_size_is_refused_by_its_header(width: int, height: int) -> None:
    header_alone = PNG + header(width, height) + chunk(b"IDAT", b"") + chunk(b"IEND", b"")
    frame = segment(
        0xC0, b"\x08" + height.to_bytes(2, "big") + width.to_bytes(2, "big") + b"\1\1\21\0"
    )

    for given in (header_alone, b"\xff\xd8" + frame + bytes(10)):
        with pytest.raises(Invalid, match=f"{width} by {height} pixels"):
            read_picture("icon", given)


def test_a_large_file_is_not_even_looked_at() -> None:
    with pytest.raises(Invalid, match="larger than 200 kB"):
        read_picture("icon", png(behind=bytes(LARGEST_FILE)))


@pytest.mark.parametrize("depth_and_colour", [(1, 0), (16, 0), (8, 2), (4, 3), (8, 4), (16, 6)])
@pytest.mark.parametrize("interlaced", [0, 1])
def test_every_kind_of_png_is_read_to_its_end(
    depth_and_colour: tuple[int, int], interlaced: int
) -> None:
    depth, colour = depth_and_colour
    bits = depth * {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}[colour]
    passes = ADAM7_OF_17_BY_18 if interlaced else [(17, 18)]
    pixels = b"".join(
        (b"\x04" + bytes((columns * bits + 7) // 8)) * rows for columns, rows in passes
    )
    given = b"".join(
        (
            PNG,
            header(17, 18, depth=depth, colour=colour, interlaced=interlaced),
            chunk(b"PLTE", bytes(48)) if colour == 3 else b"",
            chunk(b"IDAT", zlib.compress(pixels)),
            chunk(b"IEND", b""),
        )
    )

    assert pixels_of(read_picture("icon", given).content) == pixels


ADAM7_OF_17_BY_18 = [(3, 3), (2, 3), (5, 2), (4, 5), (9, 4), (8, 9), (17, 9)]

GOOD_PIXELS = zlib.compress((b"\0" + bytes(96)) * 32)
END = chunk(b"IEND", b"")


@pytest.mark.parametrize(
    "body",
    [
        b"",
        header(),
        header() + END,
        chunk(b"IDAT", GOOD_PIXELS) + END,
        header() + chunk(b"IDAT", GOOD_PIXELS),
        header() + chunk(b"IDAT", GOOD_PIXELS[:-3]) + END,
        header() + chunk(b"IDAT", GOOD_PIXELS + b"more") + END,
        header() + chunk(b"IDAT", b"not packed") + END,
        header() + chunk(b"IDAT", zlib.compress(b"\0" * 97 * 31)) + END,
        header() + chunk(b"IDAT", zlib.compress(b"\5" * 97 * 32)) + END,
        header() + chunk(b"IDAT", GOOD_PIXELS)[:-1] + b"\0" + END,
        header() + chunk(b"EVIL", b"") + chunk(b"IDAT", GOOD_PIXELS) + END,
        header() + header() + chunk(b"IDAT", GOOD_PIXELS) + END,
        header() + chunk(b"PLTE", bytes(900)) + chunk(b"IDAT", GOOD_PIXELS) + END,
        header(colour=3) + chunk(b"IDAT", zlib.compress(bytes(33) * 32)) + END,
        header(depth=3) + chunk(b"IDAT", GOOD_PIXELS) + END,
        header(colour=5) + chunk(b"IDAT", GOOD_PIXELS) + END,
        header(interlaced=2) + chunk(b"IDAT", GOOD_PIXELS) + END,
        header() + b"\xff\xff\xff\xffIDAT",
    ],
)
def test_a_png_that_contradicts_itself_is_damaged(body: bytes) -> None:
    with pytest.raises(Invalid, match="damaged"):
        read_picture("icon", PNG + body)


@pytest.mark.parametrize("length", range(3, len(jpeg())))
def test_a_jpeg_that_is_cut_is_damaged(length: int) -> None:
    with pytest.raises(Invalid, match="damaged"):
        read_picture("icon", jpeg()[:length])


@pytest.mark.parametrize("length", range(8, len(png())))
def test_a_png_that_is_cut_is_damaged(length: int) -> None:
    with pytest.raises(Invalid, match="damaged"):
        read_picture("icon", png()[:length])


@pytest.mark.parametrize(
    "before",
    [
        segment(0xC3, bytes(20)),
        segment(0xC0, b"\x08\x00\x20\x00\x20" + bytes(10)),
        segment(0xDA, bytes(6)),
        b"\x00\x00\x00\x00",
        b"\xff\xe0\x00\x00",
        b"\xff\xe0\xff\xff",
    ],
)
def test_a_jpeg_that_contradicts_itself_is_damaged(before: bytes) -> None:
    with pytest.raises(Invalid, match=r"damaged|no picture"):
        read_picture("icon", jpeg(before=before))


def pixels_of(data: bytes) -> bytes:
    place, packed = len(PNG), b""
    while place < len(data):
        length = int.from_bytes(data[place : place + 4], "big")
        if data[place + 4 : place + 8] == b"IDAT":
            packed += data[place + 8 : place + 8 + length]
        place += 12 + length
    return zlib.decompress(packed)
