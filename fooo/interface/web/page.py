"""The page: parts, what they do, and its place in the server."""

from collections.abc import Collection
from pathlib import Path
from typing import Any, cast

import gradio as gr
from gradio.components import Component

from fooo.interface.i18n import Tongues, Words, choose_language
from fooo.interface.web.called import draw_for
from fooo.interface.web.handlers import Context, Handlers
from fooo.interface.web.parts import Say, lay_out
from fooo.interface.web.seam import accepted_languages, in_a_loop, labels_of, listen, mount, offer, said_by_script
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
    "/gradio_api/info",
)
"""All that the page needs of gradio's server, and what its clients ask first; one that ends in a slash stands for what
is below it. The rest stays closed, above all the routes that read files or fetch addresses."""

UPLOAD_PATH = "/gradio_api/upload"
ASSET_PATH = "/assets/"

_SCRIPTS = (
    *(
        "page.js",
        "acts/acts.js",
        "acts/row.js",
        "acts/family.js",
        "sheets.js",
        "styles/looks.js",
        "working.js",
        "fetching.js",
        "held.js",
        "history.js",
        "history/trash.js",
    ),
    *(f"words/{name}.js" for name in ("known", "marks", "suggestions", "weights", "brought")),
)

_LOOKS = ("page.css", "sheets.css", "styles/styles.css", "history.css", "acts/acts.css", "words/words.css")

_PREVIEW = "() => document.querySelector('#preview').click()"
_LOOK = "() => { document.querySelector('#look').click(); document.querySelector('#preview').click(); }"

_SHOWN_JOB = "() => document.querySelector('#status [data-job]')?.dataset.job ?? ''"

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
        return tongues[language] if language else choose_language(accepted_languages(request), tongues)

    def build() -> gr.Blocks:
        with gr.Blocks(title="Fooo", analytics_enabled=False, fill_width=True, delete_cache=_FORGET_UPLOADS) as page:
            parts = lay_out(program.catalog, _say(tongues, language))
            lookout = Lookout(program, address_of)
            context = Context(parts=parts, program=program, lookout=lookout, start=start, words_for=words_for)
            _wire(page, Handlers.of(context))
            offer(draw_for(program, address_of), name="draw")
        return page

    return in_a_loop(build)


def mount_page(server: Any, page: gr.Blocks, *, tongues: Tongues, theme: str, most_upload_bytes: int) -> None:
    """Put the page at the root of a FastAPI application."""
    mount(
        server,
        page,
        app_kwargs={"docs_url": None, "redoc_url": None, "openapi_url": None},
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
    changed = [*pressed, parts.chips]
    act = listen(parts.act.click, handlers.acting.act, acted, changed, name="act", script=said)

    trying = handlers.trying
    tried = listen(parts.try_styles.click, trying.try_styles, asked, pressed, name="try_styles")
    finish = listen(parts.finish_style.click, trying.finish, {parts.acted}, pressed, name="finish_style", script=_ACTED)

    suggest = Suggesting(parts, context.program, context.start, context.words_for).suggest
    for trigger, name in ((arrive.then, "suggest_first"), (parts.suggest.click, "suggest")):
        listen(trigger, suggest, {parts.base, parts.acted}, [parts.known], name=name, script=_SEEN_WORDS)

    # answered once what the first picture needs is in memory: from then on its time is another one
    named = listen(arrive.then, handlers.arriving.name_device, None, [parts.bar, parts.notice], name="name_device")
    listen(named.then, None, None, None, name="tell_time", script=_PREVIEW)

    ends = ((parts.stop, watching.stop, "stop"), (parts.keep, watching.stop_and_keep, "stop_and_keep"))
    for button, handler, name in (*ends, (parts.skip, watching.skip, "skip")):
        listen(button.click, handler, {parts.drawn}, None, name=name, script=_SHOWN_JOB)

    preset = cast(gr.Radio, controls["preset"])
    styles, count = cast(gr.HTML, controls["styles"]), cast(gr.Number, controls["output.count"])
    chosen = [*shown, parts.chips, parts.sheet]
    choose = listen(preset.input, settings.choose_preset, asked, chosen, name="choose_preset")
    mode, budget = (cast(gr.Radio, controls[f"sampling.{name}"]) for name in ("performance", "budget"))
    for swapped, name in ((styles.input, "show_styles"), (count.input, "show_count")):
        listen(swapped, settings.show_chips, {styles, count, mode, budget, parts.base}, [parts.chips], name=name)
    loaded = [*chosen, parts.drop, parts.random_seed, parts.brought]
    load = listen(parts.drop.upload, settings.load_settings, {parts.drop}, loaded, name="load_settings")
    recall = listen(parts.recall.click, settings.load_settings, {parts.acted}, loaded, name="load_kept", script=_ACTED)
    paced = [
        listen(changed.input, settings.choose_pace, asked, [*shown, parts.chips], name=f"choose_{name}")
        for changed, name in ((mode, "mode"), (budget, "budget"))
    ]
    # what is seen follows: of a press the job, of another model what it can draw, of both the next picture's words
    for before in (arrive, press, again, act, tried, finish, choose, load, recall, *paced):
        listen(before.then, None, None, None, name="look", script=_LOOK)
