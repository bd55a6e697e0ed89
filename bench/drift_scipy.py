# Drift with SciPy, as the golden numbers were made: deciles of the reference,
# bins closed on the left, JS to base 2, PSI with shares of at least 1e-4, and
# the two-sample Kolmogorov-Smirnov statistic. The reference is binned once.
# Two files of 64-bit floats, column after column; each line asked is one round.
import json
import sys
import time

import numpy
import scipy
from scipy.spatial.distance import jensenshannon
from scipy.stats import ks_2samp

features = int(sys.argv[3])
reference = numpy.fromfile(sys.argv[1]).reshape(features, -1)
current = numpy.fromfile(sys.argv[2]).reshape(features, -1)


def shares(column, edges):
    counts = numpy.bincount(numpy.searchsorted(edges, column, side="right"), minlength=len(edges) + 1)
    return counts / len(column)


frozen = []
for column in reference:
    edges = numpy.unique(numpy.quantile(column, numpy.linspace(0, 1, 11)))[1:-1]
    frozen.append((edges, shares(column, edges)))


def measure():
    out = []
    for (edges, p), ref, column in zip(frozen, reference, current):
        q = shares(column, edges)
        js = jensenshannon(p, q, base=2)
        a, b = numpy.maximum(p, 1e-4), numpy.maximum(q, 1e-4)
        psi = float(numpy.sum((b - a) * numpy.log(b / a)))
        ks = ks_2samp(ref, column, mode="asymp").statistic
        out.append([float(js), psi, float(ks)])
    return out


print(json.dumps({"scipy": scipy.__version__, "numpy": numpy.__version__, "python": sys.version.split()[0]}), flush=True)
for line in sys.stdin:
    began, done = time.process_time(), 0
    while done < int(line):
        found = measure()
        done += 1
    print(json.dumps({"cpu_s": time.process_time() - began, "found": found}), flush=True)
