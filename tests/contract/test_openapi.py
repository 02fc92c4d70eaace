"""The partner API as a file: current, valid, and complete about keys, errors and repeats."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.test import Client

SNAPSHOT = Path(__file__).parents[2] / "docs" / "openapi.json"


@pytest.fixture(scope="module")
def schema(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """The schema of the code as it is; a warning on the way is an error."""
    file = tmp_path_factory.mktemp("openapi") / "openapi.json"
    call_command("spectacular", "--format", "openapi-json", "--file", str(file), "--validate", "--fail-on-warn")
    return json.loads(file.read_text())


def operations(schema: Any) -> list[tuple[str, str, Any]]:
    return [(path, method, call) for path, calls in schema["paths"].items() for method, call in calls.items()]


def test_committed_file_is_current(schema: Any) -> None:
    assert json.loads(SNAPSHOT.read_text()) == schema, "Run `make schema` and commit docs/openapi.json."


def test_every_path_is_of_this_version(schema: Any) -> None:
    assert all(path.startswith("/api/v1/") for path in schema["paths"])


def test_every_call_wants_a_key(schema: Any) -> None:
    assert schema["components"]["securitySchemes"]["key"]["scheme"] == "bearer"
    assert all({"key": []} in call["security"] for _, _, call in operations(schema))


def test_every_call_names_its_refusals_in_one_shape(schema: Any) -> None:
    for path, method, call in operations(schema):
        for status in ("401", "403", "429"):
            content = call["responses"][status]["content"]["application/json"]
            assert content["schema"] == {"$ref": "#/components/schemas/Error"}, (path, method, status)


def test_every_call_but_one_names_its_scope(schema: Any) -> None:
    silent = [path for path, _, call in operations(schema) if "Scope: `" not in call.get("description", "")]
    assert silent == ["/api/v1/me/"]


SECRET_ANSWERS = {"/api/v1/shortlists/{code}/shares/"}  # answers that are never kept


def test_every_post_takes_an_idempotency_key(schema: Any) -> None:
    for path, method, call in operations(schema):
        if path in SECRET_ANSWERS:
            continue
        names = [parameter["name"] for parameter in call.get("parameters", [])]
        assert ("Idempotency-Key" in names) == (method == "post"), (path, method)


def test_operation_ids_are_unique(schema: Any) -> None:
    ids = [call["operationId"] for _, _, call in operations(schema)]
    assert len(ids) == len(set(ids))


def test_page_holds_no_inline_script_or_style(client: Client, db: None) -> None:
    page = client.get("/api/docs/")
    assert page.status_code == 200
    assert "<style" not in page.content.decode()
    assert "unsafe-inline" not in page["Content-Security-Policy"]
    script = client.get("/api/docs/?script")
    assert script["Content-Type"].startswith("application/javascript")
    assert "/api/v1/schema/" in script.content.decode()


def test_schema_is_served(client: Client, db: None) -> None:
    assert client.get("/api/v1/schema/?format=json").json()["info"]["title"] == "Groundswell partner API"
