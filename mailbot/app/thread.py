"""What people wrote to each other before a mail that they sent us: the mails of its thread that are on record."""

from __future__ import annotations

from mailbot.adapters.archive import ArchiveError
from mailbot.app.house import House
from mailbot.reading.matching import clues
from mailbot.reading.message import Message, parse
from mailbot.reading.own_words import own_words

_MOST = 10  # the nearest mails of a thread


def answered(house: House, message: Message) -> tuple[str, ...] | None:
    """Subject and own words of each mail of its thread that is not mailbot's, the one that it answers first.

    None where the mail that it answers is not on record, or cannot be read any more: then nobody knows what it said.
    """
    clue = clues(message, house.studio.address)
    ids = [id for id in clue.reply_ids if not house.store.get("threads", id)]
    rows = {id: row for id in ids[:_MOST] if (row := house.store.get("mails", id))}
    if any(parent in ids and parent not in rows for parent in clue.parents):
        return None
    try:
        mails = [parse(house.archive.get(str(row["mail"]))) for row in rows.values()]
    except ArchiveError:
        return None
    return tuple(f"{mail.subject}\n{own_words(mail, house.reader.words).text}" for mail in mails)
