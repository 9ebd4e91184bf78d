"""A user belongs to one organisation, which has a subscription."""

from django.contrib.auth.models import AbstractUser
from django.db import models


class Organisation(models.Model):
    id = models.CharField(max_length=40, primary_key=True)
    subscription_status = models.CharField(max_length=20)


class User(AbstractUser):
    id = models.CharField(max_length=40, primary_key=True)
    email = models.EmailField(unique=True)
    role = models.CharField(max_length=20)
    org = models.ForeignKey(Organisation, on_delete=models.PROTECT)

    def me(self):
        """What an auth API says of the caller."""
        return {
            "id": self.id,
            "email": self.email,
            "role": self.role,
            "org": {"id": self.org_id, "subscription": {"status": self.org.subscription_status}},
        }
