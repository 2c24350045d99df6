"""The recipes of the first two newsrooms, written by hand."""

from __future__ import annotations

from storage.records import Recipe

# amnesty.ca, by country, theme or kind: a Views listing of Drupal 7. Some entries have no heading: their title and
# link are read from the entry itself.
AMNESTY_CA = Recipe(
    entry="div.views-row",
    title="h2 a",
    date="div.submitted",
    date_format="%B %d, %Y",
    summary=".field-name-body",
    next="ul.pager li.pager-next a",
)

# amnestyusa.org, news and its filtered archives: WordPress cards, one link around each.
AMNESTY_USA = Recipe(
    entry="div.ts-grid-col-3-outline div.card-md",
    title="h3.utility-md",
    link="a",
    date="p.card-md--tag--hocus",
    date_format="%B %d, %Y",
    kind="p.card-md--tag:not(.card-md--tag--hocus)",
    summary="p.body-xs",
    caption="figcaption",
    next="div.next a.next",
)
