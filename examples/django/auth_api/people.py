"""The people of the clinic."""

from base import PASSWORD

from .models import Account

PEOPLE = [("vera", "rvt", "active"), ("dan", "doctor", "trialing"), ("amy", "admin", "past_due")]


def make():
    for name, role, subscription in PEOPLE:
        if not Account.objects.filter(username=name).exists():
            Account.objects.create_user(
                username=name, email=f"{name}@clinic.example", password=PASSWORD, role=role, subscription=subscription
            )
