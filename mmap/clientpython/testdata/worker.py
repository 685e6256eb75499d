# A worker as one finds them behind gunicorn: it records into all kinds of metrics, says
# so, and records again for each line it reads. Values are multiples of 1/8, whose sums
# do not depend on their order.
import os, random, sys
from prometheus_client import Counter, Gauge, Histogram, Summary

rnd = random.Random(int(sys.argv[1]))
def eighths(least=0):
    return rnd.randint(least * 8, 800) / 8

texts = ["", "a", "b c", 'quote " and \\', "line\nbreak", "é😱", "<&>/\x7f"]
counter = Counter("requests", "All requests.\nOf every kind.", ["path", "method"])
plain = Counter("starts_total", 'Starts, \\ and ".')
summary = Summary("size_bytes", "Sizes.", ["path"])
histogram = Histogram("wait_seconds", "Waits.", ["path"], buckets=[0.125, 1, 2.5, 1e6, 1e10])
deep = Histogram("depth", "Also below zero.", buckets=[-1, -0.5, 0, 7])
never = Counter("never", "Nobody counts this.", ["path"])
# The set has another order in each process.
gauges = {mode: Gauge("gauge_" + mode, "Merged by " + mode + ".", ["path"], multiprocess_mode=mode)
          for mode in sorted(Gauge._MULTIPROC_MODES)}
unset = Gauge("unset", "Nobody sets this.")

def record():
    plain.inc()
    for text in rnd.sample(texts, 5):
        counter.labels(text, "GET").inc(eighths())
        summary.labels(text).observe(eighths(-100))
        for _ in range(5):
            histogram.labels(text).observe(rnd.choice([0.125, eighths(), eighths() * 1e4]))
            deep.observe(eighths(-100))
        for gauge in gauges.values():
            gauge.labels(text).set(eighths(-100))

record()
print(os.getpid(), flush=True)
for _ in sys.stdin:
    record()
    print("done", flush=True)
