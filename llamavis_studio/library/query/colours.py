"""Colour names a query knows, in English (as CSS has them, with a few of painters) and Chinese."""

from __future__ import annotations

COLOURS: dict[str, int] = {
    "black": 0x000000, "white": 0xFFFFFF, "gray": 0x808080, "grey": 0x808080, "silver": 0xC0C0C0,
    "darkgray": 0x505050, "lightgray": 0xD3D3D3, "red": 0xE02020, "darkred": 0x8B0000,
    "crimson": 0xDC143C, "maroon": 0x800000, "salmon": 0xFA8072, "orange": 0xFF8C00,
    "coral": 0xFF7F50, "gold": 0xFFD700, "yellow": 0xFFE600, "khaki": 0xC3B091, "olive": 0x808000,
    "brown": 0x7B4A21, "chocolate": 0xD2691E, "sienna": 0xA0522D, "tan": 0xD2B48C,
    "beige": 0xF5F5DC, "ivory": 0xFFFFF0, "green": 0x2E9E2E, "lime": 0x7FFF00,
    "darkgreen": 0x006400, "forest": 0x228B22, "mint": 0x98FFC0, "teal": 0x008080,
    "turquoise": 0x40E0D0, "cyan": 0x00E5E5, "skyblue": 0x87CEEB, "lightblue": 0xADD8E6,
    "blue": 0x2040E0, "navy": 0x000080, "indigo": 0x4B0082, "purple": 0x800080,
    "violet": 0x9050E0, "lavender": 0xC8B8F0, "magenta": 0xE000E0, "pink": 0xFFB0C0,
    "hotpink": 0xFF69B4, "plum": 0xB070B0,
    "黑": 0x000000, "白": 0xFFFFFF, "灰": 0x808080, "银": 0xC0C0C0, "红": 0xE02020,
    "深红": 0x8B0000, "橙": 0xFF8C00, "橘": 0xFF8C00, "金": 0xFFD700, "黄": 0xFFE600,
    "棕": 0x7B4A21, "褐": 0x7B4A21, "米": 0xF5F5DC, "绿": 0x2E9E2E, "深绿": 0x006400,
    "青": 0x00B0B0, "天蓝": 0x87CEEB, "蓝": 0x2040E0, "深蓝": 0x000080, "紫": 0x800080,
    "粉": 0xFFB0C0, "粉红": 0xFFB0C0,
}  # fmt: skip


def colour_named(name: str) -> int | None:
    """0xRRGGBB of a name in any case, with or without spaces or the Chinese 色; None: unknown."""
    plain = "".join(name.lower().split()).replace("-", "").replace("_", "")
    return COLOURS.get(plain, COLOURS.get(plain.removesuffix("色")))
