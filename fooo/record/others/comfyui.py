"""ComfyUI: the graph that was run, or the drawing of it, walked from the sampler back to what feeds it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from fooo.catalog import Catalog
from fooo.record.bounded import as_object, items, part
from fooo.record.others.draft import Draft
from fooo.record.others.found import LossKind, Program, Read
from fooo.request import Dialect

_MOST_NODES = 5_000
_MOST_STEPS = 200
"""Of one walk; graphs of hand-made loops end too."""
_SAMPLERS = ("KSampler", "KSamplerAdvanced", "SamplerCustom", "SamplerCustomAdvanced")
_TEXTS = ("text", "text_g", "t5xxl", "value", "string", "prompt", "text_positive", "populated_text")
_ONWARD = (
    "conditioning",
    "conditioning_1",
    "conditioning_to",
    "positive",
    "clip",
    "model",
    "samples",
    "guider",
    "input",
)
_WIDGETS: Mapping[str, tuple[str, ...]] = {
    "KSampler": ("seed", "", "steps", "cfg", "sampler_name", "scheduler", "denoise"),
    "KSamplerAdvanced": (
        "add_noise", "noise_seed", "", "steps", "cfg", "sampler_name", "scheduler", "start_at_step", "end_at_step",
        "return_with_leftover_noise",
    ),
    "EmptyLatentImage": ("width", "height", "batch_size"),
    "CLIPTextEncode": ("text",),
    "CLIPTextEncodeSDXL": ("width", "height", "crop_w", "crop_h", "target_width", "target_height", "text_g", "text_l"),
    "CheckpointLoaderSimple": ("ckpt_name",),
    "CheckpointLoader": ("config_name", "ckpt_name"),
    "DiffusersLoader": ("model_path",),
    "UNETLoader": ("unet_name", "weight_dtype"),
    "LoraLoader": ("lora_name", "strength_model", "strength_clip"),
    "LoraLoaderModelOnly": ("lora_name", "strength_model"),
    "CLIPSetLastLayer": ("stop_at_clip_layer",),
    "VAELoader": ("vae_name",),
    "KSamplerSelect": ("sampler_name",),
    "BasicScheduler": ("scheduler", "steps", "denoise"),
    "RandomNoise": ("noise_seed",),
    "CFGGuider": ("cfg",),
}  # fmt: skip
"""The names of a node's values in the drawing, which holds them in order; "" is the page's own."""


@dataclass(frozen=True, slots=True)
class _Node:
    kind: str
    inputs: Mapping[str, Any]


Graph = Mapping[str, _Node]


def is_graph(fields: Mapping[str, Any]) -> bool:
    """Whether it is a graph as it is run."""
    return any("class_type" in as_object(node) for node in list(fields.values())[:_MOST_NODES])


def is_drawing(fields: Mapping[str, Any]) -> bool:
    """Whether it is a graph as the page keeps it."""
    return isinstance(fields.get("nodes"), list) and isinstance(fields.get("links"), list)


def read_comfyui(fields: Mapping[str, Any], catalog: Catalog | None) -> Read | None:
    """What a graph of either form says; None where no sampler is in it."""
    graph = _graph_of_drawing(fields) if is_drawing(fields) else _graph(fields)
    sampler = _first_sampler(graph)
    if sampler is None:
        return None
    draft = Draft(Program.COMFYUI, {}, catalog, Dialect.FOOOCUS)
    _texts(draft, graph, sampler)
    _sampling(draft, graph, sampler)
    _models(draft, graph, sampler)
    _size(draft, graph)
    others = sum(node.kind in _SAMPLERS for node in graph.values()) - 1
    if others:
        draft.lose(LossKind.FIELD, "graph", f"{others} more of its samplers")
    strength = _strength(draft, sampler)
    return draft.finish(strength=strength)


def _graph(fields: Mapping[str, Any]) -> Graph:
    nodes = {name: as_object(node) for name, node in list(fields.items())[:_MOST_NODES]}
    return {
        name: _Node(str(node["class_type"]), part(node, "inputs"))
        for name, node in nodes.items()
        if "class_type" in node
    }


def _graph_of_drawing(fields: Mapping[str, Any]) -> Graph:
    """The drawing as a graph: values by their place, links by the table of them."""
    sources = {_key(link[0]): [_key(link[1]), link[2]] for link in map(items, fields["links"]) if len(link) >= 5}
    graph: dict[str, _Node] = {}
    for node in map(as_object, items(fields["nodes"])[:_MOST_NODES]):
        kind, values = str(node.get("type")), node.get("widgets_values")
        inputs = {
            str(as_object(each).get("name")): sources.get(_key(as_object(each).get("link")))
            for each in items(node.get("inputs"))
        }
        linked = {name: source for name, source in inputs.items() if source}
        named = as_object(values) or dict(zip(_WIDGETS.get(kind, ("text",)), items(values), strict=False))
        graph[_key(node.get("id"))] = _Node(kind, {**named, **linked})
    return graph


def _key(value: object) -> str:
    return str(value)


def _first_sampler(graph: Graph) -> _Node | None:
    """The one that begins with noise: what leads on from it only mends or enlarges."""
    samplers = [node for node in graph.values() if node.kind in _SAMPLERS]
    fresh = [
        node for node in samplers if any(each.kind.startswith("Empty") for each in _walk(graph, node, "latent_image"))
    ]
    return next(iter(fresh or samplers), None)


def _walk(graph: Graph, node: _Node, name: str) -> Iterator[_Node]:
    """The nodes from an input back, each once, along what they pass on."""
    waiting = [node.inputs.get(name)]
    seen: set[str] = set()
    while waiting and len(seen) < _MOST_STEPS:
        source = _source(waiting.pop())
        if source is None or source in seen or source not in graph:
            continue
        seen.add(source)
        each = graph[source]
        yield each
        waiting += [each.inputs.get(onward) for onward in reversed(_ONWARD) if onward in each.inputs]


def _source(value: object) -> str | None:
    """The node that a value comes from, where it does."""
    link = items(value)
    return str(link[0]) if len(link) == 2 and isinstance(link[0], str | int) else None


def _value(graph: Graph, node: _Node, *names: str) -> Any:
    """The value of an input, also where other nodes hand it on."""
    for name in names:
        value = node.inputs.get(name)
        for _ in range(_MOST_STEPS):
            source = _source(value)
            if source is None or source not in graph:
                break
            inputs = graph[source].inputs
            value = next(
                (inputs[each] for each in (*names, *_TEXTS, "seed", "int", "float", "number") if each in inputs), None
            )
        if value is not None and not isinstance(value, list | dict):
            return value
    return None


def _texts(draft: Draft, graph: Graph, sampler: _Node) -> None:
    for path, name in (("prompt", "positive"), ("negative", "negative")):
        texts = [_value(graph, each, *_TEXTS) for each in _sources(graph, sampler, name) if _says(each)]
        said = [text for text in texts if isinstance(text, str)]
        draft.words(path, ", ".join(dict.fromkeys(said)), name)


def _sources(graph: Graph, sampler: _Node, name: str) -> Iterator[_Node]:
    """What leads to the words; newer samplers are given them by a guide."""
    if name in sampler.inputs:
        return _walk(graph, sampler, name)
    guide = next(
        (each for each in _walk(graph, sampler, "guider") if {"positive", "conditioning"} & set(each.inputs)), None
    )
    if guide is None:
        return iter(())
    return _walk(graph, guide, name if name in guide.inputs else "conditioning" if name == "positive" else name)


def _says(node: _Node) -> bool:
    return "TextEncode" in node.kind and bool(set(_TEXTS) & set(node.inputs))


def _sampling(draft: Draft, graph: Graph, sampler: _Node) -> None:
    helpers = [each for name in ("noise", "sampler", "sigmas", "guider") for each in _walk(graph, sampler, name)]

    def find(*names: str) -> Any:
        values = (_value(graph, each, *names) for each in (sampler, *helpers))
        return next((value for value in values if value is not None), None)

    draft.put("sampling.seed", find("seed", "noise_seed"), "seed")
    draft.put("sampling.steps", find("steps"), "steps")
    draft.put("sampling.guidance", find("cfg"), "cfg")
    draft.sampler(find("sampler_name"), find("scheduler"), "sampler_name", "scheduler")


def _models(draft: Draft, graph: Graph, sampler: _Node) -> None:
    leading = [each for name in ("model", "guider", "positive") for each in _walk(graph, sampler, name)]
    chain = list({id(each): each for each in leading}.values())
    bases = (_value(graph, each, "ckpt_name", "unet_name", "model_path") for each in chain if "oader" in each.kind)
    draft.base(next((name for name in bases if name), None), "ckpt_name")
    for each in reversed([node for node in chain if "lora_name" in node.inputs]):
        draft.lora(_value(graph, each, "lora_name"), _value(graph, each, "strength_model"), "lora_name")
    skips = (_value(graph, each, "stop_at_clip_layer") for each in chain)
    skip = next((value for value in skips if isinstance(value, int) and value < 0), None)
    draft.put("models.clip_skip", -skip if skip else None, "stop_at_clip_layer")
    vaes = (_value(graph, each, "vae_name") for each in graph.values() if each.kind == "VAELoader")
    draft.vae(next((name for name in vaes if name), None), "vae_name")


def _size(draft: Draft, graph: Graph) -> None:
    empty = next((node for node in graph.values() if node.kind.startswith("Empty") and "width" in node.inputs), None)
    if empty:
        draft.size(_value(graph, empty, "width"), _value(graph, empty, "height"), "width, height")


def _strength(draft: Draft, sampler: _Node) -> float | None:
    said = sampler.inputs.get("denoise")
    if not isinstance(said, int | float) or not 0 < said < 1:
        return None
    draft.lose(LossKind.PICTURE, "denoise", said)
    return float(said)
