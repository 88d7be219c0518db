#!/bin/bash
# Takes the gateway back to the release before the present one, and says whether that helped.
set -uo pipefail

NAMESPACE=ultra-cpp
DEPLOYMENTS=(ultra-cpp-gateway-blue ultra-cpp-gateway-green)
READY_URL=http://ultra-cpp-gateway.ultra-cpp.svc.cluster.local/health/ready
TIMEOUT_S=120
DRY_RUN=

USAGE="usage: rollback.sh emergency|status [--dry-run] [--timeout SECONDS] [--namespace NAME] [--ready-url URL]
  emergency   roll ${DEPLOYMENTS[*]} back by one revision, wait for them, check that the Service is ready
  status      show the present and the previous revision of each
exit status: 0 done and ready, 1 rolled back but not ready (or the cluster refused), 2 usage,
             3 there is no previous revision to roll back to"

say() { printf 'rollback: %s\n' "$*"; }
complain() { printf 'rollback: %s\n' "$*" >&2; }
usage_error() { complain "$1"; printf '%s\n' "$USAGE" >&2; exit 2; }
left_s() { local left=$((deadline - SECONDS)); echo $((left > 1 ? left : 1)); }

# revisions DEPLOYMENT: "PRESENT PREVIOUS"; the previous one is 0 when no ReplicaSet of an older release is kept.
revisions() {
  local deployment sets
  deployment=$(kubectl get deployment "$1" -n "$NAMESPACE" -o json) || return 1
  sets=$(kubectl get replicasets -n "$NAMESPACE" -o json) || return 1
  jq -r --argjson deployment "$deployment" '
    "deployment.kubernetes.io/revision" as $key
    | ($deployment.metadata.annotations[$key] // "0" | tonumber) as $present
    | [.items[]
       | select(any(.metadata.ownerReferences[]?; .uid == $deployment.metadata.uid))
       | .metadata.annotations[$key] // "0" | tonumber | select(. < $present)]
    | "\($present) \(max // 0)"' <<<"$sets"
}

status() {
  local deployment present previous failed=0
  for deployment in "${DEPLOYMENTS[@]}"; do
    if read -r present previous < <(revisions "$deployment"); then
      say "$deployment: revision $present, previous $( ((previous)) && echo "$previous" || echo none)"
    else
      complain "$deployment: cannot be read"
      failed=1
    fi
  done
  return "$failed"
}

# roll_back: undoes what can be undone, all before any waiting; fills `rolled`; 1 = refused, 3 = nowhere to go back to.
rolled=()
roll_back() {
  local deployment present previous worst=0
  for deployment in "${DEPLOYMENTS[@]}"; do
    if ! read -r present previous < <(revisions "$deployment"); then
      complain "$deployment: cannot be read"
      worst=1
    elif ((previous == 0)); then
      complain "$deployment: NO PREVIOUS REVISION (present: $present); it cannot be rolled back"
      ((worst)) || worst=3
    elif [[ -n $DRY_RUN ]]; then
      say "$deployment: would go from revision $present to $previous (dry run)"
    elif kubectl rollout undo "deployment/$deployment" -n "$NAMESPACE" --to-revision="$previous" >/dev/null; then
      say "$deployment: from revision $present to $previous"
      rolled+=("$deployment")
    else
      complain "$deployment: the cluster refused the rollback"
      worst=1
    fi
  done
  return "$worst"
}

wait_for_rollouts() {
  local deployment failed=0
  for deployment in "${rolled[@]}"; do
    if kubectl rollout status "deployment/$deployment" -n "$NAMESPACE" --timeout="$(left_s)s" >/dev/null; then
      say "$deployment: rolled out"
    else
      complain "$deployment: NOT rolled out in time"
      failed=1
    fi
  done
  return "$failed"
}

wait_until_service_ready() {
  until curl --fail --silent --output /dev/null --max-time 2 "$READY_URL"; do
    if ((SECONDS >= deadline)); then
      complain "the Service is NOT ready: $READY_URL"
      return 1
    fi
    sleep 0.5
  done
  say "the Service is ready"
}

emergency() {
  local outcome=0
  roll_back || outcome=$?
  if [[ -z $DRY_RUN ]] && ((${#rolled[@]})); then
    wait_for_rollouts || outcome=1
    wait_until_service_ready || outcome=1
  fi
  ((outcome == 0)) || complain "FAILED (exit status $outcome): go on with the traffic diversion"
  return "$outcome"
}

mode=${1:-}
[[ $mode == --help || $mode == -h ]] && { printf '%s\n' "$USAGE"; exit 0; }
[[ $mode == emergency || $mode == status ]] || usage_error "say emergency or status, not '$mode'"
shift
while (($#)); do
  case $1 in
    --dry-run) DRY_RUN=yes ;;
    --timeout | --namespace | --ready-url)
      (($# > 1)) || usage_error "$1 needs a value"
      case $1 in
        --timeout)
          [[ $2 =~ ^[1-9][0-9]{0,3}$ ]] || usage_error "--timeout takes seconds, 1 to 9999, not '$2'"
          TIMEOUT_S=$2
          ;;
        --namespace) NAMESPACE=$2 ;;
        --ready-url) READY_URL=$2 ;;
      esac
      shift
      ;;
    --help | -h) printf '%s\n' "$USAGE"; exit 0 ;;
    *) usage_error "unknown option '$1'" ;;
  esac
  shift
done
deadline=$((SECONDS + TIMEOUT_S))
"$mode"
