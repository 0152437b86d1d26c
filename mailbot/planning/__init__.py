"""What is due, from what is true and a time: updates, invoices and their ladder, nudges, reminders to staff. Pure.

``calendar``  wall times and working days in a zone and a country
``weekly``    which Friday is due, and the facts of the update
``project``   the milestones and invoices of a new order
``dunning``   the one step that an unpaid invoice is due
``nudges``    open questions: reminded, then the account manager calls, then expired
``clocks``    what is told once: an issue that the client has not heard of, the question after delivery
``occurrence`` what all of them answer with: one mail, or one thing that happens, with its key and its reason
``rounds``    the digest of a morning and the weekly report: when; ``digest``, ``figures``: what they tell
``due``       all of it together: due now, the moment of the next, the forecast, and the events that sending means
``sends``     an occurrence as the mail that is written
``cases``     rules/process.cases.toml, carried out by all of this
"""
