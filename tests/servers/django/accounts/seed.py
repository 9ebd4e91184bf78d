"""The users that every test finds."""

from django.core.management import call_command
from django.db import connections

from .models import Organisation, User

PASSWORD = "correct horse battery staple"
ORGANISATIONS = [("acme", "active"), ("other", "past_due")]
USERS = [
    ("user-1", "ada", "Ada", "admin", "acme"),
    ("user-2", "bob", "Bob", "rvt", "acme"),
    ("user-3", "eve", "Eve", "user", "other"),
]


def seed():
    call_command("migrate", run_syncdb=True, verbosity=0)
    for id, status in ORGANISATIONS:
        Organisation.objects.create(id=id, subscription_status=status)
    for id, name, first_name, role, org in USERS:
        User.objects.create_user(
            id=id, username=name, first_name=first_name, email=f"{name}@example.com", password=PASSWORD, role=role, org_id=org
        )
    # The worker is a fork: it must open connections of its own.
    connections.close_all()
