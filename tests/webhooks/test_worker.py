"""The worker, in this process and in real servers that are killed and run side by side."""

import json
import sqlite3
import time
from contextlib import closing
from types import SimpleNamespace

import pytest

from tests.patience import until
from tests.server import RealServer
from tests.webhooks.receiver import Answer, receiving
from trackerweb import events
from webhooks import queue, sending, worker
from webhooks.models import WebhookDelivery
from webhooks.worker import Worker


@pytest.mark.django_db
class TestSteps:
    @pytest.fixture(autouse=True)
    def _settle(self):
        """No delivery is on its way any more when the next test begins."""
        self.worker = Worker()
        yield
        self.finish()

    def finish(self):
        while self.worker._under_way.total():
            self.worker.step()
            time.sleep(0.005)

    def test_all_that_is_due_is_sent(self, make_webhook, receiver):
        make_webhook()
        for number in range(20):
            events.tell("run.finished", {"run_id": str(number)})
        self.worker.step()
        self.finish()
        assert len(receiver.got) == 20
        assert set(WebhookDelivery.objects.values_list("state", flat=True)) == {"DELIVERED"}

    def test_no_more_than_a_few_at_once(self, make_webhook, receiver):
        receiver.answers = [Answer(delay=0.2)]
        for number in range(6):
            make_webhook(name=f"h{number}")
        for _ in range(3):
            events.tell("run.finished", {})
        self.worker.step()
        assert self.worker._under_way.total() == worker.AT_ONCE
        assert max(self.worker._under_way.values()) <= worker.AT_ONCE_EACH

    def test_a_slow_receiver_holds_up_nobody(self, make_webhook, receiver, monkeypatch):
        monkeypatch.setattr(sending, "PATIENCE_SECONDS", 100)
        with receiving() as slow:
            slow.answers = [Answer(delay=100)]
            held = make_webhook(name="slow", url=slow.url)
            for _ in range(10):
                events.tell("run.finished", {})
            make_webhook(name="quick")
            events.tell("run.finished", {})
            self.worker.step()
            receiver.wait_for(1)
            assert all(delivery.webhook != held for delivery, _ in self.worker._ended)
            slow.answers[0].released.set()
            self.finish()

    def test_what_our_side_gets_wrong_is_tried_again(self, make_webhook, monkeypatch):
        def broken(delivery):
            raise ZeroDivisionError

        make_webhook()
        events.tell("run.finished", {})
        monkeypatch.setattr(queue, "send", broken)
        self.worker.step()
        self.finish()
        delivery = WebhookDelivery.objects.get()
        assert (delivery.state, delivery.attempts) == ("WAITING", 1)
        assert "ZeroDivisionError" in delivery.error

    def test_it_looks_around_only_after_runs_had_time_to_come_back(self, settings, monkeypatch):
        looks, now = [], [1000.0]

        def hear(**kwargs):
            looks.append(1)

        events.looking.connect(hear)
        settings.TRACKER_STALE_AFTER_MS = 5000
        monkeypatch.setattr(worker, "time", SimpleNamespace(monotonic=lambda: now[0]))
        minding = Worker()
        now[0] += 4.9
        minding.step()
        assert looks == []
        now[0] += 0.2
        minding.step()
        assert looks == [1]


def running(home, *options, **environment):
    return RealServer(home, *options, TRACKER_WEBHOOK_PRIVATE="1", **environment).start()


def ask(client, receiver, *wanted):
    made = client.post("/api/v1/webhooks/", {"name": "h", "url": receiver.url, "events": list(wanted), "secret": "s"})
    assert made.status == 201, made
    return made.body["webhook_id"]


def end(client, run_id, status="FINISHED"):
    assert client.put(f"/api/v1/runs/{run_id}/").status == 201
    assert client.post(f"/api/v1/runs/{run_id}/log/", {"status": status}).status == 200


def run_ids(receiver):
    return [json.loads(got.body)["data"]["run_id"] for got in receiver.got]


def hurry(home):
    """Nobody waits for the lease of a dead process, or for the next attempt."""
    with closing(sqlite3.connect(home / "tracker.sqlite3", timeout=30)) as database, database:
        database.execute("UPDATE webhooks_webhookdelivery SET next_time = 0 WHERE next_time IS NOT NULL")


@pytest.mark.slow
def test_a_real_server_delivers_at_once(tmp_path, receiver):
    server = running(tmp_path)
    try:
        client = server.client()
        webhook = ask(client, receiver, "run.finished")
        address = f"/api/v1/webhooks/{webhook}/deliveries/?state=DELIVERED"
        seconds = []
        for count in range(1, 12):
            began = time.monotonic()
            end(client, f"r{count}")
            receiver.wait_for(count)
            seconds.append(time.monotonic() - began)
            until(lambda count=count: len(client.get(address).body["deliveries"]) == count)
        # What waits for a look at the queue waits for all of the time between two: a delivery before it was one, too.
        assert min(seconds[1:]) < worker.POLL_SECONDS / 2
    finally:
        server.stop()


@pytest.mark.slow
def test_what_was_acknowledged_is_delivered_though_the_server_is_killed(tmp_path, receiver):
    """Each time with some deliveries under way, and others not yet begun."""
    receiver.answers = [Answer(delay=0.3)]
    server = running(tmp_path)
    ask(server.client(), receiver, "run.finished")
    ended = []
    for number in range(3):
        client = server.client()
        for one in range(8):
            ended.append(f"r{number}-{one}")
            end(client, ended[-1])
        server.kill()
        hurry(tmp_path)
        server.start()
    receiver.answers = [Answer()]
    try:
        until(lambda: set(run_ids(receiver)) == set(ended))
    finally:
        server.stop()


@pytest.mark.slow
def test_two_servers_deliver_nothing_twice(tmp_path, receiver):
    servers = [running(tmp_path), running(tmp_path)]
    try:
        clients = [server.client() for server in servers]
        ask(clients[0], receiver, "run.finished")
        for number in range(60):
            end(clients[number % 2], f"r{number}")
        receiver.wait_for(60)
        time.sleep(1.5)
    finally:
        for server in servers:
            server.stop()
    assert sorted(run_ids(receiver)) == sorted(f"r{number}" for number in range(60))


@pytest.mark.slow
def test_the_workers_of_one_server_deliver_nothing_twice(tmp_path, receiver):
    server = running(tmp_path, "serve", "--workers", "2")
    try:
        ask(server.client(), receiver, "run.finished")
        for number in range(40):
            end(server.client(), f"r{number}")
        receiver.wait_for(40)
        time.sleep(1.5)
    finally:
        server.stop()
    assert sorted(run_ids(receiver)) == sorted(f"r{number}" for number in range(40))


@pytest.mark.slow
def test_a_run_that_falls_silent_is_told_once(tmp_path, receiver):
    server = running(tmp_path, TRACKER_STALE_AFTER="1")
    try:
        client = server.client()
        ask(client, receiver, "run.stale")
        client.put("/api/v1/runs/r1/")
        client.post("/api/v1/runs/r1/log/", {"heartbeat": True})
        receiver.wait_for(1)
        time.sleep(2.5)
    finally:
        server.stop()
    assert run_ids(receiver) == ["r1"]


@pytest.mark.slow
def test_a_receiver_that_fails_twice_gets_it_from_a_real_server(tmp_path, receiver):
    receiver.answers = [Answer(500), Answer(502), Answer(200)]
    server = running(tmp_path)
    try:
        client = server.client()
        webhook = ask(client, receiver, "run.failed")
        end(client, "r1", "FAILED")
        for count in (1, 2):
            receiver.wait_for(count)
            until(lambda: client.get(f"/api/v1/webhooks/{webhook}/deliveries/?state=WAITING").body["deliveries"])
            hurry(tmp_path)
        receiver.wait_for(3)
        address = f"/api/v1/webhooks/{webhook}/deliveries/?state=DELIVERED"
        until(lambda: client.get(address).body["deliveries"])
        assert client.get(address).body["deliveries"][0]["attempts"] == 3
    finally:
        server.stop()
    assert len({(got.body, got.headers["X-MLflow-Delivery-Id"]) for got in receiver.got}) == 1
