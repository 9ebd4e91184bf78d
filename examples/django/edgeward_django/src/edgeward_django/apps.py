from django.apps import AppConfig


class EdgewardConfig(AppConfig):
    name = "edgeward_django"
    verbose_name = "Edgeward"

    def ready(self) -> None:
        from . import checks  # noqa: F401, PLC0415 (registers the checks, which need the models)
