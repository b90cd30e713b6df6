#!/bin/bash
# Founds a network on four hosts that have nothing in common but a wire: network namespaces, each with an
# address, a name, a loopback and a directory of its own. The commands are those of docs/founding.md, word
# by word, as each member types them. One host is cut off while the keys are made, and one process is
# killed. Then four nodes run, something is registered at one, and its stamp, fetched from another, is
# verified in a namespace without any network by the network key alone. By the commands of the runbook
# (docs/operating.md) a fifth host then joins, and one of the four is expelled: its node stands still, its
# words are refused, it opens nothing, and what was sealed before opens for the others.
#
#   tests/founding/netns.sh [PROGRAM]      needs root and iproute2; says that it skips where they are not
set -euo pipefail

here=$(cd "$(dirname "$0")/../.." && pwd)
program=$(realpath "${1:-$here/target/debug/commonhold}")
page=$here/docs/founding.md
runbook=$here/docs/operating.md
names=(North East South West)
hosts=("${names[@]}" Valley)

skip() { echo "skipped: $1"; exit 0; }
[ "$(id -u)" = 0 ] || skip "not root"
command -v ip > /dev/null || skip "no iproute2"
tag=ch$$
ip netns add "$tag-lan" 2> /dev/null || skip "no network namespaces"

work=$(mktemp -d)
pids=()
finish() {
  code=$?
  for pid in "${pids[@]}"; do kill "$pid" 2> /dev/null || true; done
  wait 2> /dev/null || true
  for ns in lan none "${hosts[@]}"; do
    ip netns del "$tag-$ns" 2> /dev/null || true
    rm -rf "/etc/netns/$tag-$ns"
  done
  if [ "$code" != 0 ]; then tail -n 20 "$work"/*/*.log || true; fi
  rm -rf "$work"
  exit "$code"
}
trap finish EXIT
trap "exit 1" INT TERM

fail() { echo "failed: $1" >&2; exit 1; }

# The wire: a bridge in a namespace of its own, 10.77.0.0/24.
ip -n "$tag-lan" link add lan type bridge
ip -n "$tag-lan" link set lan up
number=0
for name in "${hosts[@]}"; do
  number=$((number + 1))
  ns=$tag-$name
  ip netns add "$ns"
  ip -n "$ns" link set lo up
  ip -n "$tag-lan" link add "port$number" type veth peer name eth0 netns "$ns"
  ip -n "$tag-lan" link set "port$number" master lan up
  ip -n "$ns" addr add "10.77.0.$number/24" dev eth0
  ip -n "$ns" link set eth0 up
  mkdir -p "$work/$name" "/etc/netns/$ns"
  {
    echo "127.0.0.1 localhost"
    for i in 1 2 3 4 5; do
      other=${hosts[$((i - 1))]}
      echo "10.77.0.$i ${other,,}.example"
    done
  } > "/etc/netns/$ns/hosts"
done
ip netns add "$tag-none"

# The command of the page that begins so.
lines=$(sed -e ':a' -e '/\\$/{N;s/\\\n//;ba' -e '}' "$page")
runbook_lines=$(sed -e ':a' -e '/\\$/{N;s/\\\n//;ba' -e '}' "$runbook")
page() { grep -m 1 "^    commonhold $1" <<< "$lines"; }

# The same as this member types it, on its host.
on() {
  local name=$1 line=$2
  cd "$work/$name"
  eval "set -- ${line#*commonhold }" # the pages quote reasons
  exec ip netns exec "$tag-$name" env -i PATH="$PATH" HOME="$work/$name" NO_COLOR=1 \
    COMMONHOLD_PASSPHRASE=of-a-test "$program" "$@"
}
# The command of the runbook that begins so, as this member types it.
follows() { # NAME COMMAND [SED EXPRESSION]
  local name=$1 line
  line=$(grep -m 1 "^    commonhold $2" <<< "$runbook_lines")
  on "$name" "$(sed -e "${3:-}" <<< "$line")"
}
types() {
  local name=$1 line
  line=$(page "$2")
  line=${line//--name North/--name $name}
  line=${line//north.example/${name,,}.example}
  line=${line//-o north.sig.json/-o ${name,,}.sig.json}
  line=${line//2026-12-01T09:00:00Z/$(date +%s) --epoch-blocks 40 --heartbeat-ms 100}
  on "$name" "$line"
}

hand_around() { # FILE: $name is whose
  for name in "${names[@]}"; do
    for to in "${names[@]}"; do
      from=$(eval echo "$1")
      [ "$from" -ef "$work/$to/${name,,}$2" ] || cp "$from" "$work/$to/${name,,}$2"
    done
  done
}

says() { # NAME LINE: waits until that member's program has said it
  until grep -qxF "$2" "$work/$1/keys.log"; do
    kill -0 "${running[$1]}" 2> /dev/null || fail "$1 ended before it said: $2"
    sleep 0.1
  done
}

echo "1. identities, each on its own host"
for name in "${names[@]}"; do (types "$name" "network identity") > /dev/null 2>> "$work/$name/say.log"; done
hand_around '$work/$name/member/member.json' .json

echo "2. one document, assembled by North"
(types North "network assemble") 2>> "$work/North/say.log"
for name in East South West; do cp "$work/North/founding.json" "$work/$name/"; done

echo "3. every member checks and signs it"
for name in "${names[@]}"; do
  (types "$name" "network check") > "$work/$name/check.log" 2>&1
  (types "$name" "network sign") > /dev/null 2>> "$work/$name/say.log"
done
hand_around '$work/$name/${name,,}.sig.json' .sig.json
(types West "network signatures")

echo "4. the keys, all at one time; West is cut off, and South is killed"
ip -n "$tag-West" link set eth0 down
declare -A running
keys() {
  (types "$1" "network keys") > "$work/$1/keys.out" 2>> "$work/$1/keys.log" &
  running[$1]=$!
  pids+=("$!")
}
for name in "${names[@]}"; do keys "$name"; done
for name in North East South; do says "$name" "Waiting for: West (dealing, acknowledgement)"; done
echo "   North, East and South say that they wait for West"
kill -9 "${running[South]}"
wait "${running[South]}" 2> /dev/null || true
ip -n "$tag-West" link set eth0 up
says West "Waiting for: South (dealing, acknowledgement)"
echo "   West, back on the wire, says that it waits for South"
keys South
says South "Going on with round 0 of the network key"
for name in "${names[@]}"; do
  wait "${running[$name]}" || fail "$name has no keys"
done
for name in East South West; do
  cmp "$work/North/member/genesis.json" "$work/$name/member/genesis.json"
done
key=$(awk '/^network key/ { print $3 }' "$work/North/keys.out")
echo "   all have the same genesis document; network key $key"

echo "5. the nodes"
for name in "${names[@]}"; do
  sed -i '/^\[http\]/,$d' "$work/$name/member/config.toml"
  sed -n '/^    \[http\]/,/^    peers/s/^    //p' "$page" > "$work/http.toml"
  if [ "$name" != North ]; then # as this member writes it
    sed -i "s/north\.example/NORTH/g; s/${name,,}\.example/north.example/g; s/NORTH/${name,,}.example/g" \
      "$work/http.toml"
  fi
  cat "$work/http.toml" >> "$work/$name/member/config.toml"
done
for name in "${names[@]}"; do
  (types "$name" node) > /dev/null 2> "$work/$name/node.log" &
  pids+=("$!")
done
for name in "${names[@]}"; do
  until ip netns exec "$tag-$name" bash -c 'exec 3<> /dev/tcp/127.0.0.1/8545' 2> /dev/null; do
    kill -0 "${pids[-1]}" || fail "a node ended"
  done
done
(on North "commonhold account import north member/account.key") > /dev/null
(on North "commonhold account register north") > /dev/null
echo "a first visit" > "$work/North/visit.txt"
id=$(on North "commonhold record put visit.txt --kind text/plain --seal --json" \
  | awk -F '"' '/"id"/ { print $4; exit }')
keepers=0
until [ "$keepers" -ge 3 ]; do
  keepers=$(find "$work"/*/member/data/vault/blobs -type f 2> /dev/null | wc -l)
  sleep 0.1
done
(on North "commonhold record open $id -o opened.txt") > /dev/null 2>> "$work/North/say.log"
cmp "$work/North/visit.txt" "$work/North/opened.txt"
echo "   what was sealed lies with $keepers members, and the members have opened it"
(on South "commonhold stamp --record $id --network-key $key -o visit.stamp.json") > /dev/null 2>> "$work/South/say.log"
mv "$work/South/visit.stamp.json" "$work/"
ip netns exec "$tag-none" "$program" verify "$work/visit.stamp.json" --network-key "$key"
echo "   founded on four hosts, final at all, proven to a stranger"

health() { # NAME FIELD: what that host's node says of itself, where it answers
  ip netns exec "$tag-$1" bash -c 'exec 3<> /dev/tcp/127.0.0.1/8545 || exit 0
    printf "GET /health HTTP/1.0\r\nHost: localhost\r\n\r\n" >&3; cat <&3' 2> /dev/null \
    | sed -n "s/.*\"$2\":\([0-9a-z]*\).*/\1/p"
}
reaches() { # NAME FIELD VALUE: waits until that host's node says at least so much
  until value=$(health "$1" "$2"); [ "${value:-0}" -ge "$3" ]; do sleep 0.2; done
}
from_epoch() { # ID: from which epoch on it holds what the proposal decided
  on North "commonhold member proposal $1 --json" | sed -n 's/.*"fromEpoch": \([0-9]*\).*/\1/p'
}
vote() { # ID: East and South are for it; with North's word that is enough among four and, with West's, among five
  for name in East South ${2:-}; do
    (follows "$name" "member vote" "s/ 0 / $1 /; s/--account east/--account ${name,,}/") > "$work/vote.out"
  done
  grep -qx accepted "$work/vote.out" || fail "proposal $1 is not accepted"
}

echo "6. a fifth host joins by vote"
for name in East South West; do
  (on "$name" "commonhold account import ${name,,} member/account.key") > /dev/null
done
(follows Valley "network identity -o member") > /dev/null 2>> "$work/Valley/say.log"
cp "$work/North/member/genesis.json" "$work/Valley/member/"
(follows Valley "account import valley") > /dev/null
(follows Valley "member application --config member") > /dev/null 2>> "$work/Valley/say.log"
cp "$work/Valley/valley.json" "$work/North/"
(follows North "member propose admit") > /dev/null
vote 0
epoch=$(from_epoch 0)
(follows Valley "node --config member/config.toml --join") > /dev/null 2> "$work/Valley/node.log" &
pids+=("$!")
reaches North epoch "$epoch"
until [ "$(health Valley signs)" = true ]; do
  kill -0 "${pids[-1]}" || fail "the fifth node ended"
  sleep 0.2
done
echo "   it signs, in epoch $(health Valley epoch) of five members"

echo "7. West is expelled"
(follows North "member propose expel") > /dev/null
vote 1 Valley
epoch=$(from_epoch 1)
reaches North epoch "$epoch"
stood=$(health West block)
reaches North block $((epoch * 40 + 40))
[ "$(health West block)" = "$stood" ] && [ "$stood" -le $((epoch * 40)) ] || fail "West still follows"
echo "   its node stands at block $stood, the others at $(health North block)"
code=0
(on West "commonhold member propose expel North --reason 'in return' --account west --rpc http://north.example:8545") \
  > /dev/null 2> "$work/West/say.log" || code=$?
[ "$code" = 1 ] && grep -q "acts for no member" "$work/West/say.log" || fail "West still speaks"
code=0
(cd "$work/West" && exec timeout 15 ip netns exec "$tag-West" env -i PATH="$PATH" HOME="$work/West" \
  COMMONHOLD_PASSPHRASE=of-a-test "$program" record open "$id" -o stolen.txt --account west) \
  > /dev/null 2>> "$work/West/say.log" || code=$?
[ "$code" != 0 ] && [ ! -e "$work/West/stolen.txt" ] || fail "West still opens"
echo "   its words are refused, and it opens nothing"
(on North "commonhold record open $id -o again.txt") > /dev/null 2>> "$work/North/say.log"
cmp "$work/North/visit.txt" "$work/North/again.txt"
(on Valley "commonhold stamp --record $id --network-key $key -o visit.stamp.json") > /dev/null 2>> "$work/Valley/say.log"
ip netns exec "$tag-none" "$program" verify "$work/visit.stamp.json" --network-key "$key"
echo "done: founded on four hosts, a fifth joined, one was expelled and is powerless, all is proven to a stranger"
