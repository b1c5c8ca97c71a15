"""No phrase contradicts the person's words: words against all phrases, by their tags and by their letters."""

import re
from collections.abc import Callable

import pytest

from fooo.plan.expansion import Library, Look, Phrase, read_wish
from fooo.plan.expansion.chooser import fitting

SUN = "sun, midday, daylight, afternoon, golden hour"
WEATHERLESS = f"{SUN}, cloud, dusk, overcast, grass, rain, snow, mist, street"
COLOURS = (
    "vivid, colour, amber, teal, golden, pastel, warm, cool, rosy, saturated, neon, russet, iridescent, candy, blue"
)

NEVER_WITH = {
    "night, at midnight, moonlit, under the stars, after dark, 夜晚, 星空": f"{SUN}, overcast, airy, dusk, first light",
    "sunset, at dusk, golden hour, twilight, 黄昏, 日落": "midday, daylight, afternoon, moon, first light, dawn",
    "at dawn, sunrise, 日出": "dusk, last light, moonlit, midday, golden hour, evening",
    "rain, rainy, 下雨": "sun, snow, winter, mist",
    "sunny, sunshine, 阳光": "rain, wet, overcast, moon, mist, snow, night, storm",
    "snow, blizzard, 下雪": "rain, wet, summer, autumn, spring, mist",
    "fog, misty, 雾": "rain, wet, snow, crisp, midday, blue sky",
    "overcast, 阴天": "sun, golden hour, moon",
    "kitchen, bedroom, indoors, library, 厨房": "sky, horizon, golden hour, overcast, cloud, landscape, grass, aerial",
    "in the forest, on the beach, street, 森林": "studio, window light, kitchen, candlelit table, softbox, skylight",
    "underwater, coral reef, deep sea, 海底": f"{WEATHERLESS}, moon, sky",
    "in space, galaxy, 太空": f"{WEATHERLESS}, horizon",
    "black and white, monochrome, sepia, 黑白": COLOURS,
    "vivid colors, vibrant, rainbow, 鲜艳": "muted, desaturated, black and white, faded, pastel, sepia, silver gelatin",
    "pastel colors, muted, 淡雅": "vivid, saturated, black and white, neon, jewel, candy",
    "a red dress, blue, 红色的": "black and white, monochrome, teal, crimson, emerald, turquoise, indigo, silvery",
    "warm tones, 暖色": "cool, cold, icy, blue, black and white",
    "cold colors, icy, 冷色": "warm, amber, honeyed, golden, black and white",
    "close-up, macro, extreme close-up, 特写": "wide, panoram, vista, aerial, vast, full-length",
    "wide shot, panorama, 远景": "tight, macro, bokeh, shallow, portrait lens, close",
    "aerial view, bird's-eye view, 航拍": "close, eye-level, low angle, macro, tight, street-level, underwater",
    "low angle, from below, 仰视": "eye-level, elevated, overhead, aerial, from above",
    "calm, peaceful, serene, cozy, 宁静": "dramatic, tension, intens, brooding, eerie, restless, untamed, chaos",
    "dramatic, epic, battle, 史诗": "calm, seren, peace, cosy, whims, playful, festive, cheer",
    "cheerful, happy, birthday, 快乐": "eerie, brooding, melanchol, abandon, moody",
    "dark, spooky, horror, 恐怖": "cheer, playful, airy, joy, festive, whims, candy",
    "dimly lit, low key, candlelit": "airy, high-key, shadowless, bright kitchen, sunny",
    "bright, high key, 明亮": "moody low, low-key, dark, deep sculpting, pooled",
    "white background, isolated, sticker, 白底": "vista, horizon, sky, foreground, bokeh, surroundings, habitat",
    "minimalist, simple, logo, 极简": "intricate, ornament, densely, strands, scattered, meticulous",
    "ornate, intricate, 华丽": "minimal, uncluttered, simple, negative space, single-line",
    "symmetrical, centered, 对称": "asymmetrical, off-centre, off centre, thirds",
    "bokeh, shallow depth of field, blurred background, 虚化": "deep focus, front to back, f/8, corner to corner",
    "soft focus, dreamy, 朦胧": "crisp, razor, sharp",
    "deep focus, everything in focus": "shallow, bokeh, thin plane, blurred, falling out",
    "medieval, ancient, victorian, 中世纪": "neon, modern, glass and steel, fashion",
    "futuristic, cyberpunk, robot, 未来": "sepia, patina, vintage, ivy, forgotten, craquelure, warm brick",
    "watercolor, 水彩": "impasto, oil, acrylic, palette knife, varnish, woodcut, pastel on, canvas",
    "oil painting, 油画": "watercolour, acrylic, ink, pencil, gouache, weathered fresco, pastel on",
    "pencil sketch, 素描": "impasto, oil, acrylic, copperplate, woodcut, glossy, vivid, colour",
    "pixel art, 像素": "brush, grain, bokeh, impasto, strands, weave, shallow, velvety",
    "vector, flat design, 矢量": "grain, bokeh, impasto, strands, weave, shallow, rough, weathered",
    "stained glass, claymation, papercraft": "impasto, oil, acrylic, watercolour, copperplate, voxel",
    "35mm film, polaroid, 胶片": "digital, noise-free",
    "from behind, facing away, 背影": "face, eyes, gaze, smile, portrait, expression, catchlight",
    "silhouette, 剪影": "face, catchlight, skin texture, realistic skin, frontal",
    "a crowd, festival, 人群": "single, lonely, solitary, minimal, catchlight, skin detail, isolated",
    "alone, solo, 独自": "crowd, bustling",
    "winter, 冬天": "summer, autumn, spring",
    "summer, 夏天": "winter, autumn, spring, snow, frost, icy",
    "autumn leaves, 秋天": "winter, summer, spring, snow",
    "soft light, diffused light, 柔光": "hard, harsh, flash, slanting, raking, bold light",
    "hard light, harsh sunlight, direct flash": "softbox, soft even, diffuse, overcast, misty, shadowless",
    "backlit, rim light, 逆光": "frontal, flash, side light",
    "weathered, rusty, 破旧": "smooth, polished, velvety, satin",
    "smooth, polished": "rough, weathered, worn, scratch, cracked, peeling",
    "glossy, 光泽": "matte, powdery, chalky",
    "matte, 哑光": "gloss, gleam, polished mirror, varnish",
    "film grain, grainy": "noise-free, clean noise",
    "high contrast, 高对比": "low-contrast, soft even, diffuse",
    "running, action shot, 奔跑": "stillness, at rest, arranged still",
    "sleeping, 睡觉": "mid-movement, dramatic, intense, tilted, action",
    "no people, without people, nobody, 没有人的": "people, figures, passers, human",
    "no clouds, cloudless": "cloud, overcast",
    "no snow, 不要雪": "snow, powder snow, frost",
    "no neon": "neon",
}
"""By words what no phrase may have next to them, as beginnings of words."""

INNOCENT = {
    "wet-in-wet watercolour", "softly faded edges", "soft pastel on paper", "hard-edged finish",
    "warm gentle expression", "wide aperture blur", "anamorphic widescreen look", "close tonal harmony",
    "thicker lines up close", "soft overhead light", "darkroom print quality", "experimental darkroom photograph",
    "light over dark underpainting", "soft light from a skylight", "scratchboard drawing", "square-on frontal view",
    "crystalline facets",
}  # fmt: skip
"""Phrases whose letters only look like a contradiction; their tags are compared all the same."""

WORDS = [(word, never) for words, never in NEVER_WITH.items() for word in words.split(", ")]
WITHOUT_PEOPLE = ("a fox", "a mountain lake", "a house", "a cake", "a guitar", "an idea", "a flurbo")
SUBJECTS = ("a dancer", *WITHOUT_PEOPLE)


def allowed(library: Library, prompt: str, avoid: str = "") -> list[Phrase]:
    """Every phrase that a rich expansion of the prompt may have, whatever the look."""
    wish = read_wish(prompt, library, avoid=avoid)
    looks = [wish.looks] if wish.looks else [(), *((look,) for look in Look)]
    found = [phrases for look in looks for phrases in fitting(wish, library, look, gentle=False).values()]
    new = (phrase for phrases in found for phrase, _ in phrases.weighed if phrase.stems.isdisjoint(wish.stems))
    return list({phrase.text: phrase for phrase in new}.values())


def looks_wrong(phrase: Phrase, never: str) -> bool:
    beginnings = "|".join(map(re.escape, never.split(", ")))
    return phrase.text not in INNOCENT and bool(re.search(rf"\b(?:{beginnings})", phrase.text))


def test_the_table_has_more_than_60_words():
    assert len(WORDS) > 60


@pytest.mark.parametrize(("word", "never"), WORDS)
def test_no_phrase_contradicts_what_is_said(library: Library, word: str, never: str):
    wrong: set[tuple[str, str]] = set()
    for subject in WITHOUT_PEOPLE if "people" in word or "people" in never else SUBJECTS:
        prompt = f"{subject}, {word}" if word.isascii() else f"{word}，{subject}"
        wish = read_wish(prompt, library)
        forbidden = library.traits.contradicting(wish.has) | wish.lacks
        for phrase in allowed(library, prompt):
            if phrase.tags & forbidden or looks_wrong(phrase, never):
                wrong.add((prompt, phrase.text))
    assert not wrong


@pytest.mark.parametrize(
    ("avoid", "never"), [("sun, sunlight", "sun, golden hour"), ("bokeh", "bokeh"), ("neon, night", "neon, moon")]
)
def test_the_negative_prompt_is_a_denial(library: Library, avoid: str, never: str):
    assert not [phrase.text for phrase in allowed(library, "a house", avoid) if looks_wrong(phrase, never)]


def test_what_is_asked_for_wins_over_the_negative_prompt(library: Library):
    asked, avoided = library.traits.mask(["night"]), read_wish("a house at night", library, avoid="night").lacks
    assert not asked & avoided


@pytest.mark.parametrize(
    "prompt", ["a cat", "a mountain lake", "a house", "a woman", "a bowl of soup", "a guitar", "freedom", "一只猫"]
)
def test_a_gentle_phrase_sets_no_scene_that_was_not_asked_for(expanded: Callable[..., tuple[str, ...]], prompt: str):
    scene = r"\b(night|moon|snow|rain|fog|mist|black and white|monochrome|sepia|crowd|underwater|neon|winter|aerial)"
    for seed in range(60):
        assert not re.search(scene, " ".join(expanded(prompt, seed)))
