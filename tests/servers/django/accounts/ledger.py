"""What this server was asked and told, for tests to look at. Credentials are kept as SHA-256 only."""

import hashlib

# Lists, appended to by threads of the one worker; `list.append` is atomic.
ASKED = []
TOLD = []


def fingerprint(text):
    return None if text is None else hashlib.sha256(text.encode()).hexdigest()


class Ledger:
    """Middleware that notes each request but those that ask for the notes."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        entry = {
            "method": request.method,
            "path": request.path,
            "authorization": fingerprint(request.headers.get("authorization")),
            "subject": request.headers.get("x-auth-subject"),
        }
        if request.path != "/internal/ledger/":
            ASKED.append(entry)
        response = self.get_response(request)
        entry["status"] = response.status_code
        return response


def told(request):
    """Notes the body and the headers of a message to this server, without credentials."""
    headers = {
        name.lower(): value for name, value in request.headers.items() if name.lower() not in ("authorization", "cookie")
    }
    TOLD.append(
        {"body": request.data, "headers": headers, "authorization": fingerprint(request.headers.get("authorization"))}
    )
