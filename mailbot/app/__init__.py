"""Where the rooms are joined: what is looked up, decided, written and committed, and the loops that do it.

``house``    everything that is needed, opened from the settings
``lookup``   what the store knows that bears on a mail
``commit``   a decision and its mails: one transaction
``receive``  one mail, from its bytes to the commit
``desk``     what people do at the shell: import, commands, held replies
``tick``     what is due, planned and queued
``preview``  what comes next, shown before it does; ``samples``: the samples as this studio would send them
``loops``    the daemon's three loops, and one full pass of them
"""
