# Kills what a command (or the whole session) started, without any tool but bash and sleep.
# Arguments: "command" or "session", the shell's process id, the session's token; then of the moment before the
# command: the system's uptime in centiseconds, the newest process id, and the process ids of the shell's jobs.
# "command" does as Ctrl-C would, then kills what is left; the shell itself and older jobs stay.
mode=$1 shell=$2 token=$3 since=$4 newest=$5
shift 5
declare -A parent started member kept

has_token() {
  local entry
  while IFS= read -r -d '' entry; do
    [[ $entry == "DRILLBOOK_SESSION=$token" ]] && return 0
  done 2>/dev/null <"/proc/$1/environ"
  return 1
}

# A process's start is known to a hundredth of a second only (the kernel's clock ticks for /proc are 100 a second).
is_new() { ((started[$1] > since || (started[$1] == since && $1 > newest))); }

read_processes() {
  local file line fields
  parent=() started=()
  for file in /proc/[0-9]*/stat; do
    { IFS= read -r line <"$file"; } 2>/dev/null || continue
    fields=(${line##*) })
    [[ ${fields[0]} == [ZX] ]] && continue
    file=${file#/proc/} file=${file%/stat}
    parent[$file]=${fields[1]} started[$file]=${fields[19]}
  done
}

# Puts every descendant of the process ids in the array $1 into that array.
close_over_children() {
  local -n set_of=$1
  local pid grown=1
  while ((grown)); do
    grown=0
    for pid in "${!parent[@]}"; do
      [[ -z ${set_of[$pid]} && -n ${set_of[${parent[$pid]}]} && -z ${kept[$pid]} ]] || continue
      set_of[$pid]=1 grown=1
    done
  done
}

find_victims() {
  local pid up
  victims=() member=()
  if [[ $mode == session ]]; then
    for pid in "${!parent[@]}"; do has_token "$pid" && member[$pid]=1; done
    [[ -n ${parent[$shell]} ]] && has_token "$shell" && member[$shell]=1
    close_over_children member
    victims=("${!member[@]}")
    return
  fi
  member[$shell]=1
  close_over_children member
  # What has left the shell's tree (setsid, daemons) still carries the session's token.
  for pid in "${!parent[@]}"; do
    up=${parent[$pid]}
    [[ -n ${member[$pid]} || -n ${kept[$pid]} || -n ${kept[$up]} || $pid == "${parent[$shell]}" ]] && continue
    is_new "$pid" && has_token "$pid" || continue
    [[ -n ${started[$up]} ]] && ! is_new "$up" && has_token "$up" && continue
    member[$pid]=1
  done
  unset "member[$shell]"
  victims=("${!member[@]}")
}

read_processes
# The process id is of another container when this one was started again.
[[ $mode == session ]] || has_token "$shell" || exit 0
# A job that is gone may have given its number to somebody else: only children of the shell count.
for pid; do [[ ${parent[$pid]} == "$shell" ]] && kept[$pid]=1; done
close_over_children kept
[[ $mode == command ]] && kill -INT "$shell" 2>/dev/null
for ((round = 0; round < 60; round++)); do
  find_victims
  ((${#victims[@]})) || break
  if [[ $mode == session ]] || ((round >= 10)); then
    kill -KILL "${victims[@]}" 2>/dev/null
    [[ $mode == command ]] && kill -INT "$shell" 2>/dev/null
  elif ((round == 0)); then
    kill -INT "${victims[@]}" 2>/dev/null
  fi
  sleep 0.02
  read_processes
done
echo "${#victims[@]}"
