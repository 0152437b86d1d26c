"""How long it takes to verify a whole store, and how much memory: `python -m benchmarks.verification [ORDERS]`.

Each order (10,000 by default) has twelve events and eight mails of 5 KB. Beside it stands the
floor: reading the same mails from the archive, each with its hash, and nothing else. All lies in a temporary folder.
"""

from __future__ import annotations

import resource
import secrets
import sys
import tempfile
import time
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

from mailbot.adapters.archive import Archive
from mailbot.adapters.store import OutboxEntry, Tx
from mailbot.adapters.tiny import TinyStore
from mailbot.app.records import Records
from mailbot.app.verification import verify_all
from mailbot.orders import events as e
from mailbot.orders.evolve import evolve
from mailbot.orders.model import Client, Milestone, Order, Person, utc
from mailbot.settings import Settings

NOW = datetime(2026, 1, 16, 21, tzinfo=UTC)
ANN = "ann@client.example"
COMMANDS, MAILS, SIZE = 12, 4, 5_000  # mails of each way


def history(ref: str, mails: list[str]) -> list[e.Event]:
    """An order's events: taken on, then so many steps of work and mails of its client."""
    milestones = (Milestone(key="design", name="Design approval", due=date(2026, 1, 30), approval=True),)
    taken_on = e.OrderImported(
        at=NOW, by="shell", ref=ref, project="Cinderella ball gowns", currency="USD", total=Decimal("12000.00"),
        client=Client(name="Ann Lee", emails=(ANN,), approvers=(ANN,), timezone="UTC", locale="en_US"),
        account_manager=Person(name="Sam Ortiz", email="sam@studio.example"), signed=date(2026, 1, 5),
        delivery=date(2026, 3, 20), phase="Design", milestones=milestones, invoices=(), salt=secrets.token_hex(16),
    )  # fmt: skip
    steps = (e.ProgressNoted(at=NOW, by="shell", what="done", text=f"Step {n}") for n in range(COMMANDS - len(mails)))
    came = (e.MailRecorded(at=NOW, by=ANN, mail=key, direction="in", kind="person") for key in mails)
    return [taken_on, *steps, *came]


def put(tx: Tx, archive: Archive, ref: str) -> None:
    """One order with its events and mails."""
    kept = [archive.put(f"{ref} {n}".encode().ljust(SIZE, b".")) for n in range(2 * MAILS)]
    order: Order | None = None
    for event in history(ref, kept[:MAILS]):
        before = order.hash if order else ""
        order = evolve(order, event)
        tx.log(ref, order.revision, event.model_dump(mode="json"), before, order.hash)
    if order is None:
        raise AssertionError("an order begins with its import")
    row = {"ref": ref, "closed": "no", "next_due": utc(NOW + timedelta(days=9)), "order": order.model_dump(mode="json")}
    tx.put("orders", ref, row)
    for key in kept[:MAILS]:
        tx.add("mails", f"{key}@client.example", {"order": ref, "state": "note", "mail": key, "at": utc(NOW)})
    for key in kept[MAILS:]:
        entry = OutboxEntry(key, "booked", ref, (ANN,), utc(NOW), key, key, "orders@studio.example", (ANN,))
        tx.enqueue(entry)


def main(orders: int) -> None:
    """Fill a store, verify it, print what it took."""
    with tempfile.TemporaryDirectory() as folder:
        store, archive = TinyStore(Path(folder) / "mailbot.db"), Archive(Path(folder) / "archive")
        for first in range(0, orders, 100):
            with store.transaction() as tx:
                for number in range(first, min(first + 100, orders)):
                    put(tx, archive, f"ORD-{number}")
        memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        floor = time.perf_counter()
        for row in store.all("mails"):
            archive.get(row["mail"])
        floor = 2 * (time.perf_counter() - floor)
        began, cpu = time.perf_counter(), time.process_time()
        found = list(verify_all(Records(Settings.model_construct(), store, archive)))
        took, cpu = time.perf_counter() - began, time.process_time() - cpu
        grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - memory
        store.close()
    wrong = [one for one in found if one.problems]
    print(f"{orders} orders, {sum(o.events for o in found)} events, {sum(o.mails for o in found)} mails: {took:.1f} s")
    print(f"{orders / took:,.0f} a second, {cpu:.1f} s of CPU, {grown // 1024} MB more; mails alone {floor:.1f} s")
    print(f"{len(wrong)} wrong")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 10_000)
