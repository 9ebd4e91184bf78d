"""The people of the example."""

from base import PASSWORD

from .models import User

PEOPLE = [
    ("user-1", "ada", "Ada", "acme", "superuser"),
    ("user-2", "bob", "Bob", "acme", "member"),
    ("user-3", "eve", "Eve", "globex", "member"),
    ("user-4", "olga", "Olga", "acme", "owner"),
]


def make():
    for id, name, first, tenant, role in PEOPLE:
        if not User.objects.filter(pk=id).exists():
            User.objects.create_user(
                id=id, username=name, email=f"{name}@example.com", password=PASSWORD, first_name=first, tenant=tenant, role=role
            )
