import Glibc

/// The machine's clocks. Nothing else in the product reads them. About 25 ns a reading.
package struct HostClock: TimeSource {
    package init() {}

    package func monotonic() -> Int64 { read(CLOCK_MONOTONIC) }
    package func utc() -> Int64 { read(CLOCK_REALTIME) }

    private func read(_ clock: clockid_t) -> Int64 {
        var time = timespec()
        clock_gettime(clock, &time)
        return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
    }
}
