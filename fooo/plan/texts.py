"""The final texts: the person's words inside the styles' templates."""

from fooo.catalog import Catalog
from fooo.plan.plan import Texts
from fooo.request import Request


def write_texts(request: Request, catalog: Catalog) -> Texts:
    """Apply the styles in order, each to what the one before it gave; negatives are joined, the person's first.

    Raises:
        UnknownName: A style is not in the catalog.
    """
    styles = [catalog.style(name) for name in request.styles]
    positive = request.prompt.strip()
    for style in styles:
        positive = style.apply(positive)
    negatives = (request.negative.strip(), *(style.negative_prompt for style in styles))
    return Texts(positive=positive, negative=", ".join(text for text in negatives if text))
