# Takes a network interface down wherever a pod of a name has it, and again as soon as it is up, also in pods that come
# later. Runs on a node, sees the node's processes, and ends with its pod: it puts nothing back.
set -u
echo "keeping $INTERFACE down in pods named $PODS"
while :; do
  for flags in /proc/[0-9]*/root/sys/class/net/"$INTERFACE"/flags; do
    [[ -e $flags ]] && read -r value < "$flags" || continue
    ((value & 1)) || continue # IFF_UP
    process=${flags#/proc/} process=${process%%/*}
    read -r pod < "/proc/$process/root/etc/hostname" || continue
    [[ $pod =~ ^($PODS)$ ]] || continue
    nsenter --target "$process" --net ip link set "$INTERFACE" down && echo "$INTERFACE of $pod is down"
  done 2> /dev/null
  sleep 0.2
done
