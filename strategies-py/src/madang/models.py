"""Models with frozen weights: a directory that says what it holds, and proves it.

::

    model = Frozen("models/direction", build=from_skops(), features=features.NAMES)

A model directory has two files: the weights, in whatever format the model's library reads without
running code, and ``model.json``, which names model and version, the SHA-256 of the weights, the
training period, the features, the seed, and the versions of the libraries. What does not match is
refused before anything is served, so that name, version and hash in the ledger are the truth.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cached_property
from importlib.metadata import PackageNotFoundError
from importlib.metadata import version as installed_version
from pathlib import Path
from typing import Generic, TypeVar

from madang._lightgbm import from_lightgbm
from madang._manifest import Manifest, parse, read
from madang._onnx import Network, from_onnx
from madang._skops import from_skops, to_skops
from madang.errors import ModelError

__all__ = [
    "MANIFEST",
    "Frozen",
    "Model",
    "Network",
    "from_lightgbm",
    "from_onnx",
    "from_skops",
    "load",
    "save",
    "to_skops",
]

MANIFEST = "model.json"
T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Model:
    """A model directory, read and verified.

    Attributes:
        name: Of the model.
        version: Its version.
        hash: SHA-256 of the weights in lower-case hex.
        path: Of the file of weights.
        weights: The very bytes that were hashed; the file is not read again.
        trained_from: The first day of the training data.
        trained_until: The last day of the training data, labels included.
        features: What the model takes, in order.
        libraries: The versions it was trained with, which are those installed here.
        seed: Of the training.
        figures: What training measured, by name.
    """

    name: str
    version: str
    hash: str
    path: Path
    weights: bytes = field(repr=False)
    trained_from: date
    trained_until: date
    features: tuple[str, ...]
    libraries: Mapping[str, str]
    seed: int
    figures: Mapping[str, float]

    def has_seen(self, moment: date | datetime) -> bool:
        """Whether ``moment`` is not after the training data, by its own calendar day.

        What a model says of days it was trained on is no forecast: be silent there. The days of
        the directory are those of the candles' ``open_time``.
        """
        day = moment.date() if isinstance(moment, datetime) else moment
        return day <= self.trained_until


class Frozen(Generic[T]):
    """A model for a strategy: ``model = Frozen(folder, build=...)`` as a field of the class.

    The directory is read once for a process, when it is first needed; serving needs it before the
    first host is answered, so what is wrong with it ends the server with words. Sessions share
    what ``build`` made: predict with it, do not change it.
    """

    def __init__(
        self,
        folder: str | Path,
        *,
        build: Callable[[Model], T],
        features: Sequence[str] | None = None,
    ) -> None:
        """Name a directory; nothing is read yet.

        Args:
            folder: The directory; a relative path counts from the working directory.
            build: Turns the verified weights into what predicts: ``from_skops()``,
                ``from_lightgbm()``, ``from_onnx()``, or a function of your own.
            features: What the strategy computes, in order; must be what the model was trained on.
        """
        self.folder = Path(folder)
        self._build = build
        self._features = None if features is None else tuple(features)

    @cached_property
    def verified(self) -> Model:
        """The verified directory.

        Raises:
            ModelError: It is not what it says, or does not fit this strategy or installation.
        """
        model = load(self.folder)
        if self._features is not None and model.features != self._features:
            raise ModelError(
                f"{self.folder / MANIFEST}: the model takes {', '.join(model.features)}; the "
                f"strategy computes {', '.join(self._features)}. Train it again with this code, "
                "or go back to the code it was trained with"
            )
        return model

    @cached_property
    def predictor(self) -> T:
        """What ``build`` made of the weights.

        Raises:
            ModelError: The directory is refused, or its weights cannot be built.
        """
        return self._build(self.verified)

    def prepare(self) -> None:
        """Read and build now.

        Raises:
            ModelError: The directory is refused, or its weights cannot be built.
        """
        try:
            _ = self.predictor
        except ModelError:
            raise
        except Exception as e:
            raise ModelError(
                f"{self.verified.path}: the weights cannot be built: {type(e).__name__}: {e}"
            ) from e

    @property
    def name(self) -> str:
        """Of the model."""
        return self.verified.name

    @property
    def version(self) -> str:
        """Its version."""
        return self.verified.version

    @property
    def hash(self) -> str:
        """SHA-256 of the weights in lower-case hex."""
        return self.verified.hash

    def has_seen(self, moment: date | datetime) -> bool:
        """Whether ``moment`` is not after the training data: see :meth:`Model.has_seen`."""
        return self.verified.has_seen(moment)


def load(folder: str | Path) -> Model:
    """Read and verify a model directory.

    Raises:
        ModelError: A file is missing, the manifest is wrong, the weights are not those it names,
            or a library has another version than the one the model was trained with.
    """
    path = Path(folder) / MANIFEST
    manifest = read(path)
    weights_path = path.with_name(manifest.weights)
    try:
        weights = weights_path.read_bytes()
    except FileNotFoundError as e:
        raise ModelError(
            f"{weights_path} is missing, the weights that {path} names; bring it back, or train "
            "the model again"
        ) from e
    except OSError as e:
        raise ModelError(f"{weights_path} cannot be read: {e.strerror}") from e
    found = hashlib.sha256(weights).hexdigest()
    if found != manifest.sha256:
        raise ModelError(
            f"{weights_path} is not the file that was saved: its SHA-256 is {found}, {path} names "
            f"{manifest.sha256}. Bring back the file, or save the new model under a new version "
            "with madang.models.save"
        )
    _check_libraries(manifest, path)
    return Model(
        name=manifest.name,
        version=manifest.version,
        hash=found,
        path=weights_path,
        weights=weights,
        trained_from=manifest.trained[0],
        trained_until=manifest.trained[1],
        features=manifest.features,
        libraries=manifest.libraries,
        seed=manifest.seed,
        figures=manifest.figures,
    )


def save(
    folder: str | Path,
    *,
    name: str,
    version: str,
    weights: bytes,
    file: str = "weights.skops",
    trained: tuple[date, date],
    features: Sequence[str],
    libraries: Sequence[str] = (),
    seed: int = 0,
    figures: Mapping[str, float] | None = None,
) -> Model:
    """Write a model directory, and return it as :func:`load` reads it.

    Give a new version to new weights: name, version and hash together are what the ledger keeps.

    Args:
        folder: The directory; made if it is not there.
        name: Of the model.
        version: Its version.
        weights: The contents of the file of weights.
        file: Its name.
        trained: The first and the last day of the data that training saw, labels included.
        features: What the model takes, in order.
        libraries: Distributions whose version must be the same when the model is used; what is
            installed now is written down.
        seed: Of the training.
        figures: What training measured, by name.

    Raises:
        ModelError: A value does not fit the manifest, or a library is not installed.
    """
    folder = Path(folder)
    manifest = Manifest(
        name=name,
        version=version,
        weights=file,
        sha256=hashlib.sha256(weights).hexdigest(),
        trained=trained,
        features=tuple(features),
        libraries={each: _installed(each) for each in libraries},
        seed=seed,
        figures=dict(figures or {}),
    )
    text = manifest.text().encode()
    parse(text, f"the manifest of {name}")  # what it would refuse to read it does not write
    try:
        folder.mkdir(parents=True, exist_ok=True)
        # The weights first: between the two the directory is refused, not misread.
        _replace(folder / file, weights)
        _replace(folder / MANIFEST, text)
    except OSError as e:
        raise ModelError(f"{folder} cannot be written: {e.strerror}") from e
    return load(folder)


def _check_libraries(manifest: Manifest, path: Path) -> None:
    for name, wanted in manifest.libraries.items():
        found = _installed(name, f"{path} was trained with {name} {wanted}: ")
        if found != wanted:
            raise ModelError(
                f"{path} was trained with {name} {wanted}, here is {found}; another version may "
                "answer otherwise under the same name. Install the one it was trained with, "
                f"pip install '{name}=={wanted}', or train the model again and raise its version"
            )


def _installed(name: str, before: str = "") -> str:
    try:
        return installed_version(name)
    except (PackageNotFoundError, ValueError) as e:
        raise ModelError(f"{before}{name!r} is not installed") from e


def _replace(path: Path, contents: bytes) -> None:
    """Write a file whole or not at all."""
    part = path.with_name(f".{path.name}.part")
    try:
        with part.open("wb") as file:
            file.write(contents)
            file.flush()
            os.fsync(file.fileno())
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)
