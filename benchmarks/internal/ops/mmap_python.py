# Makes the files of many processes, as prometheus_client itself does, and merges them
# each time that a line comes; answers with the nanoseconds that it took.
import os
import sys
import time

dir, files, entries = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
os.environ["PROMETHEUS_MULTIPROC_DIR"] = dir

from prometheus_client import CollectorRegistry, multiprocess
from prometheus_client.mmap_dict import MmapedDict, mmap_key

for pid in range(files):
    d = MmapedDict(os.path.join(dir, "counter_%d.db" % pid))
    for i in range(entries):
        key = mmap_key("bench_total", "bench_total", ("series",), (str(i),), "Help.")
        d.read_value(key)
        try:
            d.write_value(key, float(i))
        except TypeError:  # newer versions keep a timestamp
            d.write_value(key, float(i), 0.0)
    d.close()
print("ready", flush=True)

for _ in sys.stdin:
    begin = time.perf_counter_ns()
    collector = multiprocess.MultiProcessCollector(CollectorRegistry())
    samples = sum(len(family.samples) for family in collector.collect())
    took = time.perf_counter_ns() - begin
    if samples != entries:
        sys.exit("%d samples, want %d" % (samples, entries))
    print(took, flush=True)
