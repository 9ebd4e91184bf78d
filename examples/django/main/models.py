"""A user belongs to one tenant, and has one role in it."""

import uuid

from django.contrib.auth.models import AbstractUser
from django.db import models


def new_id():
    return f"user-{uuid.uuid4().hex[:12]}"


class User(AbstractUser):
    id = models.CharField(max_length=40, primary_key=True, default=new_id)
    email = models.EmailField(unique=True)
    tenant = models.CharField(max_length=40)
    # superuser: everything; owner: the people of a tenant; member.
    role = models.CharField(max_length=20, default="member")
