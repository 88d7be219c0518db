# Runs each command where it can reach nothing outside, and says how it ended and which stubs it called.
# Arguments: the working directory, how many seconds each may take, the commands. A line for each one that was run:
# its number, its exit code, the names of the stubs. It changes nothing but its own directory, which goes at the end.
home=$1 seconds=$2
shift 2
shell=$(command -v bash) limit=$(command -v timeout) scratch=$(mktemp -d) || exit
trap 'rm -rf "$scratch"' EXIT
cd -- "$home" && find . ! -name . \( ! -type f -o -size -512k \) -print0 |
  tar --create --null --no-recursion --files-from=- --file="$scratch/files" 2>/dev/null

# What only reads and writes files and text stays; every other program on the path becomes a stub that fails.
harmless=" [ awk base64 basename bash cat chmod cmp column comm cp cut date dd df diff dirname du echo egrep env expr \
false fgrep file find fold free gawk grep gunzip gzip head hostname id join jq ln ls mawk md5sum mkdir mktemp mv nl \
nproc numfmt od paste printenv printf ps pwd readlink realpath rev rm rmdir sed seq sh sha1sum sha256sum shuf sleep \
sort split stat tac tail tar tee test timeout touch tr true truncate tsort tty uname unexpand uniq uptime wc which \
whoami xargs yes yq zcat "
declare -A seen
mkdir "$scratch/bin"
real=() stubs=()
IFS=:
for directory in $PATH; do
  for path in "$directory"/*; do
    name=${path##*/}
    [[ -x $path && ! -d $path && -z ${seen[$name]} ]] || continue
    seen[$name]=1
    if [[ $harmless == *" $name "* ]]; then real+=("$path"); else stubs+=("$scratch/bin/$name"); fi
  done
done
unset IFS
stub="#!$shell
printf '%s\\n' \"\${0##*/}\" >>\"\$DRILLBOOK_CALLED\"
echo \"\${0##*/}: nothing outside can be reached here\" >&2
[[ \${0##*/} == curl ]] && exit 7
exit 1"
for path in "${stubs[@]}"; do printf '%s\n' "$stub" >"$path"; done
ln -s "${real[@]}" "$scratch/bin/"
chmod +x "${stubs[@]}"

# A network in which there is nobody, processes of its own, and the copy in the working directory's place. Where the
# container does not allow that, nothing is tried.
isolate=("$(command -v unshare)" --user --map-root-user --net --pid --fork --kill-child --mount)
enter='mount --bind . "$0" && cd -- "$0" && exec "$@"'
(cd "$scratch" && "${isolate[@]}" "$shell" -c "$enter" "$home" true) 2>/dev/null && isolate+=("$shell" -c "$enter" "$home") ||
  isolate=()

attempt() {
  local own=$scratch/$1 code
  mkdir -p "$own/work" && cd "$own/work" && tar --extract --file="$scratch/files" 2>/dev/null
  : >"$own/called"
  "$limit" --kill-after=1 "$seconds" "${isolate[@]}" env --ignore-environment PATH="$scratch/bin" HOME="$own" \
    TMPDIR="$own" TERM=dumb KUBECONFIG=/dev/null DRILLBOOK_CALLED="$own/called" http_proxy=http://127.0.0.1:9 \
    https_proxy=http://127.0.0.1:9 HTTPS_PROXY=http://127.0.0.1:9 ALL_PROXY=http://127.0.0.1:9 \
    "$shell" --noprofile --norc -c 'eval "$1"' bash "$2" </dev/null >/dev/null 2>&1
  code=$?
  printf '%s %s %s\n' "$1" "$code" "$(sort -u "$own/called" | tr '\n' ' ')"
}

number=0
for text; do
  # Whatever is started by a path is no stub: only where there is nobody to reach.
  [[ -n ${isolate[*]} ]] && attempt "$number" "$text" &
  ((++number % 4)) || wait
done
wait
exit 0
