"""Starting: the database is brought up to date, and what can't be is said."""

import os
import sqlite3
import stat
import subprocess
import sys
import threading

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.core.management import CommandError

from tests.server import ROOT, RealServer
from trackerweb import environment
from trackerweb.management.commands.serve import Server
from trackerweb.secret_key import read_or_make_secret_key
from trackerweb.startup import Address


def manage(home, *arguments, **variables):
    """Run a command that should end by itself: (exit status, what it said)."""
    done = subprocess.run(
        [sys.executable, "manage.py", *arguments],
        cwd=ROOT,
        env=os.environ | {"TRACKER_HOME": str(home)} | variables,
        capture_output=True,
        text=True,
        timeout=300,
    )
    return done.returncode, done.stdout + done.stderr


@pytest.mark.parametrize(
    ("text", "url"),
    [
        ("8123", "http://127.0.0.1:8123"),
        ("127.0.0.1:8123", "http://127.0.0.1:8123"),
        ("localhost:8123", "http://127.0.0.1:8123"),
        ("[::1]:8123", "http://[::1]:8123"),
    ],
)
def test_an_address_is_read(text, url):
    assert Address.parse(text).url == url


@pytest.mark.parametrize("text", ["0.0.0.0:8000", "192.168.1.7:8000", "[::]:8000", "lab.example:8000"])
def test_an_address_that_others_reach_is_refused(text):
    with pytest.raises(CommandError, match=r"Use 127\.0\.0\.1"):
        Address.parse(text)


@pytest.mark.parametrize("text", ["", "x", "127.0.0.1", "127.0.0.1:x", "99999", "127.0.0.1:-1", "0"])
def test_what_is_no_address_is_refused(text):
    with pytest.raises(CommandError, match="is no address"):
        Address.parse(text)


@pytest.mark.parametrize("command", ["runserver", "serve"])
def test_a_command_starts_on_an_empty_folder_and_answers(tmp_path, command):
    server = RealServer(tmp_path, command).start()
    try:
        assert server.client().get("/api/v1/experiments/0/").body["name"] == "Default"
        assert (tmp_path / "tracker.sqlite3").exists()
        assert "<h1>Experiments</h1>" in server.client().get("/").body
    finally:
        server.stop()


def test_a_taken_port_is_said_plainly(server, tmp_path):
    status, said = manage(tmp_path, "runserver", str(server.port))
    assert status == 1
    assert f"Port {server.port} is in use" in said


def test_a_taken_port_leaves_the_database_alone(server, tmp_path_factory):
    home = tmp_path_factory.mktemp("other")
    manage(home, "runserver", str(server.port))
    assert not (home / "tracker.sqlite3").exists()


def test_reloading_serves_too(tmp_path):
    server = RealServer(tmp_path, "runserver", "--reload").start()
    server.stop()


def test_sigterm_ends_it_cleanly(tmp_path):
    server = RealServer(tmp_path).start()
    server.stop()
    assert server.process.returncode == 0


def test_a_signal_that_comes_as_the_server_begins_to_wait_is_heard():
    server = Server("trackerweb.serving:application")
    with server.main_loop_interrupt._cond:
        server.signal_handler_interrupt()
    assert server.main_loop_interrupt.wait(10)
    assert server.interrupt_signal


def test_two_servers_may_start_at_once_on_an_empty_folder(tmp_path):
    servers = [RealServer(tmp_path), RealServer(tmp_path)]
    threads = [threading.Thread(target=server.start) for server in servers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    try:
        assert [server.client().get("/api/v1/experiments/0/").status for server in servers] == [200, 200]
    finally:
        for server in servers:
            server.stop()


@pytest.mark.slow
def test_an_older_database_is_copied_before_it_is_migrated(tmp_path):
    assert manage(tmp_path, "migrate", "runs", "0001", "-v0") == (0, "")
    server = RealServer(tmp_path).start()
    server.stop()
    (copy,) = (tmp_path / "backups").glob("*.sqlite3")
    with sqlite3.connect(copy) as before, sqlite3.connect(tmp_path / "tracker.sqlite3") as after:
        count = "SELECT count(*) FROM django_migrations WHERE app = 'runs'"
        assert before.execute(count).fetchone() == (1,)
        assert after.execute(count).fetchone()[0] > 1
    server.start()
    server.stop()
    assert len(list((tmp_path / "backups").glob("*.sqlite3"))) == 1


@pytest.mark.parametrize(
    ("name", "word", "remedy"),
    [
        ("TRACKER_AUTH", "open", "Use one of: local, token"),
        ("TRACKER_AUTH", "token", "not built yet"),
        ("TRACKER_STALE_AFTER", "soon", "whole one from 1"),
        ("TRACKER_STALE_AFTER", "0", "whole one from 1"),
        ("TRACKER_ALLOWED_HOSTS", "*", "exact names"),
        ("TRACKER_ALLOWED_HOSTS", ".example.org", "exact names"),
        ("TRACKER_ALLOWED_HOSTS", "lab.example.org:8000", "without port"),
    ],
)
def test_a_bad_word_in_the_environment_stops_the_start(tmp_path, name, word, remedy):
    status, said = manage(tmp_path, "check", **{name: word})
    assert status != 0
    assert name in said
    assert remedy in said


def test_an_empty_variable_counts_as_unset(monkeypatch):
    monkeypatch.setenv("TRACKER_TEST", " ")
    assert environment.seconds("TRACKER_TEST", 5) == 5
    monkeypatch.setenv("TRACKER_TEST", "a.example, b.example")
    assert environment.names("TRACKER_TEST", []) == ["a.example", "b.example"]
    with pytest.raises(ImproperlyConfigured):
        environment.choice("TRACKER_TEST", "a", ["a", "b"])


def test_the_secret_key_is_made_once_for_its_owner_alone(tmp_path):
    path = tmp_path / "secret_key"
    keys = []
    threads = [threading.Thread(target=lambda: keys.append(read_or_make_secret_key(path))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(keys)) == 1
    assert len(keys[0]) >= 50
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert list(tmp_path.iterdir()) == [path]


#: A run with a series of three points, as the first schema has them.
_OLD_ROWS = """
    INSERT INTO runs_run (id, run_id, experiment_id, name, status, start_time, heartbeat_time, user, source_name,
        source_type, entry_point, git_commit, lifecycle_stage, note)
        VALUES (1, 'old', 0, 'old', 'FINISHED', 1, 1, '', '', '', '', '', 'active', '');
    INSERT INTO runs_metric (id, run_id, key, count, nan_count) VALUES (1, 1, 'loss', 3, 0);
"""


@pytest.mark.slow
def test_a_database_of_the_first_schema_learns_sizes_and_to_give_pages_back(tmp_path):
    place = tmp_path / "tracker.sqlite3"
    with sqlite3.connect(place) as database:
        database.execute("PRAGMA user_version = 1")
    for app, migration in (("experiments", "0001"), ("runs", "0002")):
        assert manage(tmp_path, "migrate", app, migration, "--verbosity", "0")[0] == 0
    with sqlite3.connect(place) as database:
        assert database.execute("PRAGMA auto_vacuum").fetchone() == (0,)
        database.executescript(_OLD_ROWS)
    RealServer(tmp_path).start().stop()
    with sqlite3.connect(place) as database:
        assert database.execute("PRAGMA auto_vacuum").fetchone() == (2,)
        assert database.execute("SELECT point_count FROM runs_run WHERE run_id = 'old'").fetchone() == (3,)
    assert len(list((tmp_path / "backups").iterdir())) == 1
