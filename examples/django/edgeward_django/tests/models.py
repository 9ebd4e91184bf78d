from django.contrib.auth.models import AbstractUser
from django.db import models


class Person(AbstractUser):
    # Unique, as in many applications: two subjects with one address are a conflict.
    email = models.EmailField(unique=True)
    number = models.IntegerField(null=True, unique=True)
