"""The page's colours and type, given to gradio's own parts; `page.css` builds on the same variables."""

from gradio.themes import Base

from fooo.interface.web.seam import coloured

_PAPER, _INK = "#FAF9F6", "#17181B"
_DARK, _DARK_TEXT = "#101114", "#ECEBE8"
_ACCENT = "#E4572E"
_ACCENT_OVER = "#EE6A43"
_LINE, _DARK_LINE = "rgba(23, 24, 27, .12)", "rgba(236, 235, 232, .12)"
_QUIET, _DARK_QUIET = "rgba(23, 24, 27, .66)", "rgba(236, 235, 232, .66)"
"""Grey text: 5.3 : 1 on paper and 7.6 : 1 on ink, above the 4.5 : 1 of WCAG AA."""

_SYSTEM = ("system-ui", "-apple-system", "Segoe UI", "PingFang SC", "Microsoft YaHei", "Noto Sans CJK SC", "sans-serif")
"""Fonts that are on the machine already, Latin and Chinese: nothing is fetched."""


def make_theme() -> Base:
    """Quiet walls, one warm accent. Ink on the accent reads 4.8 : 1, white would read 3.6 : 1."""
    theme = Base(font=_SYSTEM, font_mono=("ui-monospace", "Menlo", "Consolas", "monospace"))
    colours = {
        "body_background_fill": _PAPER,
        "body_background_fill_dark": _DARK,
        "body_text_color": _INK,
        "body_text_color_dark": _DARK_TEXT,
        "body_text_color_subdued": _QUIET,
        "body_text_color_subdued_dark": _DARK_QUIET,
        "background_fill_primary": _PAPER,
        "background_fill_primary_dark": _DARK,
        "background_fill_secondary": _PAPER,
        "background_fill_secondary_dark": _DARK,
        "border_color_primary": _LINE,
        "border_color_primary_dark": _DARK_LINE,
        "border_color_accent": _ACCENT,
        "border_color_accent_dark": _ACCENT,
        "color_accent": _ACCENT,
        "color_accent_soft": "rgba(228, 87, 46, .12)",
        "color_accent_soft_dark": "rgba(228, 87, 46, .2)",
        "block_background_fill": "transparent",
        "block_background_fill_dark": "transparent",
        "block_border_width": "0px",
        "block_label_background_fill": "transparent",
        "block_label_background_fill_dark": "transparent",
        "block_padding": "0px",
        "block_shadow": "none",
        "block_title_text_size": "13px",
        "block_title_text_weight": "400",
        "block_title_text_color": _QUIET,
        "block_title_text_color_dark": _DARK_QUIET,
        "input_background_fill": "transparent",
        "input_background_fill_dark": "transparent",
        "input_border_width": "1px",
        "input_border_color": _LINE,
        "input_border_color_dark": _DARK_LINE,
        "input_border_color_focus": _ACCENT,
        "input_border_color_focus_dark": _ACCENT,
        "input_placeholder_color": _QUIET,
        "input_placeholder_color_dark": _DARK_QUIET,
        "input_radius": "12px",
        "input_shadow": "none",
        "input_shadow_focus": "none",
        "button_primary_background_fill": _ACCENT,
        "button_primary_background_fill_dark": _ACCENT,
        "button_primary_background_fill_hover": _ACCENT_OVER,
        "button_primary_background_fill_hover_dark": _ACCENT_OVER,
        "button_primary_text_color": _INK,
        "button_primary_text_color_dark": _INK,
        "button_primary_border_color": "transparent",
        "button_primary_border_color_dark": "transparent",
        "button_primary_border_color_hover": "transparent",
        "button_primary_border_color_hover_dark": "transparent",
        "button_primary_shadow": "none",
        "checkbox_background_color_selected": _ACCENT,
        "checkbox_background_color_selected_dark": _ACCENT,
    }
    return coloured(theme, colours)
