"""Rich text: a block of sections, lists, quotes and code, none of which nests.

A list's items are sections (deeper lists are further lists with a higher `indent`, 0 to 8), code holds text and links
only. Sources: https://docs.slack.dev/reference/block-kit/blocks/rich-text-block, the element pages it links to, and
@slack/types.
"""

from bot.sandbox.blockkit_grammar import any_of, array, boolean, integer, one_of, record, string, typed, url
from bot.sandbox.blockkit_objects import LINK_SCHEMES

_STYLE = record({}, dict.fromkeys(("bold", "italic", "strike", "code", "underline"), boolean))
_MENTION_STYLE = record(
    {}, dict.fromkeys(("bold", "italic", "strike", "highlight", "client_highlight", "unlink"), boolean)
)
_LITERAL = typed("text", {"text": string()}, {"style": _STYLE}) | typed(
    "link", {"url": url(schemes=LINK_SCHEMES)}, {"text": string(), "style": _STYLE, "unsafe": boolean}
)
_PARTS = {
    **_LITERAL,
    **typed("emoji", {"name": string()}, {"skin_tone": integer(1, 6), "unicode": string(), "style": _STYLE}),
    **typed("user", {"user_id": string()}, {"style": _MENTION_STYLE}),
    **typed("channel", {"channel_id": string()}, {"style": _MENTION_STYLE}),
    **typed("usergroup", {"usergroup_id": string()}, {"style": _MENTION_STYLE}),
    **typed("team", {"team_id": string()}, {"style": _MENTION_STYLE}),
    **typed("broadcast", {"range": one_of("here", "channel", "everyone")}, {"style": _STYLE}),
    **typed(
        "date",
        {"timestamp": integer(0), "format": string()},
        {"url": url(schemes=LINK_SCHEMES), "fallback": string(), "style": _STYLE},
    ),
    **typed("color", {"value": string()}, {"style": _STYLE}),
}
_ELEMENTS = array(any_of(_PARTS))
_BORDER = {"border": integer(0, 1)}
_SECTION = typed("rich_text_section", {"elements": _ELEMENTS}, {})
_ALL = {
    **_SECTION,
    **typed(
        "rich_text_list",
        {"style": one_of("bullet", "ordered"), "elements": array(any_of(_SECTION))},
        {"indent": integer(0, 8), "offset": integer(0), **_BORDER},
    ),
    **typed("rich_text_quote", {"elements": _ELEMENTS}, _BORDER),
    **typed("rich_text_preformatted", {"elements": array(any_of(_LITERAL))}, _BORDER),
}
RICH_TEXT = typed("rich_text", {"elements": array(any_of(_ALL))}, {"block_id": string(255)})
"""The block, as an entry for `any_of`."""
