"""Every failure leaves as an RFC 9457 problem document, the framework's own included."""

from collections.abc import Mapping, Sequence
from typing import Any

import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field
from starlette.exceptions import HTTPException

from muniment.kernel.errors import (
    Forbidden,
    Invalid,
    MunimentError,
    TooLarge,
    TooManyRequests,
    Unauthenticated,
    Unavailable,
)

log = structlog.get_logger(__name__)

MEDIA_TYPE = "application/problem+json"
RETRY_SECONDS = {Unavailable: 2, TooManyRequests: 1}


class FieldProblem(BaseModel):
    """What is wrong with one field of the input."""

    field: str
    message: str


class Problem(BaseModel):
    """An error, in the form of RFC 9457."""

    type: str = Field(examples=["/problems/not-found"])
    title: str
    status: int
    detail: str = Field(description="A sentence for the person who must act.")
    instance: str
    code: str = Field(description="Stable; programs may rely on it.")
    trace_id: str
    retryable: bool = False
    errors: list[FieldProblem] = Field(default_factory=list)
    context: dict[str, Any] = Field(default_factory=dict)


def may_fail(*kinds: type[MunimentError]) -> dict[int | str, dict[str, Any]]:
    """The ``responses`` of a route that may raise these; input and access failures are implied."""
    answers: dict[int | str, dict[str, Any]] = {}
    every: tuple[type[MunimentError], ...] = (*kinds, Unauthenticated, Forbidden, Invalid)
    for kind in every:
        known = answers.get(kind.status)
        title = f"{known['description']} / {kind.title}" if known else kind.title
        answers[kind.status] = {
            "description": title,
            "model": Problem,
            "content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}},
        }
    return answers


def install(app: FastAPI) -> None:
    """Let this module answer every failure of ``app``."""
    app.add_exception_handler(MunimentError, _on_named)
    app.add_exception_handler(RequestValidationError, _on_validation)
    app.add_exception_handler(HTTPException, _on_http)
    app.add_exception_handler(Exception, _on_unknown)


def problem_response(
    request: Request,
    error: MunimentError,
    *,
    status: int | None = None,
    code: str | None = None,
    errors: Sequence[FieldProblem] = (),
    headers: Mapping[str, str] | None = None,
) -> JSONResponse:
    """The document for one error."""
    slug = code or error.slug
    sent = dict(headers or {})
    if type(error) in RETRY_SECONDS:
        sent.setdefault("Retry-After", str(RETRY_SECONDS[type(error)]))
    problem = Problem(
        type=f"/problems/{slug}",
        title=error.title,
        status=status or error.status,
        detail=error.message,
        instance=request.url.path,
        code=slug,
        trace_id=getattr(request.state, "request_id", ""),
        retryable=error.retryable,
        errors=list(errors),
        context={name: _plain(value) for name, value in error.context.items()},
    )
    return JSONResponse(
        problem.model_dump(mode="json", exclude_defaults=True, exclude={"context", "errors"})
        | ({"errors": [each.model_dump() for each in problem.errors]} if problem.errors else {})
        | ({"context": problem.context} if problem.context else {}),
        status_code=problem.status,
        media_type=MEDIA_TYPE,
        headers=sent,
    )


def _plain(value: object) -> object:
    match value:
        case None | bool() | int() | float() | str():
            return value
        case Mapping():
            return {str(key): _plain(each) for key, each in value.items()}
        case list() | tuple() | set() | frozenset():
            return [_plain(each) for each in value]
        case BaseModel():
            return value.model_dump(mode="json")
        case _:
            return str(value)


async def _on_named(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, MunimentError)  # noqa: S101  # registered for this class only
    if error.status >= 500:
        log.warning("request.failed", code=error.slug, path=request.url.path)
    listed = error.context.get("problems")
    fields = (
        [
            FieldProblem(field=str(each.get("field", "")), message=str(each.get("message", "")))
            for each in listed
            if isinstance(each, Mapping)
        ]
        if isinstance(listed, (list, tuple))
        else []
    )
    return problem_response(request, error, errors=fields)


async def _on_validation(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, RequestValidationError)  # noqa: S101
    fields = [
        FieldProblem(field=".".join(str(part) for part in each["loc"]), message=each["msg"])
        for each in error.errors()
    ]
    return problem_response(request, Invalid(_misfit(request, error, fields)), errors=fields)


def _misfit(request: Request, error: RequestValidationError, fields: Sequence[FieldProblem]) -> str:
    """What does not fit, the body as a whole before any field of it."""
    if any(each["type"] == "json_invalid" for each in error.errors()):
        return "The body is not valid JSON. Check its quotes, commas and brackets."
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if [each.field for each in fields] == ["body"] and not kind.endswith("json"):
        return "The body must be JSON. Send it with the header Content-Type: application/json."
    first = f" First: {fields[0].field}: {fields[0].message}." if fields else ""
    return f"The request does not fit what this operation takes.{first}"


_HTTP_WORDS = {
    400: ("bad-request", "The request cannot be read. A JSON body must be valid JSON in UTF-8."),
    404: ("not-found", "There is nothing at this address. See /api/docs for what there is."),
    405: ("method-not-allowed", "This address does not take that method; see the Allow header."),
    413: (TooLarge.slug, "The request is too large."),
}


async def _on_http(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, HTTPException)  # noqa: S101
    code, words = _HTTP_WORDS.get(error.status_code, ("http-error", str(error.detail)))
    shown = MunimentError(words)
    shown.title = code.replace("-", " ").capitalize()  # type: ignore[misc]  # this instance only
    return problem_response(
        request, shown, status=error.status_code, code=code, headers=error.headers
    )


async def _on_unknown(request: Request, error: Exception) -> JSONResponse:
    log.error("request.crashed", path=request.url.path, exc_info=error)
    return problem_response(
        request,
        MunimentError(
            "Something went wrong that Muniment did not foresee. Nothing was changed. "
            "The log has the details under the trace id."
        ),
    )
