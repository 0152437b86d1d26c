"""rules/process.toml, [photos]: which pictures go into a weekly update, how many, and how large they are shown."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, field_validator

from mailbot.rules import RuleModel

PictureFormat = Literal["JPEG", "PNG", "WEBP", "GIF"]


class PhotoRules(RuleModel):
    """`megapixels` is the most of each format that is taken; a format that is not there is refused."""

    most: int = Field(ge=1, le=20)
    least_side: int = Field(ge=1, le=2000)
    longest_side: int = Field(ge=100, le=4000)
    quality: int = Field(ge=30, le=95)
    megapixels: dict[PictureFormat, int] = Field(min_length=1)

    def fitted(self, width: int, height: int) -> tuple[int, int] | None:
        """The size at which a picture of `width` by `height` pixels is shown; None for one too small to be a photo."""
        if min(width, height) < self.least_side:
            return None
        scale = min(1.0, self.longest_side / max(width, height))
        return max(1, round(width * scale)), max(1, round(height * scale))

    @field_validator("megapixels")
    @classmethod
    def _within_memory(cls, megapixels: dict[PictureFormat, int]) -> dict[PictureFormat, int]:
        over = [name for name, most in megapixels.items() if not 1 <= most <= 60]
        if over:
            raise ValueError(f"{', '.join(over)}: from 1 to 60, or one picture takes too much memory")
        return megapixels
