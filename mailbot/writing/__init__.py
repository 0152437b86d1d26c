"""A state and a reason in, a rendered mail out: words from templates/, bytes by the standard library. Pure.

``kinds``     the closed set of mails, and who reads each
``words``     amounts, dates, times and numbers of days as the reader's locale and zone write them
``timeline``  the phases of an order, for the picture made of table cells and its twin in words
``letters``   compiles the templates: one environment for HTML, which always escapes, one for text, which never does
``render``    a Send becomes a Mail: picks language and templates, gathers what they may use
``mail``      headers and MIME parts: bytes that every mail program reads alike
``invoice``   the PDF of an invoice: the layout of templates/ filled, to be kept for ever
``sentences`` the sentences of every language held against the English ones
``subjects``  the context of an answer, told from its subject when nothing better is there
``preview``   a mail as several mail programs show it, side by side on one page
``check``     every template rendered with its sample; problems with file and line
"""
