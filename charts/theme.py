"""Colours and type of the charts, in light and in dark: text at least 4.5:1 and marks at least 3:1 on their card."""

from typing import Any

LIGHT = {
    "page": "#f4f6f8",
    "card": "#ffffff",
    "line": "#d0d7de",
    "text": "#1b1f24",
    "muted": "#57606a",
    "accent": "#2f6fd0",
}
DARK = {
    "page": "#0d1117",
    "card": "#161b22",
    "line": "#30363d",
    "text": "#e6edf3",
    "muted": "#9da7b3",
    "accent": "#6ea8fe",
}
SERIES = {
    "light": ["#2f6fd0", "#c2410c", "#0f766e", "#9333ea", "#a16207", "#7d8590"],
    "dark": ["#6ea8fe", "#fb923c", "#2dd4bf", "#c084fc", "#facc15", "#8b949e"],
}
RAMP = {
    "light": ["#dbe9fb", "#86b6ef", "#2f6fd0", "#123f86"],
    "dark": ["#1f3350", "#2f6fd0", "#6ea8fe", "#d6e6ff"],
}
FONT = "system-ui, 'Segoe UI', 'Liberation Sans', Arial, sans-serif"
SIZE = 12
"""Pixels of the smallest text."""


def colours(name: str) -> dict[str, str]:
    """The colours of `light` or `dark` by what they are for."""
    return {"light": LIGHT, "dark": DARK}[name]


def config(name: str) -> dict[str, Any]:
    """Vega-Lite's config for `light` or `dark`."""
    use = colours(name)
    text = {"labelFontSize": SIZE, "titleFontSize": SIZE, "titleFontWeight": "normal"}
    tint = {"labelColor": use["text"], "titleColor": use["muted"]}
    lines = {
        "domainColor": use["line"],
        "tickColor": use["line"],
        "gridColor": use["line"],
        "gridOpacity": 0.6,
    }
    return {
        "background": "transparent",
        "font": FONT,
        "axis": {**text, **tint, **lines},
        "axisX": {"labelSeparation": 8},  # or labels side by side would touch where there is little room
        "legend": {**text, **tint, "symbolType": "square"},
        "view": {"stroke": None},
        "mark": {"color": use["accent"], "tooltip": True},
        "range": {"category": SERIES[name], "heatmap": RAMP[name], "ramp": RAMP[name]},
    }
