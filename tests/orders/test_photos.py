"""Pictures for the weekly update: known by their contents, made smaller, rid of where they were taken."""

from __future__ import annotations

import time
from io import BytesIO
from typing import Any

import pytest
from PIL import Image

from mailbot.orders.circumstances import Done
from mailbot.orders.model import Order
from mailbot.orders.pictures import Unfit, prepared
from tests.orders.world import RULES, do, order

PHOTOS = RULES.photos
_GPS = 0x8825


def picture(width: int = 1600, height: int = 1200, kind: str = "JPEG", color: Any = "navy", **options: Any) -> bytes:
    """A picture of one colour; a JPEG tells where it was taken."""
    image = Image.new("RGBA" if kind in ("PNG", "WEBP") else "RGB", (width, height), color)
    if kind == "JPEG" and "exif" not in options:
        exif = Image.Exif()
        exif[0x0110] = "Camera of Sam"
        exif.get_ifd(_GPS)[1] = "N"
        options["exif"] = exif
    out = BytesIO()
    image.save(out, kind, **options)
    return out.getvalue()


def give(one: Order, text: str, *files: tuple[str, bytes], **more: Any) -> Done:
    return do(one, text, attachments=tuple((name, "application/octet-stream", data) for name, data in files), **more)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_a_picture_is_made_smaller_and_tells_nothing_but_what_it_shows(kind: str) -> None:
    ready = Image.open(BytesIO(prepared(picture(kind=kind), PHOTOS)))
    assert (ready.format, ready.size, ready.mode) == ("JPEG", (1200, 900), "RGB")
    assert not ready.getexif()
    assert not {"exif", "icc_profile", "comment", "xmp"} & set(ready.info)
    assert b"Camera of Sam" not in prepared(picture(kind=kind), PHOTOS)


def test_a_picture_that_lies_on_its_side_is_turned_upright() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6  # the camera was turned by 90 degrees
    assert Image.open(BytesIO(prepared(picture(1600, 1200, exif=exif), PHOTOS))).size == (900, 1200)


def test_what_is_transparent_becomes_white() -> None:
    ready = Image.open(BytesIO(prepared(picture(kind="PNG", color=(0, 0, 0, 0)), PHOTOS)))
    assert ready.getpixel((5, 5)) == (255, 255, 255)
    out = BytesIO()
    Image.new("LA", (600, 600), (0, 0)).save(out, "PNG")
    assert Image.open(BytesIO(prepared(out.getvalue(), PHOTOS))).getpixel((5, 5)) == (255, 255, 255)


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"MZ\x90\x00 no picture at all", "no picture"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "no picture"),
        (picture()[:400], "no picture"),
        (picture()[:-2000], "no picture"),
        (b"", "no picture"),
        (picture(kind="GIF"), "no picture"),
        (picture(100, 100), "too small"),
    ],
)
def test_what_is_no_photo_is_refused_whatever_its_name_says(data: bytes, why: str) -> None:
    with pytest.raises(Unfit, match=why):
        prepared(data, PHOTOS)


def test_a_picture_that_unpacks_to_too_much_is_refused_before_it_is_unpacked() -> None:
    bomb = picture(9000, 9000, kind="PNG", color="white", compress_level=1)
    assert len(bomb) < 1_500_000
    before = time.process_time()
    with pytest.raises(Unfit, match="too large"):
        prepared(bomb, PHOTOS)
    assert time.process_time() - before < 0.5


def test_pictures_wait_for_the_next_update_with_their_caption() -> None:
    done = give(order(), "photo Bodice of the lead gown", ("a.bin", picture()), ("b.exe", picture(color="red")))
    assert done.lines[0].ok
    assert [photo.text for photo in done.order.photos] == ["Bodice of the lead gown"] * 2
    assert len(done.keeps) == 2


def test_several_lines_share_the_pictures_out() -> None:
    files = [(f"{n}.jpg", picture(color=color)) for n, color in enumerate(["red", "green", "blue"])]
    done = give(order(), "photo Bodice\npercent 30\nphoto Train", *files)
    assert [photo.text for photo in done.order.photos] == ["Bodice", "Train", "Train"]
    assert [line.ok for line in done.lines] == [True, True, True]


def test_what_is_not_taken_is_named_and_stops_nothing() -> None:
    done = give(order(), "photo Bodice", ("notes.jpg", b"no picture"), ("a.jpg", picture()))
    assert done.lines[0].ok
    assert "notes.jpg: no picture" in done.lines[0].said
    assert len(done.order.photos) == 1
    again = give(done.order, "photo Bodice", ("a.jpg", picture()))
    assert "is there already" in again.lines[0].said
    assert not again.lines[0].ok


def test_an_update_holds_so_many_and_no_more() -> None:
    files = [(f"{n}.jpg", picture(300, 300, color=(n * 20, 0, 0))) for n in range(PHOTOS.most + 2)]
    done = give(order(), "photo Bodice", *files)
    assert len(done.order.photos) == PHOTOS.most
    assert done.lines[0].said.count("at most") == 2


def test_without_a_picture_it_says_so_and_a_logo_is_none() -> None:
    assert "attach it" in do(order(), "photo Bodice").lines[0].said
    logo = ("logo.png", "image/png", picture(120, 40, kind="PNG"))
    shown = ("IMG_1.jpg", "image/jpeg", picture())
    done = do(order(), "photo Bodice", inline=(logo, shown))
    assert done.lines[0].ok
    assert len(done.order.photos) == 1
