"""mailbot turns a mail into a fact, a fact into the order's next state, and a state and a date into mail.

The rooms of the house, in the order in which a mail walks through them:

``reading``   bytes in, what was said out: message, automatic, proof, own_words, matching, decision (pure)
``orders``    what is true: model, events, decide, evolve, commands (pure)
``planning``  what is due, from a state and a time (pure)
``writing``   a state and a reason in, a rendered mail out (pure)
``evidence``  an order's rows and mails in, one readable record out, and whether it is as it was made (pure)
``adapters``  the world: IMAP, SMTP, the store, the archive. Only here is I/O done
``app``       three short loops that join them: receive, tick, deliver
``cli``       the command line, a thin file for a group of commands
``settings``  mailbot.toml; ``secret``: passwords, from where it says that they are
``rules``     rules/*.toml, the studio's words, days, amounts and ladders

Imports point one way: cli -> app -> adapters; app -> reading, planning, writing -> orders -> rules.
tests/test_house.py holds that, and that nothing pure reads a clock.
"""

__version__ = "0.1.0"
