"""Every part of the page, put in its place; what they do is in `handlers.py`, how they look in `page.css`."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import gradio as gr
from gradio.components import Component
from gradio.i18n import I18nData

from fooo.catalog import Catalog
from fooo.interface.web.fields import FIELDS, Control, Field

Label = str | I18nData
Say = Callable[[str], Label]
"""The label of an id: in one language, or one that each browser fills in its own."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """Args: controls: By the path of their field. base: The request below them, kept for each open page.

    drawn: The id of the job that the page shows, as its script fills it in when Stop, Keep or Skip is pressed.
    """

    controls: Mapping[str, Component]
    base: gr.State
    drawn: gr.Textbox
    random_seed: gr.Checkbox
    drop: gr.File
    bar: gr.HTML
    stage: gr.HTML
    row: gr.HTML
    status: gr.HTML
    notice: gr.HTML
    chips: gr.HTML
    drawer: gr.Column
    drawer_head: gr.HTML
    running: gr.Row
    generate: gr.Button
    skip: gr.Button
    stop: gr.Button
    keep: gr.Button
    look: gr.Button


def lay_out(catalog: Catalog, say: Say) -> Parts:
    """Build the page's parts inside the open `gr.Blocks`."""
    bar = gr.HTML(elem_id="bar", js_on_load=None, apply_default_css=False)
    with gr.Column(elem_id="wall"):
        stage = gr.HTML(elem_id="stage", js_on_load=None, apply_default_css=False)
        row = gr.HTML(elem_id="row", js_on_load=None, apply_default_css=False)
    with gr.Column(elem_id="words"):
        with gr.Row(elem_id="progress"):
            with gr.Column(elem_id="says", min_width=0):
                status = gr.HTML(elem_id="status", js_on_load=None, apply_default_css=False)
                notice = gr.HTML(elem_id="notice", js_on_load=None, apply_default_css=False)
            with gr.Row(elem_id="running", visible=False) as running:
                skip = _quiet_button(say("skip"), "skip")
                keep = _quiet_button(say("stop_and_keep"), "keep")
                stop = _quiet_button(say("stop"), "stop")
        with gr.Row(elem_id="box", equal_height=True):
            prompt = _prompt(say)
            generate = gr.Button(say("generate"), variant="primary", elem_id="generate", scale=0, min_width=128)
        chips = gr.HTML(elem_id="chips", js_on_load=None, apply_default_css=False)
    # not seen at first, so that the browser builds it after the first view: half of the page's parts are in it
    with gr.Column(elem_id="drawer", visible=False) as drawer:
        drawer_head = gr.HTML(elem_id="drawer-head", js_on_load=None, apply_default_css=False)
        controls, random_seed = _settings(catalog, say)
        drop = gr.File(label=say("load_settings"), file_types=[".png"], type="filepath", height=96, elem_id="drop")
    return Parts(
        controls={"prompt": prompt, **controls},
        base=gr.State(),
        drawn=gr.Textbox(visible=False),
        random_seed=random_seed,
        drop=drop,
        bar=bar,
        stage=stage,
        row=row,
        status=status,
        notice=notice,
        chips=chips,
        drawer=drawer,
        drawer_head=drawer_head,
        running=running,
        generate=generate,
        skip=skip,
        stop=stop,
        keep=keep,
        # pressed by the page's script when the page comes into sight again
        look=gr.Button(elem_id="look", visible="hidden"),
    )


def _settings(catalog: Catalog, say: Say) -> tuple[dict[str, Component], gr.Checkbox]:
    first = [field for field in FIELDS if field.path in {"styles", "output.count", "preset"}]
    rest = [field for field in FIELDS if field not in first and field.path != "prompt"]
    controls = {field.path: _control(field, catalog, say) for field in first}
    with gr.Accordion(say("advanced"), open=False, elem_id="advanced"):
        controls |= {field.path: _control(field, catalog, say) for field in rest}
        random_seed = gr.Checkbox(value=True, label=say("random_seed"), elem_id="random-seed", container=False)
    return controls, random_seed


def _control(field: Field, catalog: Catalog, say: Say) -> Component:
    label, element = say(field.label), field.element
    match field.control:
        case Control.TEXT:
            hint = say(f"{field.label}_placeholder")
            return gr.Textbox(label=label, placeholder=_text(hint), lines=2, elem_id=element)
        case Control.DIGITS:
            return gr.Textbox(label=label, max_lines=1, elem_id=element)
        case Control.NUMBER:
            return gr.Number(label=label, placeholder=_text(say("automatic")), elem_id=element)
        case Control.ONE:
            return gr.Radio(list(_choices(field, catalog)), label=label, elem_id=element)
        case Control.MANY:
            return gr.CheckboxGroup(list(_choices(field, catalog)), label=label, elem_id=element)


def _choices(field: Field, catalog: Catalog) -> Mapping[str, object]:
    return {"styles": catalog.styles, "preset": catalog.presets}[field.path]


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
