#!/bin/bash
# Sends a bounded number of requests to the gateway and judges latency and errors.
set -uo pipefail

URL=http://ultra-cpp-gateway.ultra-cpp.svc.cluster.local
REQUESTS=
P99_MS=10
ERRORS_PERCENT=1
DRY_RUN=
LARGEST=5000

USAGE="usage: performance-test.sh --quick-validation|--full [--requests N] [--p99-ms MS] [--errors-percent P] [--url URL] [--dry-run]
  --quick-validation   300 requests
  --full               3000 requests
  --requests N         another number, at most $LARGEST
  --p99-ms MS          the slowest 99th percentile that passes (default $P99_MS)
  --errors-percent P   the largest share of failed requests that passes (default $ERRORS_PERCENT)
exit status: 0 within the thresholds, 1 over one of them, 2 usage"

usage_error() { printf 'performance-test: %s\n%s\n' "$1" "$USAGE" >&2; exit 2; }
number() { [[ $2 =~ ^[0-9]+(\.[0-9]+)?$ ]] || usage_error "$1 takes a number, not '$2'"; }

mode=
while (($#)); do
  case $1 in
    --quick-validation) mode=quick; REQUESTS=${REQUESTS:-300} ;;
    --full) mode=full; REQUESTS=${REQUESTS:-3000} ;;
    --dry-run) DRY_RUN=yes ;;
    --help | -h) printf '%s\n' "$USAGE"; exit 0 ;;
    --requests | --p99-ms | --errors-percent | --url)
      (($# > 1)) || usage_error "$1 needs a value"
      [[ $1 == --url ]] || number "$1" "$2"
      case $1 in
        --requests) REQUESTS=$2 ;;
        --p99-ms) P99_MS=$2 ;;
        --errors-percent) ERRORS_PERCENT=$2 ;;
        --url) URL=${2%/} ;;
      esac
      shift
      ;;
    *) usage_error "unknown option '$1'" ;;
  esac
  shift
done
[[ -n $mode ]] || usage_error "say --quick-validation or --full"
if ! [[ $REQUESTS =~ ^[1-9][0-9]{0,3}$ ]] || ((REQUESTS > LARGEST)); then
  usage_error "--requests must be 1 to $LARGEST"
fi
if [[ -n $DRY_RUN ]]; then
  echo "would send $REQUESTS requests to $URL/api/items/… (dry run)"
  exit 0
fi

# One curl for all of them, over kept-alive connections: a process for each would measure the processes.
requests() {
  local n
  for ((n = 1; n <= REQUESTS; n++)); do
    printf 'url = "%s/api/items/%d"\noutput = "/dev/null"\n' "$URL" $((n % 200 + 1))
  done
}
measured=$(requests | timeout 120 curl --silent --connect-timeout 2 --max-time 5 \
  --write-out '%{http_code} %{time_total}\n' --config - 2>/dev/null)

# Nearest rank, over all requests: one that failed has a latency too. Requests that curl never came to are errors.
read -r answered errors p50 p99 < <(sort -k2,2g <<<"$measured" | awk -v wanted="$REQUESTS" '
  NF == 2 { latency[++n] = $2 * 1000; if ($1 !~ /^2/) failed++ }
  function rank(share) { i = int(n * share); if (i < n * share) i++; return n ? latency[i > 0 ? i : 1] : 0 }
  END { printf "%d %d %.2f %.2f\n", n, failed + wanted - n, rank(0.50), rank(0.99) }')
echo "requests: $REQUESTS  answered: $answered  errors: $errors  p50: $p50 ms  p99: $p99 ms"
verdict=0
if ! awk -v e="$errors" -v n="$REQUESTS" -v most="$ERRORS_PERCENT" 'BEGIN { exit !(100 * e / n <= most) }'; then
  echo "FAIL: more than $ERRORS_PERCENT % of the requests failed"
  verdict=1
fi
if ! awk -v got="$p99" -v most="$P99_MS" 'BEGIN { exit !(got <= most) }'; then
  echo "FAIL: the 99th percentile is over $P99_MS ms"
  verdict=1
fi
((verdict)) || echo "PASS"
exit "$verdict"
