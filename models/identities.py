"""Who somebody is in the portal, as the portal's sign-in says."""

from typing import NamedTuple


class Identity(NamedTuple):
    """Who somebody is in the portal, from verified claims; ``email`` only where it is verified."""

    clerk_id: str
    first_name: str = ""
    last_name: str = ""
    email: str | None = None
    image_url: str | None = None
