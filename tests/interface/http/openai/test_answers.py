"""How OpenAI's form says no."""

import json

import pytest

from fooo.errors import BadNumbers, RequestError
from fooo.interface.http.foreign import Refused
from fooo.interface.http.openai.answers import say_no


@pytest.mark.parametrize(
    ("refused", "status", "kind", "code"),
    [
        (Refused.because(RequestError("size", "is too small", "ask for more")), 400, "invalid_request_error", None),
        (Refused(501, "not here yet", "mask"), 400, "invalid_request_error", None),
        (Refused(401, "log in"), 401, "invalid_request_error", "invalid_api_key"),
        (Refused(404, "there is none", "model"), 404, "invalid_request_error", "model_not_found"),
        (Refused(404, "there is none"), 404, "invalid_request_error", "not_found"),
        (Refused(429, "wait"), 429, "invalid_request_error", "rate_limit_exceeded"),
        (Refused.because(BadNumbers("not a number")), 503, "server_error", None),
    ],
)  # fmt: skip
def test_what_is_wrong_has_a_status_a_type_and_a_code(refused: Refused, status: int, kind: str, code: str) -> None:
    answer = say_no(refused)
    told = json.loads(bytes(answer.body))["error"]
    assert (answer.status_code, told["type"], told["code"]) == (status, kind, code)
    assert (told["message"], told["param"]) == (refused.sentence, refused.field)


def test_no_client_is_to_draw_again_by_itself_what_failed() -> None:
    assert say_no(Refused(503, "out of memory")).headers["x-should-retry"] == "false"
