"""Files that a user names."""

from pathlib import Path

from yinse.contracts.errors import InvalidInput


def require_no_folder(path: Path) -> Path:
    """The path again; raises `InvalidInput` for a folder, which is there but holds no sound itself."""
    if path.is_dir():
        raise InvalidInput(f"{path} is a folder; name a recording in it.")
    return path
