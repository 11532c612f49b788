"""All but the user interface works without Qt, and the installed package can find its parts."""

import json
import subprocess
import sys
from importlib.metadata import entry_points

from vmplanner.shipped import RESOURCES

IMPORT_ALL_BUT_UI = """
import importlib, json, pkgutil, sys
import vmplanner
def names(package):
    for found in pkgutil.iter_modules(package.__path__, package.__name__ + "."):
        if found.name != "vmplanner.ui":
            module = importlib.import_module(found.name)
            yield found.name
            if found.ispkg:
                yield from names(module)
print(json.dumps({"imported": list(names(vmplanner)), "loaded": list(sys.modules)}))
"""


def test_no_module_outside_ui_loads_qt() -> None:
    done = subprocess.run([sys.executable, "-c", IMPORT_ALL_BUT_UI], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    modules = json.loads(done.stdout)
    assert {"vmplanner.cli", "vmplanner.domain.project", "vmplanner.engine"} <= set(modules["imported"])
    roots = {name.partition(".")[0] for name in modules["loaded"]}
    assert not roots & {"PySide6", "shiboken6", "pyqtgraph", "qtawesome", "qtpy"}


def test_simulated_backend_is_found_by_its_entry_point() -> None:
    (entry,) = entry_points(group="vmplanner.backends", name="simulated")
    assert entry.load().__name__ == "SimulatedBackend"


def test_resources_are_found() -> None:
    assert (RESOURCES / "themes" / "colours.toml").is_file()
