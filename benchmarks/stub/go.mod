module drillbook/benchmarks/stub

go 1.22
