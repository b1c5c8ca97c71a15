"""Asks an API what its OpenAPI document allows, with schemathesis, and looks whether the answers are as it says."""

from typing import Any

import schemathesis
from hypothesis import HealthCheck
from schemathesis import checks
from schemathesis.specs.openapi import checks as openapi_checks

from tests.interface.http.v1.conftest import Api

ENDLESS = frozenset({"/events", "/jobs/{job_id}/events"})
"""A stream lasts as long as there is something to tell: those have tests of their own."""

_OF_SERVERS: Any = checks
_OF_DOCUMENT: Any = openapi_checks

_CHECKS = [
    _OF_SERVERS.not_a_server_error,
    _OF_DOCUMENT.status_code_conformance,
    _OF_DOCUMENT.content_type_conformance,
    _OF_DOCUMENT.response_headers_conformance,
    _OF_DOCUMENT.response_schema_conformance,
]

SLOW = [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much, HealthCheck.large_base_example]
"""What hypothesis would complain of: requests are large, and few are right by chance."""


def schema_of(document: dict[str, Any]) -> Any:
    return schemathesis.openapi.from_dict(document)


def operations(schema: Any) -> list[Any]:
    """Each route that ends by itself."""
    found = [result.ok() for result in schema.get_all_operations()]
    return [operation for operation in found if operation.path not in ENDLESS]


def conforms(api: Api, case: Any) -> int:
    """Asks; the status of the answer.

    Raises:
        AssertionError, and others of schemathesis: The answer is not as the document says.
    """
    answer = case.call(base_url=str(api.base_url), app=api.app)
    case.validate_response(answer, checks=_CHECKS)
    return answer.status_code
