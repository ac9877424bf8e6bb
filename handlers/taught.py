"""Which of the courses somebody teaches they mean by what they typed."""

from sqlmodel import Session

from handlers.requests import Request
from handlers.views.taught import MOST
from models import search, teachers
from models.members import Caller
from models.teachers import Taught


def named(session: Session, request: Request, caller: Caller) -> tuple[Taught, ...]:
    """The courses the caller teaches that are called something like it; without a name the first of all of them."""
    if not request.text:
        return teachers.taught(session, caller, MOST + 1)
    found = [card.course_id for card in search.find(session, request.text, user_id=caller.user_id)]
    return teachers.among(session, caller, found)
