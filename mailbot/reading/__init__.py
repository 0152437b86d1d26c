"""Bytes in, what was said out: pure functions, one question each.

``message``    what is in the mail: headers, addresses, text, HTML, attachments (``mime``: its parts, within bounds;
               ``bodies``: which of them are the body)
``automatic``  did a person write it, or a machine?
``proof``      did the one named in From really send it?
``own_words``  what did the sender type, without what is quoted, forwarded or appended? (``words_*``: its parts)
``matching``   which request does it answer?
``decision``   what do these words decide?
"""
