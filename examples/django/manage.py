"""PROJECT=main python manage.py check"""

import sys

from django.core.management import execute_from_command_line

import base  # noqa: F401 (names the settings)

execute_from_command_line(sys.argv)
