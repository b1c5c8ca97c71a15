"""Every part of the page, put in its place; what they do is in `handlers`, how they look in `page.css`."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

import gradio as gr
from gradio.blocks import BlockContext
from gradio.components import Component
from gradio.i18n import I18nData
from gradio.layouts import Form

from fooo.catalog import BASES, PERFORMANCES, Catalog, Family, ModelKind, Preset, modes_by_name
from fooo.catalog.sampler_names import Sampler, Schedule
from fooo.interface.i18n import Words, told
from fooo.interface.web.fields import AUTOMATIC, FIELDS, NONE, Control, Field
from fooo.interface.web.model_shown import title_of_model
from fooo.interface.web.seam import Part
from fooo.request import Expansion, FileFormat

Label = str | I18nData
Say = Callable[[str], Label]
"""The label of an id: in one language, or one that each browser fills in its own."""

_KINDS_OF_NAMES: dict[str, Sequence[str]] = {
    "sampling.sampler": tuple(Sampler),
    "sampling.schedule": tuple(Schedule),
}
_LABELS = {str(each): each.label for each in (*Schedule, *Sampler)}
"""What the field calls them; a sampler before a schedule of its name."""

_BY_SCRIPT: Mapping[str, object] = {"styles": (), "exactly": False, "without": (), "models.loras": ()}
"""What the controls hold at first that are not seen: sheets and switches elsewhere on the page show and set them."""

_FIRST = frozenset({"output.count", "preset", "size", "sampling.performance", "sampling.budget"})
"""What of the drawer is open at once."""

_BUDGETS = {"5 s": "budget_5_s", "20 s": "budget_20_s", "1 min": "budget_1_min", "best": "budget_best"}
"""The times that are offered, each with the id of how it is called; a request may name any other."""

_SIZES = {
    "square": "size_square",
    "portrait 3:4": "size_portrait",
    "landscape 4:3": "size_landscape",
    "photo 3:2": "size_photo",
    "story 9:16": "size_story",
    "wide 16:9": "size_wide",
    "cinema 21:9": "size_cinema",
}
"""The shapes that are offered, each with the id of how it is called; a request may say any other, or pixels."""

_FORMATS = {FileFormat.PNG: "PNG", FileFormat.JPEG: "JPEG", FileFormat.WEBP: "WebP"}
"""As they are called in every language."""

_MODES = {
    "Quality": "mode_quality",
    "Speed": "mode_speed",
    "Quick": "mode_quick",
    "Extreme Speed": "mode_extreme_speed",
}
"""The modes that every language has a word for; the others are named after what they stand on."""

_WITH_SETTINGS = (".png", ".jpg", ".jpeg", ".webp")
"""Endings of pictures that may tell how they were made."""

_HOLDS = """
element.holds = () => props.value;
element.addEventListener("hold", (event) => {
  props.value = event.detail;
  trigger("input");
});
element.addEventListener("keep", (event) => { props.value = event.detail; });
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """Args: controls: By the path of their field. base: The request below them, kept for each open page.

    spare_seed: Of the next picture, where the page leaves it open.
    inside: All in the drawer, hidden one by one until it is shown: else the browser fetches what draws them at once.
    drawn: The id of the job that the page shows, as its script fills it in when Stop, Keep or Skip is pressed.
    repeat: The chip for drawing again and again. again: Pressed by the page's script for it.
    acted: What is done with which finished picture, as the page's script fills it in when `act` is pressed, or `recall`
        to take over its settings.
    final: The words as they will be drawn. sheet: All styles, over the page.
    loras: The chosen LoRAs, each with its weight and the words that it was trained with.
    known: What the prompt box suggests. suggest: Pressed by the page's script, to have that as it is now.
    brought: A picture that was dropped or chosen, and what can be done with it.
    look, preview: Pressed by the page's script, when it comes into sight again and when what is asked for changes.
    """

    controls: Mapping[str, Component]
    base: gr.State
    spare_seed: gr.State
    drawn: gr.Textbox
    acted: gr.Textbox
    random_seed: gr.Checkbox
    drop: gr.File
    bar: gr.HTML
    stage: gr.HTML
    row: gr.HTML
    status: gr.HTML
    held: gr.HTML
    notice: gr.HTML
    brought: gr.HTML
    final: gr.HTML
    chips: gr.HTML
    sheet: gr.HTML
    known: gr.HTML
    drawer: gr.Column
    inside: tuple[Part, ...]
    drawer_head: gr.HTML
    loras: gr.HTML
    repeat: gr.HTML
    generate: gr.Button
    skip: gr.Button
    stop: gr.Button
    keep: gr.Button
    again: gr.Button
    act: gr.Button
    recall: gr.Button
    try_styles: gr.Button
    finish_style: gr.Button
    look: gr.Button
    suggest: gr.Button
    preview: gr.Button


def lay_out(catalog: Catalog, say: Say) -> Parts:
    """Build the page's parts inside the open `gr.Blocks`."""
    bar = _shown("bar")
    with gr.Column(elem_id="wall"):
        stage, row = _shown("stage"), _shown("row")
    with gr.Column(elem_id="words"):
        with gr.Row(elem_id="progress"):
            with gr.Column(elem_id="says", min_width=0):
                status, notice = _shown("status"), _shown("notice")
            with gr.Row(elem_id="running"):
                skip = _quiet_button(say("skip"), "skip")
                keep = _quiet_button(say("stop_and_keep"), "keep")
                stop = _quiet_button(say("stop"), "stop")
        waits, brought = _shown("held"), _shown("brought")
        with gr.Row(elem_id="box", equal_height=True):
            prompt = _prompt(say)
            generate = gr.Button(say("generate"), variant="primary", elem_id="generate", scale=0, min_width=128)
        final = _shown("final")
        with gr.Row(elem_id="choices"):
            chips, repeat = _shown("chips"), _shown("repeat")
    held = {field.path: _held(field) for field in FIELDS if field.path in _BY_SCRIPT}
    sheet = _shown("sheet")
    # not seen at first, so that the browser builds it after the first view: half of the page's parts are in it
    with gr.Column(elem_id="drawer", visible=False) as drawer:
        drawer_head = _shown("drawer-head")
        settings, loras, random_seed = _settings(catalog, say)
        drop = gr.File(
            label=say("load_settings"), file_types=list(_WITH_SETTINGS), type="filepath", height=96, elem_id="drop"
        )
    inside = _hidden(drawer)
    return Parts(
        inside=inside,
        controls={"prompt": prompt, **held, **settings},
        base=gr.State(),
        spare_seed=gr.State(),
        drawn=gr.Textbox(visible=False),
        acted=gr.Textbox(visible=False),
        random_seed=random_seed,
        drop=drop,
        bar=bar,
        stage=stage,
        row=row,
        status=status,
        held=waits,
        notice=notice,
        brought=brought,
        final=final,
        chips=chips,
        sheet=sheet,
        known=_shown("known"),
        drawer=drawer,
        drawer_head=drawer_head,
        loras=loras,
        repeat=repeat,
        generate=generate,
        skip=skip,
        stop=stop,
        keep=keep,
        again=gr.Button(elem_id="again", visible="hidden"),
        act=gr.Button(elem_id="act", visible="hidden"),
        recall=gr.Button(elem_id="recall", visible="hidden"),
        try_styles=gr.Button(elem_id="try-styles", visible="hidden"),
        finish_style=gr.Button(elem_id="finish-style", visible="hidden"),
        look=gr.Button(elem_id="look", visible="hidden"),
        suggest=gr.Button(elem_id="suggest", visible="hidden"),
        preview=gr.Button(elem_id="preview", visible="hidden"),
    )


def choices(
    field: Field, catalog: Catalog, words: Words | None = None, family: Family | None = None
) -> list[tuple[str, str]]:
    """What may be chosen for a field: how it is shown, and its name. Without words it is shown by its name.

    Args:
        field: One of several names.
        catalog: The names that exist.
        words: Of the page.
        family: Of the model that draws; None: the modes of all.
    """
    match field.control:
        case Control.CHOICE:
            modes = [mode.name for mode in PERFORMANCES[family]] if family else list(modes_by_name())
            names = modes if field.path == "sampling.performance" else list(_BUDGETS)
            return [(title_of_choice(name, words), name) for name in (AUTOMATIC, *names)]
        case Control.SIZE:
            return [(title_of_choice(name, words), name) for name in (AUTOMATIC, *_SIZES)]
        case Control.FILE | Control.FILE_OR_NONE:
            kinds = BASES if field.control is Control.FILE else {ModelKind.SDXL_REFINER}
            none = [NONE] if field.control is Control.FILE_OR_NONE else []
            found = sorted(each.name for each in catalog.models.values() if each.kind in kinds)
            return [(title_of_choice(name, words), name) for name in (AUTOMATIC, *none, *found)]
        case Control.NAME:
            return [(title_of_choice(name, words), name) for name in (AUTOMATIC, *_KINDS_OF_NAMES[field.path])]
        case _:
            return _names(field, catalog, words)


def offered(field: Field, value: str, catalog: Catalog, words: Words, family: Family | None) -> list[tuple[str, str]]:
    """What may be chosen, as from `choices`; a value that is not among it stands behind it."""
    known = choices(field, catalog, words, family)
    return known if value in {name for _, name in known} else [*known, (title_of_choice(value, words), value)]


def _names(field: Field, catalog: Catalog, words: Words | None) -> list[tuple[str, str]]:
    """What may be chosen where something always is."""
    if field.path == "preset":
        return [(_with_sentence(each, words), each.name) for each in catalog.presets.values()]
    if field.path == "output.format":
        return [(name, each.value) for each, name in _FORMATS.items()]
    strengths = [each for each in Expansion if each is not Expansion.MODEL or catalog.prompt_expansion]
    return [(words(f"expansion_{each}") if words else each.value, each.value) for each in strengths]


def pace_of(values: Mapping[str, Any], words: Words) -> str:
    """The mode and the time that are chosen, by the values of the controls; empty where neither is."""
    paces = (values.get("sampling.performance"), values.get("sampling.budget"))
    return " · ".join(title_of_choice(name, words) for name in paces if name)


def title_of_choice(name: str, words: Words | None) -> str:
    """What a mode, a time, a shape or a model is called in a language; without words by its name."""
    known = {AUTOMATIC: "automatic", NONE: "no_refiner", **_BUDGETS, **_MODES, **_SIZES}
    if words is None:
        return name
    if name in _LABELS:
        return _LABELS[name]
    return words(known[name]) if name in known else title_of_model(name, words)


def _with_sentence(preset: Preset, words: Words | None) -> str:
    """The name, and below it what the preset is for."""
    about = told(preset.about, words) if words else ""
    return f"{preset.name}\n{about}" if about else preset.name


def _settings(catalog: Catalog, say: Say) -> tuple[dict[str, Component], gr.HTML, gr.Checkbox]:
    seen = [field for field in FIELDS if field.path not in {"prompt", *_BY_SCRIPT}]
    controls = {field.path: _control(field, catalog, say) for field in seen if field.path in _FIRST}
    with gr.Accordion(say("advanced"), open=False, elem_id="advanced"):
        files, others = (
            [field for field in seen if field.path not in _FIRST and field.path.startswith("models.") is of_models]
            for of_models in (True, False)
        )
        controls |= {field.path: _control(field, catalog, say) for field in files}
        loras = _shown("loras")
        controls |= {field.path: _control(field, catalog, say) for field in others}
        random_seed = gr.Checkbox(value=True, label=say("random_seed"), elem_id="random-seed", container=False)
    return controls, loras, random_seed


def _hidden(place: BlockContext) -> tuple[Part, ...]:
    """All that is in a place, now hidden; but for the forms that gradio adds itself, and lets nobody show again."""
    found: list[Part] = []
    for each in place.children:
        if not isinstance(each, Form):
            each.visible = False
            found.append(cast("Part", each))
        found += _hidden(each) if isinstance(each, BlockContext) else ()
    return tuple(found)


def _control(field: Field, catalog: Catalog, say: Say) -> Component:
    label, element = say(field.label), field.element
    hint = _text(say(f"{field.label}_hint")) if field.hint else None
    match field.control:
        case Control.TEXT | Control.DIGITS:
            long = field.control is Control.TEXT
            empty = _text(say(f"{field.label}_placeholder")) if long else None
            most = 20 if long else 1
            return gr.Textbox(
                label=label, info=hint, placeholder=empty, lines=min(2, most), max_lines=most, elem_id=element
            )
        case Control.NUMBER:
            return gr.Number(label=label, info=hint, placeholder=_text(say("automatic")), elem_id=element)
        case Control.ONE | Control.CHOICE:
            return gr.Radio(choices(field, catalog), label=label, info=hint, elem_id=element)
        case Control.SIZE | Control.FILE | Control.FILE_OR_NONE | Control.NAME:
            # what is offered comes with the values: a shelf of files would make every page's beginning heavier
            own = field.control is Control.SIZE
            return gr.Dropdown(
                [], value=None, label=label, info=hint, allow_custom_value=own, num_choices_shown=None, elem_id=element
            )
        case Control.SWITCH:
            return gr.Checkbox(label=label, info=hint, elem_id=element, container=False)
        case Control.MANY | Control.LORAS:
            return _held(field)


def _shown(element: str) -> gr.HTML:
    """A place for markup."""
    return gr.HTML(elem_id=element, js_on_load=None, apply_default_css=False)


def _held(field: Field) -> gr.HTML:
    """A value that is not seen; the page's script reads it by `holds()` and sets it by the event `hold`.

    Set by `keep`, it is heard of with the next press only.
    """
    return gr.HTML(
        _BY_SCRIPT[field.path],
        html_template="",
        js_on_load=_HOLDS,
        apply_default_css=False,
        visible="hidden",
        elem_id=field.element,
    )


def _prompt(say: Say) -> gr.Textbox:
    return gr.Textbox(
        label=_text(say("prompt")),
        placeholder=_text(say("prompt_placeholder")),
        show_label=False,
        container=False,
        lines=2,
        max_lines=6,
        autofocus=True,
        elem_id="field-prompt",
    )


def _quiet_button(label: Label, element: str) -> gr.Button:
    return gr.Button(label, size="sm", elem_id=element, elem_classes=["quiet"], scale=0, min_width=0)


def _text(label: Label) -> str:
    # gradio fills in a placeholder as it does a label, but its types name only str there
    return label  # pyright: ignore[reportReturnType]
