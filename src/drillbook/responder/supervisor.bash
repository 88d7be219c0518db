# Runs the responder's login shell and says how it ended. Arguments: working directory, token.
# The traps keep a "kill 0" that was meant for a command from taking this process too.
trap : HUP INT TERM
cd -- "$1" || exit 97
USER=$(id -un) && export USER LOGNAME=$USER
bash --noediting --login -i
code=$?
printf '\036%s %s\036' "$2" "$code" >&2
printf '\036%s %s\036' "$2" "$code"
