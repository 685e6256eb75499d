# Prints what client_python's own collector makes of a folder, as JSON. Further
# arguments are processes to mark as dead before.
import json, sys
from prometheus_client import CollectorRegistry
from prometheus_client.multiprocess import MultiProcessCollector, mark_process_dead

for pid in sys.argv[2:]:
    mark_process_dead(pid, sys.argv[1])
families = MultiProcessCollector(CollectorRegistry(), sys.argv[1]).collect()
print(json.dumps([{"Name": f.name, "Type": f.type, "Help": f.documentation,
                   "Samples": [{"Name": s.name, "Labels": s.labels, "Value": s.value} for s in f.samples]}
                  for f in families]))
