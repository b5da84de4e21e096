"""Webhooks, asked of MLflow and of us. Addresses are numbers of machines, for which nobody looks a name up."""

from typing import Any

import pytest

from tests.mlflow.compare import alike, differs
from tests.mlflow.speaker import API, Answer, Speaker

WEBHOOKS = API + "webhooks"
PUBLIC = "https://8.8.8.8/hook"
VERSION = {"entity": "MODEL_VERSION", "action": "CREATED"}


def create(server: Speaker, **fields: Any) -> Answer:
    told = {"name": "hook", "url": PUBLIC, "events": [VERSION]} | fields
    return server.ask("POST", WEBHOOKS, {name: value for name, value in told.items() if value is not None})


def webhook(server: Speaker, **fields: Any) -> str:
    """The id of a new one."""
    return str(create(server, **fields).body["webhook"]["webhook_id"])


def tell(server: Speaker, webhook_id: str) -> Answer:
    return server.ask("GET", f"{WEBHOOKS}/{webhook_id}")


def change(server: Speaker, webhook_id: str, **fields: Any) -> None:
    server.ask("PATCH", f"{WEBHOOKS}/{webhook_id}", {"webhook_id": webhook_id} | fields)
    tell(server, webhook_id)


@pytest.fixture
def emptied(mlflow_server: str, tracker: str) -> None:
    """Both servers have none."""
    for url in (mlflow_server, tracker):
        server = Speaker(url, "")
        while found := server.get("webhooks", max_results=1000).get("webhooks"):
            for item in found:
                server.ask("DELETE", f"{WEBHOOKS}/{item['webhook_id']}")


@alike
def test_create(server: Speaker):
    tell(server, webhook(server))


@alike
def test_create_with_everything(server: Speaker):
    events = [VERSION, {"entity": 4, "action": 3}, {"entity": "REGISTERED_MODEL", "action": 1}]
    tell(server, webhook(server, description="d", secret="s", status="DISABLED", events=events))


@pytest.mark.parametrize(
    ("entity", "action"),
    [("REGISTERED_MODEL", "CREATED"), ("MODEL_VERSION", "CREATED"), ("MODEL_VERSION_TAG", "SET"),
     ("MODEL_VERSION_TAG", "DELETED"), ("MODEL_VERSION_ALIAS", "CREATED"), ("MODEL_VERSION_ALIAS", "DELETED"),
     (1, 1), (3, 4), ("3", "4"), ("MODEL_VERSION", 1)],
)  # fmt: skip
@alike
def test_events(server: Speaker, entity, action):
    tell(server, webhook(server, events=[{"entity": entity, "action": action}]))


@pytest.mark.parametrize(
    ("entity", "action"), [("MODEL_VERSION", "DELETED"), ("REGISTERED_MODEL", "SET"), (2, 4), ("MODEL_VERSION_TAG", 1)]
)
@alike
def test_events_that_can_not_be(server: Speaker, entity, action):
    create(server, events=[{"entity": entity, "action": action}])


@pytest.mark.parametrize("missing", ["name", "url", "events"])
@alike
def test_create_without(server: Speaker, missing):
    create(server, **{missing: None})


@pytest.mark.parametrize("events", [[], "x", {"entity": 1, "action": 1}, 5])
@alike
def test_create_with_events_that_are_none(server: Speaker, events):
    create(server, events=events)


@pytest.mark.parametrize("name", ["a.b_c-d", "A", "1", "a" * 63])
@alike
def test_names(server: Speaker, name):
    tell(server, webhook(server, name=name))


@pytest.mark.parametrize("name", ["", "-a", "a-", ".a", "a b", "a/b", "a" * 64, "ü", "_a", 5, "a\n"])
@alike
def test_names_that_can_not_be(server: Speaker, name):
    create(server, name=name)


@alike
def test_two_of_one_name(server: Speaker):
    for _ in range(2):
        webhook(server, name="same")


@pytest.mark.parametrize("url", ["https://8.8.8.8", "https://8.8.8.8:8443/a?b=c", "https://[2606:4700::1111]/x"])
@alike
def test_addresses(server: Speaker, url):
    tell(server, webhook(server, url=url))


@pytest.mark.parametrize(
    "url",
    [
        "", " ", "x", "https://", "http://8.8.8.8/", "ftp://8.8.8.8/", "https://127.0.0.1/", "https://localhost/",
        "https://10.0.0.1/", "https://192.168.1.1/", "https://169.254.169.254/", "https://100.64.0.1/",
        "https://0.0.0.0/", "https://240.0.0.1/", "https://2130706433/", "https://0x7f.1/", "https://127.1/",
        "https://0177.0.0.1/", "https://[::1]/", "https://[fe80::1]/", "https://[::ffff:127.0.0.1]/",
        "https://[64:ff9b::7f00:1]/", "https://[2002:7f00:1::]/", "https://nobody.invalid/",
        "https://8.8.8.8\\@127.0.0.1/", "https://u@127.0.0.1/",
    ],
)  # fmt: skip
@alike
def test_addresses_that_can_not_be(server: Speaker, url):
    create(server, url=url)


@pytest.mark.parametrize("status", ["ACTIVE", "DISABLED", 1, 2, "nope"])
@alike
def test_statuses(server: Speaker, status):
    tell(server, webhook(server, status=status))


@pytest.mark.parametrize("status", [0, 9])
@alike
def test_statuses_that_can_not_be(server: Speaker, status):
    create(server, status=status)


@alike
def test_empty_texts_are_left_out(server: Speaker):
    tell(server, webhook(server, description="", secret=""))


@alike
def test_unknown_fields_are_passed_over(server: Speaker):
    tell(server, webhook(server, nothing=1))


@alike
def test_get_what_is_not_there(server: Speaker):
    tell(server, "nobody")
    tell(server, "0" * 36)


@pytest.mark.parametrize(
    "fields",
    [
        {"name": "b"}, {"description": "x"}, {"url": "https://8.8.4.4/other"}, {"status": "DISABLED"}, {"status": 1},
        {"events": [{"entity": "MODEL_VERSION_TAG", "action": "SET"}]}, {"secret": "x"}, {"description": ""},
        {"name": ""}, {"events": []}, {"url": ""}, {}, {"status": "nope"}, {"nothing": 1},
        {"name": "b", "description": "c", "status": "DISABLED", "secret": ""},
    ],
    ids=str,
)  # fmt: skip
@alike
def test_update(server: Speaker, fields):
    change(server, webhook(server, description="d", secret="s"), **fields)


@pytest.mark.parametrize(
    "fields",
    [{"name": "a b"}, {"url": "http://8.8.8.8/"}, {"url": "https://127.0.0.1/"}, {"status": 0}, {"events": 1},
     {"events": [{"entity": "MODEL_VERSION", "action": "SET"}]}],
    ids=str,
)  # fmt: skip
@alike
def test_update_with_what_can_not_be(server: Speaker, fields):
    change(server, webhook(server), **fields)


@alike
def test_update_what_is_not_there(server: Speaker):
    change(server, "nobody", name="b")


@alike
def test_delete(server: Speaker):
    made = webhook(server)
    for _ in range(2):
        server.ask("DELETE", f"{WEBHOOKS}/{made}", {"webhook_id": made})
        tell(server, made)
    change(server, made, name="b")
    server.ask("POST", f"{WEBHOOKS}/{made}/test", {})


@pytest.mark.usefixtures("emptied")
@alike
def test_list_of_none(server: Speaker):
    server.get("webhooks")


@pytest.mark.usefixtures("emptied")
@alike
def test_list_is_newest_first(server: Speaker):
    for name in ("a1", "b2", "c3"):
        webhook(server, name=name)
    server.get("webhooks")
    server.get("webhooks", max_results=1000)
    server.get("webhooks", max_results=0)


@pytest.mark.usefixtures("emptied")
@alike
def test_list_in_pages(server: Speaker):
    for number in range(5):
        webhook(server, name=f"h{number}")
    page = server.get("webhooks", max_results=2)
    while token := page.get("next_page_token"):
        page = server.get("webhooks", max_results=2, page_token=token)


@pytest.mark.usefixtures("emptied")
@alike
def test_list_has_no_deleted_ones(server: Speaker):
    kept, gone = webhook(server, name="kept"), webhook(server, name="gone")
    server.ask("DELETE", f"{WEBHOOKS}/{gone}")
    server.get("webhooks")
    tell(server, kept)


@pytest.mark.parametrize(
    "query", [{"max_results": 1001}, {"max_results": -1}, {"max_results": "x"}, {"page_token": "x"}]
)
@alike
def test_list_with_what_can_not_be(server: Speaker, query):
    server.get("webhooks", **query)


@alike
def test_send_a_test_to_nobody(server: Speaker):
    server.ask("POST", f"{WEBHOOKS}/nobody/test", {})


@pytest.mark.parametrize("event", [{"entity": "MODEL_VERSION", "action": "SET"}, {"entity": 1, "action": 3}])
@alike
def test_send_a_test_of_what_can_not_be(server: Speaker, event):
    server.ask("POST", f"{WEBHOOKS}/{webhook(server)}/test", {"event": event})


@alike
def test_the_test_of_an_address_where_nobody_is(server: Speaker):
    """Of what an attempt came to, the words are each server's own."""
    made = webhook(server, url="https://[2606:4700::1111]:1/")
    result = server.post(f"webhooks/{made}/test")["result"]
    del server.told[-1]
    server.told.append((sorted(result), result["success"]))


@pytest.mark.parametrize("method", ["PUT", "POST"])
@alike
def test_verbs_that_are_none(server: Speaker, method):
    server.ask(method, f"{WEBHOOKS}/{webhook(server)}", {})


@alike
def test_wrong_content_type(server: Speaker):
    server.ask("POST", WEBHOOKS, b"{}", content_type="text/plain")


@differs("events of runs", theirs=(500, ""), ours=(200, ""))
def test_run_events(server: Speaker):
    return create(server, events=[{"entity": "RUN", "action": "FAILED"}]).outcome


@differs("events of prompts and budgets", theirs=(200, ""), ours=(400, "INVALID_PARAMETER_VALUE"))
def test_prompt_events(server: Speaker):
    return create(server, events=[{"entity": "PROMPT", "action": "CREATED"}]).outcome


@pytest.mark.parametrize(
    "event",
    [{"entity": "NOPE", "action": "CREATED"}, {"entity": "MODEL_VERSION", "action": "NOPE"},
     {"entity": 99, "action": 1}, {"entity": "MODEL_VERSION"}, {}, 1],
    ids=str,
)  # fmt: skip
@differs("what breaks MLflow", theirs=(500, ""), ours=(400, "INVALID_PARAMETER_VALUE"))
def test_unknown_events(server: Speaker, event):
    return create(server, events=[event]).outcome


@differs("events that come twice", theirs=(400, "BAD_REQUEST"), ours=(200, ""))
def test_events_that_come_twice(server: Speaker):
    return create(server, events=[VERSION, VERSION]).outcome


@pytest.mark.parametrize(
    "url",
    ["https://u:p@8.8.8.8/", "https://8.8.8.8/#f", "https://8.8.8.8:0/", "https://8.8.8.8:99999/",
     "https://8.8.8.8/a b", "https://224.0.0.1/"],
)  # fmt: skip
@differs("addresses of webhooks", theirs=(200, ""), ours=(400, "INVALID_PARAMETER_VALUE"))
def test_addresses_that_lead_nowhere(server: Speaker, url):
    return create(server, url=url).outcome
