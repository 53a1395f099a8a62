"""Train the network of torch_model.py, as train.py does, with PyTorch.

    python examples/model/train_torch.py --data .madang/demo/daily.csv.gz

PyTorch is too large for the project's own environment: install it beside it, pip install torch.
"""

import io

import numpy as np
import torch
from torch_model import network
from train import SEED, Example, Predict, columns, run


def learn(examples: list[Example]) -> tuple[bytes, Predict]:
    """Return the network's numbers, and what predicts with them."""
    torch.manual_seed(SEED)
    torch.use_deterministic_algorithms(True)
    torch.set_num_threads(1)
    rows, rises = (torch.tensor(each, dtype=torch.float32) for each in columns(examples))
    made = network()
    made[0].mean.copy_(rows.mean(0))
    made[0].deviation.copy_(rows.std(0))
    optimizer = torch.optim.Adam(made.parameters(), lr=0.01, weight_decay=0.01)
    for _ in range(200):
        optimizer.zero_grad()
        odds = made(rows)[:, 0]
        torch.nn.functional.binary_cross_entropy_with_logits(odds, rises).backward()
        optimizer.step()
    made.eval()
    target = io.BytesIO()
    torch.save(made.state_dict(), target)

    def predict(rows: np.ndarray) -> np.ndarray:
        with torch.inference_mode():
            found: np.ndarray = (
                made(torch.tensor(rows, dtype=torch.float32)).sigmoid()[:, 0].numpy()
            )
            return found

    return target.getvalue(), predict


if __name__ == "__main__":
    run(
        learn,
        name="net",
        folder="weights-torch",
        file="weights.pt",
        libraries=("numpy", "torch"),
    )
