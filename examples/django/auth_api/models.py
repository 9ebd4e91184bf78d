from django.contrib.auth.models import AbstractUser
from django.db import models


class Account(AbstractUser):
    role = models.CharField(max_length=20)
    subscription = models.CharField(max_length=20, default="active")
