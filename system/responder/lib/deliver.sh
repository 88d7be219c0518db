# shellcheck shell=bash
# What the three notification clients share: options, and one bounded request whose failure is a failure.

usage_error() {
  printf '%s: %s\n%s\n' "${0##*/}" "$1" "$USAGE" >&2
  exit 2
}

# read_options NAME... -- ARG...: sets option[NAME] from --NAME=VALUE or --NAME VALUE.
declare -A option=()
read_options() {
  local -a known=()
  local name value
  while [[ $1 != -- ]]; do known+=("$1"); shift; done
  shift
  while (($#)); do
    [[ $1 == --help || $1 == -h ]] && { printf '%s\n' "$USAGE"; exit 0; }
    [[ $1 == --* ]] || usage_error "unexpected argument '$1'"
    name=${1#--}; name=${name%%=*}
    [[ " ${known[*]} " == *" $name "* ]] || usage_error "unknown option '--$name'"
    if [[ $1 == *=* ]]; then
      value=${1#*=}
    else
      (($# > 1)) || usage_error "--$name needs a value"
      shift
      value=$1
    fi
    [[ -n $value ]] || usage_error "--$name is empty"
    # shellcheck disable=SC2034 # read by the scripts that source this file
    option[$name]=$value
    shift
  done
}

# deliver URL JSON [CURL-OPTION...]: prints the answer's body; not sent twice, since a repeat would page people twice.
deliver() {
  local url=$1 json=$2 answer status
  shift 2
  if ! answer=$(curl --silent --show-error --connect-timeout 3 --max-time 10 --write-out '\n%{http_code}' \
    --header 'Content-Type: application/json; charset=utf-8' "$@" --data-binary @- "$url" <<<"$json"); then
    printf '%s: not delivered: no answer from %s\n' "${0##*/}" "$url" >&2
    return 1
  fi
  status=${answer##*$'\n'}
  answer=${answer%$'\n'*}
  if [[ $status != 2?? ]]; then
    printf '%s: not delivered: %s answered %s: %s\n' "${0##*/}" "$url" "$status" "$answer" >&2
    return 1
  fi
  printf '%s\n' "$answer"
}

# routing_key SERVICE: the integration key that PAGERDUTY_SERVICES has for a service name; a key stands for itself.
routing_key() {
  local line
  while IFS= read -r line; do
    [[ $line == "$1="* ]] && { printf '%s' "${line#*=}"; return; }
  done <<<"${PAGERDUTY_SERVICES:-}"
  printf '%s' "$1"
}

# default_service: the first service name in PAGERDUTY_SERVICES.
default_service() {
  local first=${PAGERDUTY_SERVICES%%=*}
  printf '%s' "${first:-}"
}
