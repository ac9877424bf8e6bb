"""What is true: the portal's tables and the operations on them, one noun a file.

``from models import User, Course, …`` gives a neighbour every table; importing does nothing else.
"""

from models.courses import Course, Lesson, Module
from models.enrollments import Enrollment
from models.progressrows import Progress
from models.roles import Role, UserRole
from models.users import Instructor, User

__all__ = [
    "Course",
    "Enrollment",
    "Instructor",
    "Lesson",
    "Module",
    "Progress",
    "Role",
    "User",
    "UserRole",
]
