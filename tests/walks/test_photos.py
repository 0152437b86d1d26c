"""Photos by mail: in the next weekly update to the client, once."""

from __future__ import annotations

from datetime import UTC, datetime
from io import BytesIO

from PIL import Image

from tests.orders.test_photos import picture
from tests.walks.programs import new
from tests.walks.world import BOT, REF, SAM, World, kinds, text_of, the


def test_photos_are_shown_once_in_the_next_update(studio: World) -> None:
    mail = new(SAM, BOT, f"Photos [{REF}]", "photo Bodice of the lead gown", studio.at, 60)
    mail.add_attachment(picture(), maintype="image", subtype="jpeg", filename="IMG_0001.JPG")
    mail.add_attachment(b"MZ nothing", maintype="image", subtype="jpeg", filename="virus.jpg")
    studio.deliver(mail)
    out = studio.run()
    assert kinds(out) == ["command-result"]
    assert "virus.jpg: no picture" in " ".join(text_of(out[0]).split())

    studio.at = datetime(2026, 1, 9, 21, 1, tzinfo=UTC)
    update = the("weekly-update", studio.run())
    assert "- Bodice of the lead gown" in text_of(update)
    (shown,) = [part for part in update.walk() if part.get_content_maintype() == "image"]
    image = Image.open(BytesIO(shown.get_content()))
    assert (image.size, dict(image.getexif())) == ((1200, 900), {})
    html = update.get_body(("html",))
    assert html is not None
    assert f'src="cid:{shown["Content-ID"].strip("<>")}"' in html.get_content()

    studio.at = datetime(2026, 1, 16, 21, 1, tzinfo=UTC)
    later = the("weekly-update", studio.run())
    assert "Bodice" not in text_of(later)
    assert not [part for part in later.walk() if part.get_content_maintype() == "image"]


def test_an_update_goes_out_when_a_photo_is_gone_from_the_archive(studio: World) -> None:
    file = studio.folder / "a.jpg"
    file.write_bytes(picture())
    studio.cli("do", REF, "photo Bodice", "--attach", str(file))
    for kept in (studio.folder / "data" / "archive").glob("??/*.gz"):
        kept.unlink()
    studio.at = datetime(2026, 1, 9, 21, 1, tzinfo=UTC)
    update = the("weekly-update", studio.run())
    assert "- Bodice" in text_of(update)
    assert not [part for part in update.walk() if part.get_content_maintype() == "image"]
