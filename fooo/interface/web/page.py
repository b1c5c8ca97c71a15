"""The page: parts, what they do, and its place in the server."""

from collections.abc import Collection
from pathlib import Path
from typing import Any, cast

import gradio as gr
from gradio.components import Component
from starlette.middleware import Middleware

from fooo.interface.i18n import Tongues, Words, choose_language
from fooo.interface.web.called import draw_for
from fooo.interface.web.handlers import Context, Handlers
from fooo.interface.web.languages import SpeakChosen
from fooo.interface.web.parts import Say, lay_out
from fooo.interface.web.seam import (
    accepted_languages,
    chosen_language,
    in_a_loop,
    labels_of,
    listen,
    mount,
    offer,
    said_by_script,
)
from fooo.interface.web.theme import make_theme
from fooo.interface.web.view import AddressOf, Lookout
from fooo.interface.web.words import Suggesting
from fooo.request import Request
from fooo.service import Fooo

_HERE = Path(__file__).parent

OPEN_PATHS = (
    *("/", "/config", "/theme.css", "/robots.txt"),
    *("/assets/", "/static/", "/svelte/"),
    *("/gradio_api/queue/join", "/gradio_api/queue/data", "/gradio_api/heartbeat/", "/gradio_api/cancel"),
    *("/gradio_api/upload", "/gradio_api/upload_progress", "/gradio_api/startup-events", "/gradio_api/reset"),
    *("/gradio_api/info", "/gradio_api/app_id"),
)
"""All that the page needs of gradio's server, and what its clients ask first; one that ends in a slash stands for what
is below it. By `app_id` an open page hears that the server is back; it is a random number. The rest stays closed, above
all the routes that read files or fetch addresses."""

UPLOAD_PATH = "/gradio_api/upload"
ASSET_PATH = "/assets/"

_SCRIPTS = (
    *(
        "page.js",
        "answers.js",
        "acts/acts.js",
        "acts/row.js",
        "acts/family.js",
        "sheets.js",
        "styles/looks.js",
        "working.js",
        "away.js",
        "fetching.js",
        "held.js",
        "history.js",
        "history/trash.js",
        "drawer/drawer.js",
        "languages/switch.js",
    ),
    *(f"words/{name}.js" for name in ("english", "known", "marks", "suggestions", "weights", "brought", "kept")),
)

_LOOKS = (
    "page.css",
    "sheets.css",
    "styles/styles.css",
    "history.css",
    "acts/acts.css",
    "words/words.css",
    "drawer/drawer.css",
)

_PREVIEW = "() => document.querySelector('#preview').click()"
_LOOK = "() => { document.querySelector('#look').click(); document.querySelector('#preview').click(); }"

_AWAITED = "(...shown) => { window.foooAwaits(); return shown; }"
_ANSWERED = "() => window.foooAnswered()"

_SHOWN_JOB = "() => document.querySelector('#status [data-job]')?.dataset.job ?? ''"

_TAKEN = "() => window.foooTaken()"

_SAID = "(window.foooAct ?? '')"
_ACTED = f"() => {_SAID}"

_SEEN_WORDS = "(base) => [base, document.querySelector('#known [data-mark]')?.dataset.mark ?? '']"

_FORGET_UPLOADS = (3600, 3600)
"""Seconds: how often to look for uploads that were never used, and how old they may grow."""


def make_page(
    program: Fooo, *, tongues: Tongues, language: str | None, preset: str | None, address_of: AddressOf
) -> gr.Blocks:
    """The page of a program.

    It speaks `language`, or each browser's own; it starts with `preset`, or the one that suits the models;
    `address_of` tells where a finished picture is fetched.

    Raises:
        UnknownName: There is no such preset.
    """
    start = Request(preset=program.catalog.preset(preset or program.catalog.fitting_preset()).name)

    def words_for(request: gr.Request) -> Words:
        if language:
            return tongues[language]
        return choose_language(accepted_languages(request), tongues, chosen=chosen_language(request))

    def build() -> gr.Blocks:
        with gr.Blocks(title="Fooo", analytics_enabled=False, fill_width=True, delete_cache=_FORGET_UPLOADS) as page:
            parts = lay_out(program.catalog, _say(tongues, language))
            lookout = Lookout(program, address_of)
            context = Context(
                parts=parts,
                program=program,
                lookout=lookout,
                start=start,
                words_for=words_for,
                # a language that was set when the program started is everybody's
                tongues={} if language else tongues,
            )
            _wire(page, Handlers.of(context))
            offer(draw_for(program, address_of), name="draw")
        return page

    return in_a_loop(build)


def mount_page(
    server: Any, page: gr.Blocks, *, tongues: Tongues, language: str | None, theme: str, most_upload_bytes: int
) -> None:
    """Put the page at the root of a FastAPI application."""
    mount(
        server,
        page,
        app_kwargs={
            **{"docs_url": None, "redoc_url": None, "openapi_url": None},
            "middleware": [Middleware(SpeakChosen, tongues=tongues, language=language)],
        },
        footer_links=[],
        run_history=False,
        show_error=False,
        max_file_size=most_upload_bytes,
        ssr_mode=False,
        enable_monitoring=False,
        mcp_server=False,
        i18n=_translations(tongues, labels_of(page)),
        theme=make_theme(),
        # as a plain element: gradio rewrites the selectors of what it is given as css
        head=f'<link rel="apple-touch-icon" href="icons/192.png"><style>{_read(*_LOOKS)}</style>',
        js=f'window.foooTheme = "{theme}";\n{_read(*_SCRIPTS)}',
    )


def _read(*names: str) -> str:
    return "\n".join((_HERE / name).read_text(encoding="utf-8") for name in names)


def _say(tongues: Tongues, language: str | None) -> Say:
    return tongues[language] if language else gr.I18n()


def _translations(tongues: Tongues, labels: Collection[str]) -> gr.I18n:
    """Gradio's own table, of the labels alone: all other words come from the server in the language of the browser.

    It asks for the browser's full code, so the regions of Chinese are named too.
    """
    tables = {code: {each: words.texts[each] for each in labels} for code, words in tongues.items()}
    regions = {f"zh-{region}": tables["zh"] for region in ("CN", "TW", "HK", "SG", "Hans", "Hant")}
    return gr.I18n(**tables, **regions)


def _wire(page: gr.Blocks, handlers: Handlers) -> None:
    context, pressing, watching, settings = handlers.context, handlers.pressing, handlers.watching, handlers.settings
    parts = context.parts
    controls = parts.controls
    shown = [*controls.values(), parts.base, parts.notice]
    seen = [parts.stage, parts.row, parts.held, parts.status, parts.repeat, parts.notice]
    asked: set[Component] = {*controls.values(), parts.base, parts.random_seed, parts.spare_seed}
    head = [parts.bar, parts.drawer, parts.drawer_head, parts.chips, parts.sheet, parts.spare_seed]
    pressed = [*shown, parts.status, parts.repeat, parts.spare_seed]

    arrive = listen(
        page.load,
        handlers.arriving.arrive,
        None,
        [*dict.fromkeys((*shown, *seen[:-1], *head, *parts.inside))],
        name="arrive",
    )
    press = listen(parts.generate.click, pressing.press, asked, pressed, name="press")
    again = listen(parts.again.click, pressing.press_again, asked, pressed, name="press_again")
    listen(parts.preview.click, pressing.preview, asked, [parts.final], name="preview", newest_only=True)
    listen(parts.look.click, watching.watch, {parts.base}, seen, name="watch")

    acted = {*asked, parts.acted}
    said = said_by_script(acted, parts.acted, _SAID)
    changed = [*pressed, parts.chips, parts.random_seed]
    act = listen(parts.act.click, handlers.acting.act, acted, changed, name="act", script=said)

    trying = handlers.trying
    tried = listen(parts.try_styles.click, trying.try_styles, asked, pressed, name="try_styles")
    finish = listen(parts.finish_style.click, trying.finish, {parts.acted}, pressed, name="finish_style", script=_ACTED)

    suggest = Suggesting(parts, context.program, context.start, context.words_for).suggest
    for trigger, name in ((arrive.then, "suggest_first"), (parts.suggest.click, "suggest")):
        listen(trigger, suggest, {parts.base, parts.acted}, [parts.known], name=name, script=_SEEN_WORDS)

    # answered once what the first picture needs is in memory: from then on its time is another one
    named = listen(
        arrive.then, handlers.arriving.name_device, {parts.base}, [parts.bar, parts.notice], name="name_device"
    )
    listen(named.then, None, None, None, name="tell_time", script=_PREVIEW)

    ends = ((parts.stop, watching.stop, "stop"), (parts.keep, watching.stop_and_keep, "stop_and_keep"))
    for button, handler, name in (*ends, (parts.skip, watching.skip, "skip")):
        listen(button.click, handler, {parts.drawn}, None, name=name, script=_SHOWN_JOB)

    preset = cast(gr.Radio, controls["preset"])
    styles, count = cast(gr.HTML, controls["styles"]), cast(gr.Number, controls["output.count"])
    size, loras = cast(gr.Dropdown, controls["size"]), cast(gr.HTML, controls["models.loras"])
    chosen = [*shown, parts.chips, parts.sheet, parts.bar, parts.loras]
    choose = listen(preset.input, settings.choose_preset, asked, chosen, name="choose_preset", script=_AWAITED)
    mode, budget = (cast(gr.Radio, controls[f"sampling.{name}"]) for name in ("performance", "budget"))
    told: set[Component] = {styles, count, mode, budget, size, preset, parts.base}
    for swapped, name in ((styles.input, "show_styles"), (count.input, "show_count")):
        listen(swapped, settings.show_chips, told, [parts.chips], name=name)
    sized = listen(size.input, settings.show_chips, told, [parts.chips], name="show_size")
    files = [(cast(gr.Dropdown, controls[f"models.{name}"]).input, f"choose_{name}") for name in ("base", "refiner")]
    modelled = [listen(each, settings.choose_model, asked, chosen, name=name, script=_AWAITED) for each, name in files]
    added = listen(loras.input, settings.show_loras, {loras}, [parts.loras], name="show_loras")
    loaded = [*chosen, parts.drop, parts.random_seed, parts.brought]
    prompt = controls["prompt"]
    dropped: set[Component] = {parts.drop, prompt}
    load = listen(parts.drop.upload, settings.load_settings, dropped, loaded, name="load_settings", script=_AWAITED)
    brought = {parts.acted, prompt}
    by_script = said_by_script(brought, parts.acted, _SAID)
    recall = listen(parts.recall.click, settings.load_settings, brought, loaded, name="load_kept", script=by_script)
    paced = [
        listen(
            changed.input,
            settings.choose_pace,
            asked,
            [*shown, parts.chips, parts.loras],
            name=f"choose_{name}",
            script=_AWAITED,
        )
        for changed, name in ((mode, "mode"), (budget, "budget"))
    ]
    for awaited in (choose, load, recall, act, *paced, *modelled):
        for end in (awaited.then, awaited.failure):  # gradio has `then` follow what went well alone
            listen(end, None, None, None, name="answered", script=_ANSWERED)
    for taken in (press, again):
        listen(taken.success, None, None, None, name="taken", script=_TAKEN)
    # what is seen follows: of a press the job, of another model what it can draw, of both the next picture's words
    for before in (arrive, press, again, act, tried, finish, choose, load, recall, *paced, *modelled):
        listen(before.then, None, None, None, name="look", script=_LOOK)
    for before in (sized, added):
        listen(before.then, None, None, None, name="preview_after", script=_PREVIEW)
