#!/bin/sh
# Everything `make soak` does: what `make test` does a little of, at length.
# KILLS and SEED say how often the daemon is killed, and when; STEPS how many
# steps the simulator takes; CUTS how often the power is cut at each level of
# durability. Each allocation fails once.
set -eu

cd "$(dirname "$0")/../.."
build=${1:-build}/soak
export PYTHONDONTWRITEBYTECODE=1

cmake -S . -B "$build" -G Ninja -DCMAKE_BUILD_TYPE=Release \
	-DTUTTI_BENCH=OFF -DTUTTI_SHARED_HEAP=ON >/dev/null
cmake --build "$build" -- --quiet

echo "== the engine is simulated"
"$build/tests/simulation/simulate" --seed "${SEED:-1}" \
	--steps "${STEPS:-10000000}"

echo "== memory is out"
for verb in run serve; do
	tests/faults/memory.py "$verb" --build "$build"
done

echo "== the power is cut"
CUTS=${CUTS:-100} TUTTI=$PWD/$build/tutti BUILD=$PWD/$build SOURCE=$PWD \
	bats tests/scenario/powercut.bats

echo "== the daemon is killed"
tests/soak/soak.py --build "$build" --kills "${KILLS:-500}" \
	${SEED:+--seed "$SEED"}

echo "== the daemon is killed, and its plugins take from queues"
tests/soak/soak.py --build "$build" --kills "${KILLS:-500}" --queued \
	${SEED:+--seed "$SEED"}
