"""The version of this package."""

from importlib.metadata import PackageNotFoundError, version

try:
    VERSION = version("madang")
except PackageNotFoundError:
    VERSION = "0+source"
