"""The form that takes a picture or a PDF for a lesson."""

from handlers.views.kit import actions, asked, button, context, field, one_of
from handlers.views.screens import Block, Screen
from handlers.views.slackfiles import PICTURES


def form(draft_id: int, ref: int, pages: int) -> Screen:
    """A picture or a PDF, by upload or by its address, for one of so many pages."""
    at = f"{draft_id} {ref}"
    upload: Block = {
        "type": "file_input",
        "action_id": "draft.file",
        "filetypes": [*PICTURES, "pdf"],
        "max_files": 1,
    }
    address: Block = {"type": "url_text_input", "action_id": "draft.file_url"}
    blocks: list[Block] = [
        asked("file", "A picture or a PDF", upload, optional=True, hint="PNG, JPG, GIF or PDF, 10 MB at most."),
        asked("url", "Or its address", address, optional=True),
        field(
            "words",
            "draft.file_words",
            "What the picture shows, or what the PDF is called",
            placeholder="A bowline, seen from above",
            optional=True,
            max_length=500,
        ),
    ]
    if pages > 1:
        offered = [(f"Page {number}", str(number)) for number in range(1, pages + 1)]
        blocks.append(asked("page", "At the end of", one_of("static_select", "draft.file_page", offered, str(pages))))
    blocks += [
        context("Readers see the picture under the text; a PDF is sent to them when they ask for it."),
        actions(button("Back to the lesson", "draft.mine", at)),
    ]
    return Screen("Picture or PDF", tuple(blocks), submit="Add", callback_id="draft.add_file", metadata=at)
