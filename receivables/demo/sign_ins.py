"""How to sign in to the demo, in words for a terminal."""

from pathlib import Path

from django.conf import settings

from accounts.demo import PASSWORD, accounts, platform_staff

FILE = "sign-ins.txt"  # `manage.py serve` shows it when the site is ready


def sign_ins() -> str:
    """Who may sign in, as which role, where; empty when no demo data is loaded."""
    rows = [(str(each.organization), each.get_role_display(), each.user.email) for each in accounts()]
    rows += [("All organizations", "Platform staff", user.email) for user in platform_staff()]
    if not rows:
        return ""
    lines = [f"Sign in with the password “{PASSWORD}” as"]
    heading = ""
    for organization, role, email in rows:
        if organization != heading:
            heading = organization
            lines.append(f"  {heading}")
        lines.append(f"    {role:<20} {email}")
    return "\n".join(lines) + "\n"


def leave_for_serve() -> Path:
    """Write the sign-ins to where `manage.py serve` finds them."""
    path = Path(settings.DATA_DIR) / FILE
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(sign_ins(), encoding="utf-8")
    return path
