"""A picture made ready for a mail: known by its contents, turned upright, made smaller, and rid of all that it tells
beside what it shows: place, time, camera, owner."""

from __future__ import annotations

import struct
from io import BytesIO

from mailbot.rules.photos import PhotoRules

_FAULTS = (OSError, ValueError, TypeError, SyntaxError, EOFError, KeyError, IndexError, OverflowError, struct.error)


class Unfit(Exception):
    """Not a picture that can be shown; the text says why."""


def prepared(data: bytes, rules: PhotoRules) -> bytes:
    """`data` as a JPEG of the size that `rules` say, without any metadata. Raises Unfit.

    The name of the file counts for nothing. Sizes are looked at before anything is unpacked.
    """
    from PIL import Image, ImageOps  # loads slowly, and hardly any mail has a photo

    try:
        with Image.open(BytesIO(data), formats=list(rules.megapixels)) as picture:
            size = rules.fitted(*picture.size)
            if size is None:
                raise Unfit(f"too small ({picture.width} by {picture.height} pixels)")
            most = next(m for name, m in rules.megapixels.items() if name == picture.format)
            if picture.width * picture.height > most * 1_000_000:
                raise Unfit(f"too large: more than {most} megapixels")
            picture.draft("RGB", size)
            upright = ImageOps.exif_transpose(picture)
            if upright.mode in ("P", "PA", "LA"):
                upright = upright.convert("RGBA")
            upright.thumbnail((rules.longest_side, rules.longest_side))
            flat = Image.new("RGB", upright.size, "white")
            flat.paste(upright, mask=upright.getchannel("A") if "A" in upright.getbands() else None)
            out = BytesIO()
            flat.save(out, "JPEG", quality=rules.quality, optimize=True)
    except Image.DecompressionBombError:
        raise Unfit("too large") from None
    except _FAULTS:
        raise Unfit(f"no picture that can be shown ({', '.join(rules.megapixels)} can)") from None
    return out.getvalue()
