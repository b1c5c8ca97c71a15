"""A request on its way: fields of another program go in, what does not fit becomes a loss."""

import re
import unicodedata
from collections.abc import Callable, Collection, Mapping
from typing import Any

from pydantic import ValidationError

from fooo.catalog import BASES, Catalog, ModelKind, read_sampler_name, read_schedule_name
from fooo.errors import UnknownName
from fooo.record.others.found import Loss, LossKind, Program, Read, shown
from fooo.request import LONGEST_TEXT, Dialect, Request, StrengthSteps

_MOST_LOSSES = 100
_MOST_ROUNDS = 200
"""Of taking out what is wrong; a request has fewer fields and LoRAs than that."""
_MOST_LORAS = 100
_TAG = re.compile(r"<(?:lora|lyco):([^:<>]{1,200})(?::[^<>]{0,100})?>")
_EMBEDDING = re.compile(r"(?<!\w)embedding:(\w(?:[\w./-]*[\w-])?)")
_NONE = {"", "none", "automatic", "default (model)", "default", "null"}
_ENDINGS = re.compile(r"(\.(safetensors|ckpt|pt|bin|pth|gguf))?( \[[0-9a-f]{6,64}\])?$", re.IGNORECASE)


class Draft:
    """The request of one picture. Nothing that a preset of ours might add is added: the picture had none.

    Args:
        program: Whose fields they are.
        fields: What the picture says, by the program's own names.
        catalog: What is here; None leaves every name as it is said.
        dialect: Of the prompts.
    """

    def __init__(
        self,
        program: Program,
        fields: Mapping[str, object],
        catalog: Catalog | None,
        dialect: Dialect = Dialect.FOOO,
    ) -> None:
        self.program, self._catalog = program, catalog
        self._left = dict(fields)
        self._losses: list[Loss] = []
        self._said_at: dict[tuple[str, ...], str] = {}
        self._partial: dict[str, Any] = {
            "dialect": dialect,
            "preset": None,
            "expansion": "off",
            "exactly": True,
            "models": {"refiner": None, "loras": []},
            "sampling": {},
        }

    def has(self, at: str) -> bool:
        return at in self._left

    def take(self, *names: str) -> Any:
        """The value under the first of the names that is there; none of them is left over."""
        values = [self._left.pop(name) for name in names if name in self._left]
        return next((value for value in values if value is not None), None)

    def lose(self, kind: LossKind, at: str, said: object, used: str = "") -> None:
        self._losses.append(Loss(kind, shown(at), shown(said), used))

    def put(self, path: str, value: object, at: str) -> None:
        """Set a field of the request, as in `sampling.steps`; whether it may be that is found out at the end."""
        if value is None or value == "":
            return
        *parents, leaf = path.split(".")
        place = self._partial
        for name in parents:
            place = place.setdefault(name, {})
        place[leaf] = value
        self._said_at[tuple(path.split("."))] = at

    def move(self, path: str, *names: str) -> None:
        """Set a field of the request to what stands under one of the names."""
        self.put(path, self.take(*names), names[0])

    def size(self, width: object, height: object, at: str) -> None:
        if width is not None and height is not None:
            self.put("size", {"width": width, "height": height}, at)

    def words(self, path: str, text: object, at: str) -> None:
        """Set a prompt, without what cannot be read and without the files in it that are not here."""
        if not isinstance(text, str):
            if text is not None:
                self.lose(LossKind.VALUE, at, text)
            return
        if len(text) > LONGEST_TEXT:
            self.lose(LossKind.VALUE, at, f"a text of {len(text)} characters")
            return
        readable = "".join(each for each in text if each in "\n\r\t" or unicodedata.category(each) not in {"Cc", "Cs"})
        if readable != text:
            self.lose(LossKind.VALUE, at, "an unprintable character", "the text without it")
        for pattern, find in ((_TAG, self._lora_here), (_EMBEDDING, self._embedding_here)):
            readable = pattern.sub(lambda said, find=find: said[0] if find(said[1], at) else "", readable)
        self.put(path, readable.strip(), at)

    def sampler(self, name: object, schedule: object, at: str, at_schedule: str = "") -> None:
        """Set the sampler, and the schedule where one is named or is in the sampler's name."""
        if isinstance(name, str) and name.strip():
            try:
                named = read_sampler_name(name)
            except UnknownName:
                self.lose(LossKind.SAMPLER, at, name)
            else:
                self.put("sampling.sampler", named.sampler.value, at)
                self.put("sampling.schedule", (named.schedule or named.sampler.usual_schedule).value, at)
                if named.notice:
                    self.lose(LossKind.SAMPLER, at, name, named.sampler.label)
        if isinstance(schedule, str) and schedule.strip():
            self._schedule(schedule, at_schedule or at)

    def _schedule(self, name: str, at: str) -> None:
        try:
            named = read_schedule_name(name)
        except UnknownName:
            self.lose(LossKind.SAMPLER, at, name)
            return
        if named.schedule:
            self.put("sampling.schedule", named.schedule.value, at)
        if named.notice and named.schedule:
            self.lose(LossKind.SAMPLER, at, name, named.schedule.label)

    def base(self, name: object, at: str) -> None:
        self._file("models.base", name, at, self._model_finder(BASES))

    def refiner(self, name: object, at: str) -> None:
        self._file("models.refiner", name, at, self._model_finder({ModelKind.SDXL_REFINER}))

    def vae(self, name: object, at: str) -> None:
        self._file("models.vae", name, at, lambda catalog, stem: catalog.vae(stem, "models.vae"))

    def lora(self, name: object, weight: object, at: str) -> None:
        """Add a LoRA; one without a weight has 1."""
        loras = self._partial["models"]["loras"]
        if isinstance(name, str) and len(loras) < _MOST_LORAS and self._lora_here(name, at):
            known = self._known(name, lambda catalog, stem: catalog.lora(stem, "models.loras"))
            entry = {"name": known or name, "weight": 1.0 if weight is None else weight}
            loras.append(entry)
            self._said_at["models", "loras"] = at

    def styled(self) -> None:
        """Let the request's styles and expansion add to its words."""
        self._partial["exactly"] = False

    def finish(
        self,
        version: str = "",
        strength: float | None = None,
        strength_steps: StrengthSteps = StrengthSteps.ALL,
        ignored: Collection[str] = (),
    ) -> Read:
        """The request with everything that fits. Args: ignored: Names of fields that say nothing about the picture."""
        for name, value in self._left.items():
            if name not in ignored and value not in (None, "", [], {}, False):
                self.lose(LossKind.FIELD, name, value)
        return Read(
            program=self.program,
            version=shown(version),
            request=self._validated(),
            losses=tuple(dict.fromkeys(self._losses))[:_MOST_LOSSES],
            strength=strength,
            strength_steps=strength_steps,
        )

    def _validated(self) -> Request:
        for _ in range(_MOST_ROUNDS):
            try:
                return Request.model_validate(self._partial)
            except ValidationError as error:
                self._drop(error)
        return Request()

    def _drop(self, error: ValidationError) -> None:
        """Take out the first field that is wrong: the whole of what was put at once, as a size."""
        detail = error.errors(include_url=False)[0]
        place = tuple(str(each) for each in detail["loc"])
        path = next((put for put in self._said_at if place[: len(put)] == put), place[:1])
        holder: Any = self._partial
        for name in path[:-1]:
            holder = holder[name]
        value = holder.pop(path[-1])
        number = next((int(each) for each in place[len(path) :] if each.isdecimal()), None)
        if isinstance(value, list) and number is not None:
            holder[path[-1]] = [*value[:number], *value[number + 1 :]]  # pyright: ignore[reportUnknownVariableType]
        self.lose(LossKind.VALUE, self._said_at.get(path, path[-1]), detail["input"])

    def _model_finder(self, kinds: Collection[ModelKind]) -> "Callable[[Catalog, str], str]":
        return lambda catalog, stem: catalog.model(stem, kinds, "models").name

    def _file(self, path: str, name: object, at: str, find: "Callable[[Catalog, str], str]") -> None:
        if not isinstance(name, str) or name.strip().casefold() in _NONE:
            return
        known = self._known(name, find)
        if known is None:
            self.lose(LossKind.MODEL, at, name)
        else:
            self.put(path, known, at)

    def _known(self, name: str, find: "Callable[[Catalog, str], str]") -> str | None:
        """The name as it is written here; as it is said where nobody knows what is here."""
        stem = _ENDINGS.sub("", name.strip())
        if self._catalog is None:
            return stem or None
        for each in (name.strip(), stem, stem.replace("\\", "/").rsplit("/", 1)[-1]):
            try:
                return find(self._catalog, each)
            except UnknownName:
                continue
        return None

    def _lora_here(self, name: str, at: str) -> bool:
        return self._here(name, at, lambda catalog, stem: catalog.lora(stem, "models.loras"))

    def _embedding_here(self, name: str, at: str) -> bool:
        return self._here(name, at, lambda catalog, stem: catalog.embedding(stem, "prompt"))

    def _here(self, name: str, at: str, find: "Callable[[Catalog, str], str]") -> bool:
        if self._known(name, find) is not None:
            return True
        self.lose(LossKind.MODEL, at, name)
        return False
