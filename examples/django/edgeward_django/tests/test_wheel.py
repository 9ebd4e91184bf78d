"""The package as others install it."""

import subprocess
import sys
import zipfile
from pathlib import Path

FOLDER = Path(__file__).parent.parent


def test_the_wheel_has_every_module_and_the_mark_of_types(tmp_path):
    # Without isolation: the build backend is there, and nothing is fetched.
    command = [
        sys.executable,
        "-m",
        "pip",
        "wheel",
        "--no-deps",
        "--no-build-isolation",
        "--no-index",
        "-q",
        "-w",
        str(tmp_path),
        str(FOLDER),
    ]
    subprocess.run(command, check=True, env={"PATH": "", "PYTHONDONTWRITEBYTECODE": "1", "HOME": str(tmp_path)})
    (wheel,) = tmp_path.glob("edgeward_django-*-py3-none-any.whl")
    names = {name for name in zipfile.ZipFile(wheel).namelist() if name.startswith("edgeward_django/")}
    source = FOLDER / "src"
    assert names == {str(path.relative_to(source)) for path in source.rglob("*") if path.suffix == ".py" or path.name == "py.typed"}
    code = "import sys; sys.path.insert(0, sys.argv[1]); import edgeward_django.rules; print(edgeward_django.__file__)"
    shown = subprocess.run([sys.executable, "-c", code, str(wheel)], check=True, capture_output=True, text=True)
    assert shown.stdout.startswith(str(wheel))
