"""What the page's script says in the history."""

from fooo.interface.i18n import Words

_IDS = (
    "history_title",
    "history_find",
    "history_all_styles",
    "history_all_models",
    "history_favourites",
    "history_trash",
    "history_trash_about",
    "history_clear",
    "history_clear_ask",
    "history_clear_yes",
    "history_clear_no",
    "history_cleared_one",
    "history_cleared_many",
    "history_select",
    "history_chosen",
    "history_one",
    "history_many",
    "history_reading",
    "history_empty",
    "history_empty_trash",
    "history_nothing_found",
    "history_failed",
    "history_again",
    "history_load",
    "history_mark",
    "history_unmark",
    "history_delete",
    "history_put_back",
    "history_zip",
    "history_deleted_one",
    "history_deleted_many",
    "history_put_back_one",
    "history_put_back_many",
    "history_undo",
    "history_about",
    "picture_without_words",
    "download",
    "close",
)


def history_words(words: Words) -> dict[str, str]:
    """Each text by its id without `history_`; and the language's code, in which days are named."""
    texts = {each.removeprefix("history_"): words.texts[each] for each in _IDS}
    return texts | {"language": words.language}
