"""The configuration that `presswatch init` writes."""

from __future__ import annotations

STARTER = """\
# What presswatch watches, and how. This file is the only place that says so; a running daemon picks up your edits.
# Where a text is wanted it stands in quotes; lengths of time are "90s", "15m", "1h" or "2d".

data_dir = "data"               # the database and the digests; relative to this file
contact = "name@example.org"    # CHANGE THIS: newsrooms that mind the visits write to you; sent with every request
# confirm_after = "1h"          # two looks so far apart must agree before a release is reported withdrawn
# requests_per_day = 48         # for each newsroom, on average
# delay = "1s"                  # between two requests to one host
# allow_private_addresses = false   # true to watch newsrooms in your own network

# ---- Newsrooms: one [[newsroom]] each --------------------------------------------------------------------------------
# id names it in commands and digests; url is the page that lists its releases, newest first.

[[newsroom]]
id = "amnesty-ca-russia"
url = "https://www.amnesty.ca/category/country/russian-federation"
timezone = "America/Toronto"    # of the dates it prints
# every = "30m"                 # a fixed interval, instead of the budget; or min_wait and max_wait as its limits
# max_pages = 10                # how far to page back after a burst
# feed = "https://…"            # watched beside the list: a release is missing only if both miss it
# include = ["/news/"]          # only entries whose address or title has one of these; exclude leaves out

# The recipe says where an entry is and what it holds, as CSS selectors; "a@title" reads an attribute.
# What it leaves out is read from the entry itself.
# Leave [newsroom.recipe] out to have it inferred; `presswatch preview ID` shows what it yields.
[newsroom.recipe]
entry = "div.views-row"
title = "h2 a"
date = "div.submitted"
date_format = "%B %d, %Y"       # "July 16, 2018"
summary = ".field-name-body"
next = "ul.pager li.pager-next a"

[[newsroom]]
id = "amnestyusa"
url = "https://www.amnestyusa.org/news/"
timezone = "America/New_York"

[newsroom.recipe]
entry = "div.ts-grid-col-3-outline div.card-md"
title = "h3.utility-md"
link = "a"
date = "p.card-md--tag--hocus"
date_format = "%B %d, %Y"
kind = "p.card-md--tag:not(.card-md--tag--hocus)"
summary = "p.body-xs"
caption = "figcaption"
next = "div.next a.next"

# The least that a newsroom needs; `presswatch add URL` writes it for you:
# [[newsroom]]
# id = "example"
# url = "https://www.example.org/news"

# ---- Digests: one [[digest]] each; files go to data/digests/NAME/ ----------------------------------------------------

[[digest]]
name = "daily"
at = "07:00"                    # or every = "6h", or cron = "0 7 * * mon"
timezone = "UTC"                # yours, for example "Europe/Berlin"
formats = ["html", "md"]        # JSON is always written too

# [[digest]]
# name = "takedowns"
# every = "6h"
# newsrooms = ["amnesty*"]      # only these
# kinds = ["withdrawn", "unlisted"]     # only these kinds of change
# match = ["journalist"]        # only what has one of these words
# skip_empty = true             # no issue when there is nothing to say
"""
