"""Installs what requirements.txt names when this Python does not have it, into .packages, where PYTHONPATH finds it.

With nothing missing it does nothing, so an image that brings Flask needs no network.
"""

import importlib.metadata
import importlib.util
import re
import shutil
import subprocess
import sys
from pathlib import Path

root = Path(__file__).resolve().parent
packages = root / ".packages"
made_by = packages / ".python"
requirements = root / "requirements.txt"


def is_here(line):
    """Knows names, with or without a version; anything else is left to pip."""
    match = re.fullmatch(r"([A-Za-z0-9][\w.-]*)(\[[\w,-]+\])?\s*(([=<>!~]=?|===).*)?", line)
    if match is None:
        return False
    exact = re.fullmatch(r"==\s*([\w.+!-]+)", match[3] or "")
    try:
        found = importlib.metadata.version(match[1])
    except importlib.metadata.PackageNotFoundError:
        return False
    return exact is None or exact[1] == found


# What was installed for another Python may hold parts that this one cannot load.
this_python = sys.implementation.cache_tag
if packages.exists() and (not made_by.exists() or made_by.read_text() != this_python):
    shutil.rmtree(packages)
if str(packages) not in sys.path:
    sys.path.insert(0, str(packages))

lines = [line.split(" #")[0].strip() for line in requirements.read_text().splitlines()]
missing = [line for line in lines if line and not line.startswith("#") and not is_here(line)]
if not missing:
    sys.exit()
if importlib.util.find_spec("pip") is None:
    sys.exit(f"{', '.join(missing)} is not installed here, and there is no pip to install it with.")

print(f"Installing {', '.join(missing)}", flush=True)
quiet = ["--quiet", "--no-input", "--disable-pip-version-check", "--root-user-action", "ignore"]
where = ["--target", str(packages), "--upgrade", "-r", str(requirements)]
code = subprocess.call([sys.executable, "-m", "pip", "install", *quiet, *where])
if code == 0:
    made_by.write_text(this_python)
sys.exit(code)
