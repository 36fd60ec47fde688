# A disk that can be spoiled: see tests/disk/disk.c.

FAULTS=$WORK/faults

# start_on_disk CONFIG [ARG...]: as start_daemon.
start_on_disk() {
	mkdir -p "$FAULTS"
	LD_PRELOAD=$BUILD/tests/disk/disk.so DISK_FAULTS=$FAULTS \
		ASAN_OPTIONS=verify_asan_link_order=0:${ASAN_OPTIONS:-} \
		start_daemon "$@"
}

# Syncs that the daemon has asked for since it was started.
syncs() {
	stat -c %s "$FAULTS/syncs"
}

synced_more_than() {
	[ "$(syncs)" -gt "$1" ]
}

# power_cut SEED: nothing of ours goes on, and of what was not synced there is
# what SEED leaves; 0 leaves nothing.
power_cut() {
	stop_daemon KILL
	wait
	end_programs
	"$SOURCE/tests/disk/powercut.py" "$FAULTS" .tutti/data.mdb "$1"
}

# Plugin processes of a daemon that was killed.
end_programs() {
	local process
	for process in /proc/[0-9]*; do
		case $(readlink "$process/exe" 2>/dev/null) in
		"$TUTTI" | "$BUILD"/*)
			case $(readlink "$process/cwd" 2>/dev/null) in
			"$WORK"*) kill -9 "${process#/proc/}" 2>/dev/null || true ;;
			esac
			;;
		esac
	done
}
