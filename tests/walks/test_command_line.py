"""The command line as scripts rely on it: shapes of --json, exit codes, errors that say what, where and the mend."""

from __future__ import annotations

import csv
import io
import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click
import pytest
from click.testing import CliRunner, Result

from mailbot.cli import COMMANDS, main
from tests.walks.programs import gmail
from tests.walks.test_main_walk import ask_design
from tests.walks.world import ANN, ORDER, REF, SAM, World, the, world

STATUS = {
    "ref", "project", "phase", "percent_complete", "total", "currency", "delivery", "paused", "last_client_update",
    "next_milestone", "blockers", "satisfaction", "milestones", "change_orders", "invoices", "issues", "requests",
    "held",
}  # fmt: skip
EXPLAIN = {
    "file", "kind", "from", "role", "proven", "own_words", "order", "about", "request", "reading", "verdict", "because",
    "failed_recipients", "mails", "error",
}  # fmt: skip


@pytest.fixture
def here(pymap_server: Any, tmp_path: Path) -> Iterator[World]:
    """A studio with one order, on the embedded server."""
    with world(pymap_server, tmp_path) as made:
        made.import_order()
        made.run()
        yield made


def mailbot(*args: str | Path, env: dict[str, str] | None = None, stdin: str | None = None) -> Result:
    """Call mailbot with these arguments and nothing else; a traceback is a failure."""
    result = CliRunner(env=env).invoke(main, [str(arg) for arg in args], input=stdin)
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exc_info
    return result


def changed(here: World, old: str, new: str) -> None:
    text = here.config.read_text("utf-8")
    assert old in text
    here.config.write_text(text.replace(old, new), "utf-8")


def line_of(here: World, needle: str) -> int:
    lines = here.config.read_text("utf-8").splitlines()
    return 1 + next(n for n, line in enumerate(lines) if needle in line)


# shapes ---------------------------------------------------------------------------------------------------------------


def test_status_of_an_order_holds_what_the_contract_names(here: World) -> None:
    here.cli("do", REF, "change order: Sequins", "Sequins: 450.00", "send")
    asked = the("approval-request", ask_design(here))
    here.answer(asked, "Approved once the hem is fixed.")
    here.run()
    status = here.status()
    assert set(status) >= STATUS
    assert set(status["milestones"][0]) >= {"key", "status", "due", "approved_by", "approved_at", "how"}
    assert set(status["change_orders"][0]) >= {"number", "status", "amount", "days"}
    assert set(status["invoices"][0]) >= {"number", "kind", "amount", "due", "status", "steps"}
    issue = {"number", "title", "severity", "status", "option", "told_at"}
    assert all(set(one) >= issue for one in status["issues"])
    assert set(status["requests"][0]) >= {"id", "kind", "about", "asked_at", "answered"}
    assert set(status["held"][0]) >= {"id", "from", "about", "guess", "because"}


def test_lists_are_arrays_of_the_contracts_objects(here: World) -> None:
    the_lists: dict[tuple[str, ...], set[str]] = {
        ("outbox",): {"id", "state", "kind", "order", "to", "due", "attempts", "error"},
        ("outbox", "list"): {"id", "state", "kind", "order", "to", "due", "attempts", "error"},
        ("order", "list"): {"ref", "project", "phase", "percent_complete", "delivery", "paused", "closed"},
        ("status",): {"ref", "project", "phase", "percent_complete", "delivery", "paused", "closed"},
        ("due", "--until", "2026-03-01"): {"at", "kind", "order", "to", "because"},
    }
    for line, keys in the_lists.items():
        rows = here.json(*line)
        assert rows, line
        assert all(set(row) >= keys for row in rows), line
    assert here.json("held") == here.json("held", "list") == []


def test_due_is_a_forecast_in_order_of_time_that_changes_nothing(here: World) -> None:
    before = here.status()
    rows = here.json("due", "--until", "2026-03-01")
    assert [row["at"] for row in rows] == sorted(row["at"] for row in rows)
    assert {"weekly-update", "reminder-due"} <= {row["kind"] for row in rows}
    assert here.status() == before


def test_every_command_is_listed_with_its_own_help() -> None:
    context = click.Context(main)
    for name, (_, does) in COMMANDS.items():
        command = main.get_command(context, name)
        assert command is not None
        first = " ".join((command.help or "").split())
        assert first.startswith(does.rstrip(".")), name
        assert mailbot(name, "--help").exit_code == 0


def test_it_starts_fast(here: World) -> None:
    """Most of mailbot stays on disk for a command that only looks."""
    for line, heavy in ((["--help"], ["pydantic"]), (["status"], ["jinja2", "mailparser", "holidays", "aiosmtplib"])):
        script = f"import sys; from mailbot.cli import main; main({line}, standalone_mode=False); print(*sys.modules)"
        done = subprocess.run([sys.executable, "-c", script], capture_output=True, cwd=here.folder, text=True)
        assert done.returncode == 0, done.stderr
        loaded = set(done.stdout.split())
        assert "mailbot.cli" in loaded
        assert [name for name in heavy if name in loaded] == []


# settings -------------------------------------------------------------------------------------------------------------


def test_without_settings_it_says_so(tmp_path: Path) -> None:
    for line in (["status"], ["run", "--once"], ["held"], ["due"], ["order", "list"], ["outbox"]):
        result = mailbot(*line, "--config", tmp_path / "none.toml")
        assert result.exit_code == 2
        assert "none.toml" in result.stderr
        assert "mailbot init" in result.stderr


def test_all_problems_of_the_settings_are_told_at_once(here: World) -> None:
    changed(here, 'timezone = "America/New_York"', 'timezone = "Amerika/New_York"\nfinanze = "x@y.example"')
    changed(here, 'security = "none"\nuser', 'security = "plain"\nuser')
    changed(here, "after =", "afther =")
    result = mailbot("status", "--config", here.config)
    assert result.exit_code == 2
    problems = result.stderr.splitlines()
    assert len(problems) == 4, result.stderr
    for key, needle, mend in (
        ("studio.timezone", "Amerika", "time zone"), ("studio.finanze", "finanze", "'finance'"),
        ("imap.security", '"plain"', "tls"), ("imap.afther", "afther", "'after'"),
    ):  # fmt: skip
        (told,) = [problem for problem in problems if f"[{key}]" in problem]
        assert f"{here.config}:{line_of(here, needle)}" in told
        assert mend in told


def test_settings_that_are_no_toml_are_told_with_the_line(here: World) -> None:
    changed(here, "after =", "after ==")
    result = mailbot("status", "--config", here.config)
    assert result.exit_code == 2
    assert f"{here.config}:{line_of(here, 'after ==')}" in result.stderr


def test_the_environment_overrides_the_file_and_its_problems_name_the_variable(here: World) -> None:
    name = {"MAILBOT_SENDING__MODE": "shadow", "MAILBOT_STUDIO__STAFF": '["new@studio.example"]'}
    assert mailbot("status", "--config", here.config, env=name).exit_code == 0
    for variable, value in {
        "MAILBOT_SENDING__MODE": "loud",
        "MAILBOT_SENDING__MOOD": "auto",
        "MAILBOT_STUDIO": "x",
        "MAILBOT_STUDIO__NAME__FIRST": "x",
        "MAILBOT_IMAP__PORT": "many",
    }.items():
        result = mailbot("status", "--config", here.config, env={variable: value})
        if variable == "MAILBOT_STUDIO":
            assert result.exit_code == 0  # not of this form: somebody else's
            continue
        assert result.exit_code == 2, variable
        assert variable in result.stderr


def test_a_password_file_that_others_read_is_refused(here: World) -> None:
    secret = here.folder / "password"
    secret.write_text(here.server.password, "utf-8")
    changed(here, 'password_env = "MAILBOT_TEST_PASSWORD"', 'password_file = "password"')
    for mode, code in ((0o644, 2), (0o600, 0)):
        secret.chmod(mode)
        result = mailbot("run", "--once", "--at", here.at.isoformat(), "--config", here.config)
        assert result.exit_code == code, result.stderr
        assert ("chmod 600" in result.stderr) == (code == 2)


def test_a_secret_that_is_missing_is_told_before_anything_is_done(here: World) -> None:
    result = mailbot("run", "--once", "--config", here.config, env={})
    assert result.exit_code == 2
    assert "MAILBOT_TEST_PASSWORD" in result.stderr


# wrong usage ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("line", "told"),
    [
        (["nonsense"], "nonsense"),
        (["status", "--at", "2026-01-05T10:00:00"], "offset"),
        (["status", "--at", "tomorrow"], "tomorrow"),
        (["run", "--at", "2026-01-05T10:00:00+00:00"], "--once"),
        (["status", "ORD-9"], "ORD-9"),
        (["do", "ORD-9", "percent 40"], "ORD-9"),
        (["do", REF], "COMMANDS"),
        (["held", "show", "H-none"], "mailbot held"),
        (["held", "approve", "H-none"], "mailbot held"),
        (["outbox", "show", "m-none"], "mailbot outbox"),
        (["outbox", "retry", "m-none"], "mailbot outbox"),
        (["order", "import", "none.json"], "none.json"),
        (["rules", "test", "none.jsonl"], "none.jsonl"),
        (["due", "--until", "soon"], "soon"),
        (["outbox", "list", "--state", "sended"], "sended"),
    ],
)
def test_wrong_usage_ends_with_2_and_says_what_is_wrong(here: World, line: list[str], told: str) -> None:
    result = mailbot(*line, "--config", here.config) if line != ["nonsense"] else mailbot(*line)
    assert result.exit_code == 2, result.output
    assert told in result.stderr
    assert "Traceback" not in result.stderr


# orders ---------------------------------------------------------------------------------------------------------------


def toml_of(order: dict[str, Any]) -> str:
    text = "".join(f"{key} = {json.dumps(value)}\n" for key, value in order.items() if isinstance(value, str))
    for key in ("client", "account_manager"):
        text += f"[{key}]\n" + "".join(f"{k} = {json.dumps(v)}\n" for k, v in order[key].items())
    for one in order["milestones"]:
        text += "[[milestones]]\n" + "".join(f"{k} = {json.dumps(v)}\n" for k, v in one.items())
    return text


def csv_of(orders: list[dict[str, Any]]) -> str:
    out = io.StringIO()
    columns = ["ref", "project", "currency", "total", "signed", "delivery", "phase"]
    nested = ["client.name", "client.emails", "account_manager.name", "account_manager.email"]
    writer = csv.writer(out)
    writer.writerow([*columns, *nested])
    for order in orders:
        client, manager = order["client"], order["account_manager"]
        people = [client["name"], "; ".join(client["emails"]), manager["name"], manager["email"]]
        writer.writerow([*(order[column] for column in columns), *people])
    return out.getvalue()


def named(ref: str, **changes: Any) -> dict[str, Any]:
    return {**ORDER, "ref": ref, **changes}


def test_orders_come_as_json_toml_and_csv_and_twice_changes_nothing(here: World) -> None:
    files = {
        "one.json": json.dumps(named("ORD-1")),
        "many.json": json.dumps([named("ORD-2"), named("ORD-3")]),
        "one.toml": toml_of(named("ORD-4")),
        "many.csv": csv_of([named("ORD-5"), named("ORD-6")]),
    }
    for name, text in files.items():
        path = here.folder / name
        path.write_text(text, "utf-8")
        first, second = here.json("order", "import", str(path)), here.json("order", "import", str(path))
        assert first["imported"] == second["unchanged"]
        assert (first["unchanged"], second["imported"]) == ([], [])
    assert {row["ref"] for row in here.json("order", "list")} == {REF, *(f"ORD-{n}" for n in range(1, 7))}
    numbers = [i["number"] for n in range(1, 7) for i in here.json("status", f"ORD-{n}")["invoices"]]
    assert len(numbers) == len(set(numbers))


@pytest.mark.parametrize("form", ["json", "csv"])
def test_a_bad_row_is_named_and_nothing_is_imported(here: World, form: str) -> None:
    bad = named("ORD-8", total="-5", currency="GOLD", client={**ORDER["client"], "emails": ["ann"]})
    orders = [named("ORD-7"), bad, named("ORD-7")]
    path = here.folder / f"bad.{form}"
    path.write_text(json.dumps(orders) if form == "json" else csv_of(orders), "utf-8")
    result = mailbot("order", "import", path, "--config", here.config)
    assert result.exit_code == 2
    for word in ("ORD-8.total", "ORD-8.currency", "ORD-8.client.emails", "ORD-7 stands in the file twice", str(path)):
        assert word in result.stderr, result.stderr
    assert [row["ref"] for row in here.json("order", "list")] == [REF]


@pytest.mark.parametrize(
    ("name", "text", "told"),
    [
        ("empty.json", "", "JSON"),
        ("list.json", "[1, null, []]", "list.json"),
        ("deep.json", "[" * 100_000, "JSON"),
        ("no.toml", 'ref = "X"\nref == "Y"\nproject = "Z"\n', "no.toml:2"),
        ("order.xlsx", "PK", ".json"),
        ("wide.csv", "ref,nonsense\nORD-1,x\n", "nonsense"),
        ("twice.csv", "client,client.name\nx,y\n", "client"),
        ("long.csv", "ref\nORD-1,2,3\n", "line 2"),
        ("number.json", json.dumps({**ORDER, "ref": "ORD-9"}).replace('"12000.00"', "12000.10"), ""),
        ("typo.json", json.dumps({**ORDER, "ref": "ORD-9", "delivry": "2026-03-20"}), "'delivery'"),
    ],
)
def test_order_files_of_all_sorts_are_answered_without_a_traceback(
    here: World, name: str, text: str, told: str
) -> None:
    path = here.folder / name
    path.write_text(text, "utf-8")
    result = mailbot("order", "import", path, "--config", here.config)
    assert result.exit_code == (0 if name == "number.json" else 2)
    assert told in result.stderr
    if name == "number.json":
        assert here.json("status", "ORD-9")["total"] == "12000.10"


def test_a_thousand_orders_are_imported_in_seconds(here: World) -> None:
    path = here.folder / "many.csv"
    path.write_text(csv_of([named(f"ORD-{n}") for n in range(10_000, 11_000)]), "utf-8")
    start = time.process_time()
    assert len(here.json("order", "import", str(path))["imported"]) == 1000
    assert time.process_time() - start < 10
    assert len(here.json("order", "list")) == 1001


def test_do_takes_commands_from_standard_input_and_names_each_line(here: World) -> None:
    line = ["do", REF, "-", "--json", "--at", here.at.isoformat(), "--config", here.config]
    result = mailbot(*line, stdin="percent 40\nnonsense here\nblocker Silk held at customs\n")
    assert result.exit_code == 1
    assert [(row["line"], row["ok"]) for row in json.loads(result.stdout)] == [
        ("percent 40", True), ("nonsense here", False), ("blocker Silk held at customs", True),
    ]  # fmt: skip
    assert here.status()["percent_complete"] == 40


# mails ----------------------------------------------------------------------------------------------------------------


def test_the_outbox_is_shown_dropped_and_retried(here: World) -> None:
    here.cli("do", REF, "ask design")
    (row,) = [row for row in here.json("outbox") if row["kind"] == "approval-request"]
    assert row["state"] == "queued"
    assert "X-Mailbot-Kind: approval-request" in here.cli("outbox", "show", row["id"])
    here.cli("outbox", "drop", row["id"])
    assert "approval-request" not in [mail["X-Mailbot-Kind"] for mail in here.run()]
    here.cli("outbox", "retry", row["id"])
    the("approval-request", here.run())
    assert mailbot("outbox", "drop", row["id"], "--config", here.config).exit_code == 1
    assert mailbot("outbox", "retry", row["id"], "--config", here.config).exit_code == 1


def test_explain_does_all_files_and_one_that_cannot_be_read_is_told(here: World, tmp_path: Path) -> None:
    asked = the("approval-request", ask_design(here))
    mail = gmail(asked, ANN, "Approved!", here.at, 1)
    good, folder, missing = tmp_path / "good.eml", tmp_path / "folder", tmp_path / "missing.eml"
    good.write_bytes(mail.as_bytes())
    folder.mkdir()
    here.answer(asked, "Thanks!")
    here.run()
    before = here.status()
    known = here.relay.sent and "2." + mail["Message-ID"].strip("<>").partition(".")[2]
    files = [str(f) for f in (good, folder, missing, good)]
    lines = [json.loads(line) for line in here.cli("explain", *files, "--json", code=1).splitlines()]
    assert [set(line) for line in lines] == [EXPLAIN] * 4
    assert [line["file"] for line in lines] == files
    assert [bool(line["error"]) for line in lines] == [False, True, True, False]
    assert lines[0]["reading"]["label"] == "approve"
    assert (lines[0]["order"], lines[0]["about"]) == (REF, "design")
    assert here.status() == before
    ids = [row for row in here.json("outbox") if row["kind"] == "approval-request"]
    assert ids, known


def test_explain_knows_a_mail_by_its_message_id(here: World) -> None:
    asked = the("approval-request", ask_design(here))
    mail = here.answer(asked, "Approved!")
    here.run()
    (line,) = here.cli("explain", str(mail["Message-ID"]), "--json").splitlines()
    assert json.loads(line)["from"] == ANN


def test_explain_and_rules_test_work_without_settings(tmp_path: Path) -> None:
    file = tmp_path / "mail.eml"
    file.write_bytes(b"From: ann@client.example\r\nSubject: Gowns - Design approval for your approval\r\n\r\nYes!\r\n")
    result = mailbot("explain", file, "--json", "--config", tmp_path / "none.toml")
    assert result.exit_code == 0
    assert json.loads(result.stdout)["verdict"] in ("hold", "note")
    cases = tmp_path / "cases.jsonl"
    case = {"id": "a", "context": "milestone_approval", "text": "Approved!", "label": "approve", "subject": ""}
    cases.write_text(json.dumps(case) + "\n", "utf-8")
    told = json.loads(mailbot("rules", "test", cases, "--json", "--config", tmp_path / "none.toml").stdout)
    assert set(told) >= {"cases", "right", "false_approvals", "false_choices", "false_payments", "results"}
    assert set(told["results"][0]) >= {"id", "expected", "got", "option", "because"}
    cases.write_text(json.dumps({**case, "label": "decline"}) + "\n", "utf-8")
    wrong = mailbot("rules", "test", cases, "--json", "--config", tmp_path / "none.toml")
    assert (wrong.exit_code, json.loads(wrong.stdout)["false_approvals"]) == (1, ["a"])


def test_a_case_file_with_wrong_rows_is_told_row_by_row(tmp_path: Path) -> None:
    cases = tmp_path / "cases.jsonl"
    cases.write_text('{"context": "nonsense", "text": "x", "label": "approve"}\n{"text": "x"}\n{\n[]\n', "utf-8")
    result = mailbot("rules", "test", cases, "--config", tmp_path / "none.toml")
    assert result.exit_code == 2
    for number in (1, 2, 3, 4):
        assert f"{cases}:{number}" in result.stderr, result.stderr


# set-up ---------------------------------------------------------------------------------------------------------------


def test_init_writes_settings_in_shadow_mode_that_check_can_read(tmp_path: Path) -> None:
    result = mailbot("init", tmp_path / "new", "--name", 'Atelier "Nord"', "--timezone", "Europe/Berlin", "--eject")
    assert result.exit_code == 0, result.stderr
    config = tmp_path / "new" / "mailbot.toml"
    assert 'mode = "shadow"' in config.read_text("utf-8")
    assert (tmp_path / "new" / "rules" / "process.toml").is_file()
    looked = mailbot("check", "--config", config, "--json")
    assert looked.exit_code == 1
    findings = {finding["what"]: finding for finding in json.loads(looked.stdout)}
    assert findings[f"settings: {config}"]["level"] == "OK"
    secrets = [f for what, f in findings.items() if "MAILBOT_IMAP_PASSWORD" in what]
    assert secrets[0]["level"] == "FAIL"
    assert "export MAILBOT_IMAP_PASSWORD" in secrets[0]["mend"]
    again = mailbot("init", tmp_path / "new")
    assert again.exit_code == 2
    assert "--force" in again.stderr
    wrong = mailbot("init", tmp_path / "other", "--timezone", "Mars", "--address", "nobody")
    assert wrong.exit_code == 2
    assert "studio.timezone" in wrong.stderr
    assert "studio.address" in wrong.stderr
    assert not (tmp_path / "other").exists()


def test_check_looks_at_the_real_servers(studio: World) -> None:
    findings = studio.json("check")
    assert {f["level"] for f in findings} <= {"OK", "WARN"}
    told = " ".join(f["what"] for f in findings if f["level"] == "OK")
    for part in ("settings", "secrets", "IMAP", "SMTP", "store", "templates", "replies"):
        assert part in told
    wrong = {"MAILBOT_TEST_PASSWORD": "wrong"}
    bad = mailbot("check", "--json", "--config", studio.config, env=wrong)
    assert bad.exit_code == 1
    (failed,) = [f for f in json.loads(bad.stdout) if f["level"] == "FAIL"]
    assert "IMAP" in failed["what"]
    assert "wrong" not in failed["what"]


def test_check_tells_of_broken_rules_and_templates_all_at_once(here: World) -> None:
    for folder, name, text in (
        ("rules", "process.toml", "nonsense = 1"),
        ("templates", "client/receipt.txt.j2", "{{ x }}"),
    ):
        path = here.folder / folder / name
        path.parent.mkdir(parents=True)
        path.write_text(text, "utf-8")
    here.config.write_text(
        here.config.read_text("utf-8") + '[paths]\nrules = "rules"\ntemplates = "templates"\n', "utf-8"
    )
    out = here.cli("check", code=1)
    assert "process.toml" in out
    (here.folder / "rules" / "process.toml").unlink()
    assert "receipt.txt.j2" in mailbot("check", "--config", here.config).stdout


def test_as_a_program_it_ends_with_its_code_and_no_traceback(here: World) -> None:
    env = {**os.environ, "MAILBOT_CONFIG": str(here.config)}
    for line, code in ((["status"], 0), (["status", REF], 0), (["status", "ORD-9"], 2), (["held", "approve", "x"], 2)):
        done = subprocess.run([sys.executable, "-m", "mailbot", *line], env=env, capture_output=True, text=True)
        assert done.returncode == code, done.stderr
        assert "Traceback" not in done.stderr


def test_a_program_that_stops_listening_is_no_bug_of_ours(here: World) -> None:
    line = f"{sys.executable} -m mailbot outbox list --config {here.config} | true; exit ${{PIPESTATUS[0]}}"
    done = subprocess.run(["bash", "-c", line], capture_output=True, text=True)
    assert "Traceback" not in done.stderr


def test_staff_are_known(here: World) -> None:
    assert here.status()["account_manager"]["email"] == SAM
