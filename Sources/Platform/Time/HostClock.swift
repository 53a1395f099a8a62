import Glibc

/// The machine's clocks. Nothing else in the product reads them. About 25 ns a reading.
package struct HostClock: TimeSource {
    package init() {}

    package func monotonic() -> Int64 { read(CLOCK_MONOTONIC) }
    package func utc() -> Int64 { read(CLOCK_REALTIME) }
    /// Processor time that the calling thread has used, ns: what work costs on a busy machine too.
    package func ofThread() -> Int64 { read(CLOCK_THREAD_CPUTIME_ID) }

    private func read(_ clock: clockid_t) -> Int64 {
        var time = timespec()
        clock_gettime(clock, &time)
        return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
    }
}
