# Prepares the responder's shell; read from its standard input before the first command.
# Interactive, so that errors and Ctrl-C end a command and not the shell; job control, so that each command is a process group.
PS1= PS2= PROMPT_COMMAND=
unset HISTFILE MAILCHECK TMOUT
set +o history
set +H
set -m
exec 252>&1 253>&2
__drillbook_pipe=()
__drillbook_status() { return "$1"; }
__drillbook_after() {
  builtin local IFS=' ' token=$1 numbers=$2 children= uptime=0 newest=0
  # A command that changes the prompt would have it printed into the next command's stderr.
  PS1= PS2=
  [[ ${#__drillbook_pipe[@]} -eq 0 ]] || numbers="${__drillbook_pipe[*]}"
  __drillbook_pipe=()
  # What runs now, and what is newer than this moment, tells a later hung command's processes from these.
  builtin read -r children <"/proc/$$/task/$$/children" || :
  builtin read -r _ _ _ _ newest </proc/loadavg || :
  builtin read -r uptime _ </proc/uptime || :
  builtin printf '\036%s 0\036' "$token" >&253
  builtin printf '\036%s %s|%s|%s\036' "$token" "$numbers" "${uptime/./} $newest" "${children:0:2000}" >&252
}
