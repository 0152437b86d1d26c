"""What is due, from what is true and a time: updates, invoices and their ladder, nudges, reminders to staff. Pure.

``calendar``  wall times and working days in a zone and a country
``weekly``    which Friday is due, and the facts of the update
``project``   the milestones and invoices of a new order
``dunning``   the one step that an unpaid invoice is due
``nudges``    open questions: reminded, then the account manager calls, then expired
``clocks``    what is told once: an issue that the client has not heard of, the question after delivery
``preparations`` what a milestone needs: asked for in time, and once more on the last day
``occurrence`` what all of them answer with: one mail, or one thing that happens, with its key and its reason
``rounds``    the digest of a morning and the weekly report: when; ``digest``, ``figures``: what they tell;
              ``round_sends``: as the mails that are written
``spacing``   an hour between two mails to one address, whatever orders they are about
``last_look`` a mail that has waited: is it still needed, and may it go now
``due``       all of it together: due now, the moment of the next, the forecast, and the events that sending means
``sends``     an occurrence as the mail that is written
``cases``     rules/process.cases.toml, carried out by all of this
"""
