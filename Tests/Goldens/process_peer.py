"""One rank of a group of two, in plain PyTorch; the other is a Swift program (`RankChild` in Tests/DistributedTests).

    RANK=1 WORLD_SIZE=2 MASTER_ADDR=127.0.0.1 MASTER_PORT=29500 python process_peer.py
"""

import os
from datetime import timedelta

import torch
import torch.distributed as dist

rank, size = int(os.environ["RANK"]), int(os.environ["WORLD_SIZE"])
wait = timedelta(seconds=30)
store = dist.TCPStore(os.environ["MASTER_ADDR"], int(os.environ["MASTER_PORT"]), size, False, wait, wait_for_workers=False)
prefix = dist.PrefixStore("supernet/0", store)
prefix.set(f"here/{rank}", "python")
group = dist.ProcessGroupGloo(dist.PrefixStore("group/world", prefix), rank, size, wait)

tensor = torch.randn(1, 1001)
rows = [torch.empty(1, 1001) for _ in range(size)]
group.allgather([rows], [tensor]).wait()
total = tensor[0].clone()
group.allreduce([total]).wait()
assert torch.equal(total, torch.cat(rows).sum(0)), "the sum is wrong"
both = [torch.empty(1, 1001) for _ in range(size)]
group.allgather([both], [total[None]]).wait()
assert torch.equal(both[0], both[1]), "the sums differ"
group.broadcast(torch.tensor([1.0, 2.0, 3.0]), 1).wait()
print("right")
