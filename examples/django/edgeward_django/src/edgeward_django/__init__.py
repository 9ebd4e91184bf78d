"""Django REST framework behind the Edgeward gateway."""
